"""What a project's loop says of labels, agreement and snapshots; and what waits there for whom."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby

from django.core.cache import cache
from django.db.models import Count, Max, Q
from django.db.models.functions import TruncDate
from django.urls import reverse
from django.utils import timezone

from annotation.agreement import krippendorff_alpha
from annotation.loop import Station, Waiting
from annotation.models import ImportJob, Instruction, Item, Judgment, Membership, Project, Rater, Snapshot
from annotation.selectors.snapshot_source import chosen_judgments
from annotation.snapshot_card import LEAST_OVERLAPS
from annotation.snapshot_filters import Filters

EVERYTHING = Filters(rater_kinds=("person", "imported", "simulated"), origins=("label", "import", "simulated"))
ENOUGH = 50  # judgments before a snapshot makes sense
_LOW = 0.4
_KEPT_SECONDS = 120
_COUNTED_SECONDS = 20


def label_stations(projects: Sequence[Project]) -> dict[int, Station]:
    """Judgments of the last seven days, and all of them per item; counted anew every twenty seconds."""
    keys = {project.pk: f"labels:{project.split_salt}" for project in projects}
    known = cache.get_many(keys.values())
    missing = [project for project in projects if keys[project.pk] not in known]
    if missing:
        known |= {keys[pk]: told for pk, told in _count_labels(missing).items()}
        cache.set_many({keys[project.pk]: known[keys[project.pk]] for project in missing}, _COUNTED_SECONDS)
    return {project.pk: _labels(*known[keys[project.pk]]) for project in projects}


def _count_labels(projects: Sequence[Project]) -> dict[int, tuple[list[int], int, int, int]]:
    """Judgments of each of the last seven days, of all days; the items they are on; how many are simulated."""
    today = timezone.now().date()
    live = Judgment.objects.filter(item__project__in=projects, item__published=True, withdrawn=False, surplus=False)
    days: dict[int, Counter] = {project.pk: Counter() for project in projects}
    recent = live.filter(judged_at__date__gt=today - timedelta(days=7)).annotate(day=TruncDate("judged_at"))
    for project, day, count in recent.values_list("item__project", "day").annotate(n=Count("pk")).order_by():
        days[project][day] += count
    totals = {
        project: facts
        for project, *facts in live.values_list("item__project")
        .annotate(
            n=Count("pk"),
            items=Count("item", distinct=True),
            simulated=Count("pk", filter=Q(rater__kind=Rater.Kind.SIMULATED)),
        )
        .order_by()
    }
    week = [today - timedelta(days=back) for back in range(6, -1, -1)]
    return {pk: ([found[day] for day in week], *totals.get(pk, (0, 0, 0))) for pk, found in days.items()}


def _labels(bars: list[int], count: int, items: int, simulated: int) -> Station:
    if not count:
        return Station("None yet", "import pairs, then invite people to judge them", quiet=True, waits=3)
    told = f"{count:,} in all, {count / items:.1f} per pair"
    if simulated:
        told += f"; {'all' if simulated == count else format(simulated, ',')} simulated"
    return Station(f"{sum(bars):,}", told, bars=bars, waits=1)


def agreement_stations(projects: Sequence[Project]) -> dict[int, Station]:
    return {project.pk: _agreement(agreement_of(project)) for project in projects}


def agreement_of(project: Project) -> dict:
    """Alpha of what several raters said of one item; kept for two minutes, because it reads every judgment."""
    return cache.get_or_set(f"agreement:{project.split_salt}", lambda: _measure(project), _KEPT_SECONDS)


def _measure(project: Project) -> dict:
    rows = chosen_judgments(project, EVERYTHING).exclude(strength=None).order_by("item_id")
    units, scales, simulated = [], set(), False
    columns = ("item_id", "scale", "strength", "rater__kind")
    for _, said in groupby(rows.values_list(*columns).iterator(), key=lambda row: row[0]):
        voices = list(said)
        if len(voices) > 1:
            units.append([strength for _, _, strength, _ in voices])
            scales.update(scale for _, scale, _, _ in voices)
            simulated = simulated or any(kind == Rater.Kind.SIMULATED for *_, kind in voices)
    if len(units) < LEAST_OVERLAPS:
        return {"items": len(units), "value": None}
    graded = len(scales) == 1 and max(scales) > 3
    if not graded:
        units = [[(strength > 0) - (strength < 0) for strength in unit] for unit in units]
    level = "ordinal" if graded else "nominal"
    found = krippendorff_alpha(units, level=level, resamples=400)
    told = {"items": len(units), "level": level, "simulated": simulated}
    return told | {"value": found.value, "low": found.low, "high": found.high}


def _agreement(told: dict) -> Station:
    if told["value"] is None:
        seen = f"{told['items']:,} overlap{'' if told['items'] == 1 else 's'}; shown from {LEAST_OVERLAPS} on"
        return Station("Not yet", seen, quiet=True)
    value, low, high = told["value"], told["low"], told["high"]
    return Station(
        f"{value:.2f}",
        f"α {told['level']}, {told['items']:,} overlaps{', with simulated raters' if told['simulated'] else ''}",
        interval=(value, low, high),
        waits=5 if high < _LOW else 0,
    )


def snapshot_stations(projects: Sequence[Project]) -> dict[int, Station]:
    """The newest snapshot of judgments; lists of prompts are frozen too, but the loop does not go through them."""
    judged = Snapshot.objects.filter(project__in=projects).exclude(format=Snapshot.Format.PROMPT_ONLY)
    newest = judged.values("project").annotate(pk=Max("pk")).values("pk")
    found = {snapshot.project_id: snapshot for snapshot in Snapshot.objects.filter(pk__in=newest)}
    return {project.pk: _snapshot(project, found.get(project.pk)) for project in projects}


def _snapshot(project: Project, snapshot: Snapshot | None) -> Station:
    newer = newer_judgments(project, snapshot)
    if snapshot is None:
        detail = "freeze one when labels are in" if newer < ENOUGH else f"{newer:,} judgments wait to be frozen"
        return Station("None", detail, quiet=True, waits=4 if newer >= ENOUGH else 0)
    detail = f"{snapshot.get_state_display().lower()}, {snapshot.judgment_count:,} judgments"
    if snapshot.frozen_at:
        detail = f"frozen on {snapshot.frozen_at:%-d %B}, {snapshot.judgment_count:,} judgments"
    if newer:
        detail += f"; {newer:,} newer ones are not in it yet"
    url = reverse("annotation:snapshot", args=[project.slug, snapshot.pk]) if "DATA_VIEW" in project.may else ""
    return Station(snapshot.name, detail, url=url, waits=4 if newer >= ENOUGH else 0)


def newer_judgments(project: Project, snapshot: Snapshot | None) -> int:
    """Judgments that the newest snapshot's filters would take in, had they been there."""
    if snapshot is None:
        return chosen_judgments(project, EVERYTHING).count()
    filters = Filters.read({**snapshot.filters, "through": 0})
    return chosen_judgments(project, filters).filter(pk__gt=snapshot.filters.get("through", 0)).count()


