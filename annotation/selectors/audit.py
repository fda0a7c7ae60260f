"""The audit log, filtered and page by page."""

from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from annotation.audit_words import lines, title_of
from annotation.models import AuditEntry, Project

PAGE = 50


@dataclass(frozen=True)
class Wanted:
    """What a reader asks for; nothing else can be filtered by."""

    action: str = ""
    by: str = ""
    target: str = ""
    since: date | None = None
    until: date | None = None

    @classmethod
    def read(cls, given) -> "Wanted":
        """Of a query string; what does not read is left out."""
        values = {field.name: str(given.get(field.name, ""))[:200] for field in fields(cls)}
        for name in ("since", "until"):
            values[name] = _day(values[name])
        return cls(**values)

    def as_query(self) -> dict:
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: str(value) for name, value in values.items() if value}


def entries(project: Project, wanted: Wanted) -> QuerySet[AuditEntry]:
    """Newest first."""
    found = AuditEntry.objects.filter(project=project)
    if wanted.action:
        area = wanted.action.endswith(".")
        found = found.filter(**{"action__startswith" if area else "action": wanted.action})
    if wanted.by:
        found = found.filter(by_name=wanted.by)
    if wanted.target:
        found = found.filter(Q(target__icontains=wanted.target) | Q(target_key=wanted.target))
    if wanted.since:
        found = found.filter(at__gte=_midnight(wanted.since))
    if wanted.until:
        found = found.filter(at__lt=_midnight(wanted.until + timedelta(days=1)))
    return found.order_by("-pk")


def entry_page(project: Project, wanted: Wanted, *, before: int = 0) -> tuple[list[AuditEntry], int]:
    """A page of entries with `title` and `lines`, and the id to go on before (0: that was the last)."""
    found = entries(project, wanted)
    rows = list((found.filter(pk__lt=before) if before else found)[: PAGE + 1])
    more, rows = len(rows) > PAGE, rows[:PAGE]
    for row in rows:
        row.title, row.lines = title_of(row.action), lines(row.before, row.after)
    return rows, rows[-1].pk if more else 0


def choices(project: Project) -> dict[str, list]:
    """Actions and people that there are, for the filters."""
    own = AuditEntry.objects.filter(project=project).order_by()
    actions = own.values_list("action", flat=True).distinct()
    people = own.exclude(by_name="").values_list("by_name", flat=True).distinct()
    return {"actions": [(name, title_of(name)) for name in sorted(actions)], "people": sorted(people)}


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