def waiting(_user, projects: Sequence[Project]) -> list[Waiting]:
    """Flagged items, and imports and snapshots that failed in the last week, for those who can mend them."""
    mine = {project.pk: project for project in projects if "DATA_MANAGE" in project.may}
    recent = timezone.now() - timedelta(days=7)
    found = [
        Waiting(
            "flag",
            f"{count:,} flagged",
            f"{mine[pk].name}: people flagged {'this item' if count == 1 else 'these items'}; nobody is asked about "
            f"{'it' if count == 1 else 'them'} until somebody looked.",
            reverse("annotation:items", args=[mine[pk].slug]) + "?state=flagged",
            "Look at them",
            weight=2,
        )
        for pk, count in Item.objects.filter(project__in=mine, put_aside=True)
        .values_list("project")
        .annotate(n=Count("pk"))
        .order_by()
    ]
    for job in ImportJob.objects.filter(project__in=mine, state=ImportJob.State.FAILED, finished_at__gt=recent)[:5]:
        slug = mine[job.project_id].slug
        rows = "1 row is wrong" if job.error_count == 1 else f"{job.error_count:,} rows are wrong"
        found.append(
            Waiting("alert", "Import failed", f"Nothing of {job.name} was imported: {rows}.",
                    reverse("annotation:import", args=[slug, job.pk]), "See the rows", "warn", 3)
        )  # fmt: skip
    for snapshot in Snapshot.objects.filter(project__in=mine, state="failed", created_at__gt=recent)[:5]:
        slug = mine[snapshot.project_id].slug
        found.append(
            Waiting("alert", "Not frozen", f"{snapshot.name}: {snapshot.error}",
                    reverse("annotation:snapshot", args=[slug, snapshot.pk]), "Look at it", "warn", 3)
        )  # fmt: skip
    return found


def headlines(projects: Sequence[Project]) -> dict[int, dict]:
    """How many people and which guide a project has."""
    people = dict(
        Membership.objects.filter(project__in=projects).values_list("project").annotate(n=Count("pk")).order_by()
    )
    guides = dict(
        Instruction.objects.filter(project__in=projects).values_list("project").annotate(n=Max("number")).order_by()
    )
    return {project.pk: {"people": people.get(project.pk, 0), "guide": guides.get(project.pk)} for project in projects}
