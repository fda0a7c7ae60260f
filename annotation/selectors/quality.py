"""Quality reports as the pages show them: the newest, its people as the reader may see them, its items."""

from dataclasses import dataclass

from django.core.cache import cache
from django.core.paginator import Paginator
from django.db.models import Prefetch, Q, QuerySet

from annotation.models import (
    Disagreement,
    Item,
    ItemCompletion,
    Judgment,
    Project,
    QualityReport,
    Rater,
    RaterFigures,
)
from annotation.queues import kind_of, title_of
from annotation.selectors.quality_source import weighed_judgments
from annotation.selectors.snapshot_source import pseudonym

PAGE = 8
State = QualityReport.State


@dataclass(frozen=True)
class Scope:
    """What a report is over: a queue or all of them, some days or all of them."""

    queue: str = ""
    since: str = ""
    until: str = ""

    @property
    def fields(self) -> dict:
        return {"queue": self.queue, "since": self.since, "until": self.until}

    @property
    def query(self) -> dict:
        return {name: value for name, value in self.fields.items() if value}


@dataclass(frozen=True)
class Standing:
    """The newest report that is ready, the one under way, and the newest one if it failed."""

    ready: QualityReport | None
    under_way: QualityReport | None
    failed: QualityReport | None
    newer: int


def standing(project: Project, scope: Scope) -> Standing:
    """A few queries, whatever there is; `newer` stops counting at a thousand."""
    reports = QualityReport.objects.filter(project=project, **scope.fields).order_by("-pk")
    ready = reports.filter(state=State.READY).first()
    latest = reports.defer("body", "circles").first()
    under_way = latest if latest and latest.state in (State.QUEUED, State.COMPUTING) else None
    failed = latest if latest and latest.state == State.FAILED else None
    newer = 0
    if ready:
        newer = weighed_judgments(project, **scope.fields).filter(pk__gt=ready.through)[:1000].count()
    return Standing(ready, under_way, failed, newer)


def ready_report(project: Project, scope: Scope) -> QualityReport | None:
    reports = QualityReport.objects.filter(project=project, state=State.READY, **scope.fields)
    return reports.order_by("-pk").first()


def name_of(project: Project, rater: Rater) -> str:
    """A rater as this reader may see them: `project.may` says."""
    return rater.name if "PEOPLE" in project.may else pseudonym(rater.pk, rater.kind, rater.name)


SORTS = {
    "judgments": ("-judgments", "rater_id"),
    "right": ("right", "rater_id"),
    "name": ("rater__name", "rater_id"),
}


def raters_of(project: Project, report: QualityReport, *, sort: str = "judgments") -> list[RaterFigures]:
    """Everybody in the report, each with `who`."""
    order = SORTS.get(sort, SORTS["judgments"])
    rows = list(RaterFigures.objects.filter(report=report).select_related("rater").order_by(*order)[:500])
    for row in rows:
        row.who = name_of(project, row.rater)
    return rows


def rater_figures(project: Project, report: QualityReport, pk: int) -> RaterFigures | None:
    row = RaterFigures.objects.filter(report=report, rater=pk).select_related("rater").first()
    if row:
        row.who = name_of(project, row.rater)
    return row


def rater_history(project: Project, pk: int, scope: Scope, *, limit: int = 12) -> list[RaterFigures]:
    """The rater's figures in earlier reports over the same, oldest first."""
    reports = QualityReport.objects.filter(project=project, state=State.READY, **scope.fields)
    rows = RaterFigures.objects.filter(report__in=reports, rater=pk).select_related("report")
    columns = ("right", "judgments", "weight", "report__finished_at")
    return list(rows.only(*columns).order_by("-report")[:limit])[::-1]


KINDS = {"": "any", "sides": "opposite sides", "degree": "only how strongly", "bad": "somebody said both bad"}


def disagreements(report: QualityReport, *, category: str = "", kind: str = "", rater: int = 0) -> QuerySet:
    """The report's items, furthest apart first."""
    rows = Disagreement.objects.filter(report=report, item__published=True)
    if category:
        rows = rows.filter(item__prompt__category=category)
    live = Q(item__judgments__withdrawn=False, item__judgments__outcome="answer")
    first = rows.filter(live, item__judgments__strength__gt=0).values("pk")
    second = rows.filter(live, item__judgments__strength__lt=0).values("pk")
    if kind == "sides":
        rows = rows.filter(pk__in=first).filter(pk__in=second)
    elif kind == "degree":
        rows = rows.exclude(Q(pk__in=first) & Q(pk__in=second))
    elif kind == "bad":
        bad = Judgment.objects.filter(withdrawn=False, outcome="both_bad", item__disagreements__report=report)
        rows = rows.filter(item__in=bad.values("item"))
    if rater:
        mine = Judgment.objects.filter(rater=rater, withdrawn=False, item__disagreements__report=report)
        rows = rows.filter(item__in=mine.values("item"))
    return rows.order_by("-score", "pk")


def disagreement_page(project: Project, rows: QuerySet, number: str):
    """One page of them with texts and voices, each voice with `who`."""
    page = Paginator(rows, PAGE).get_page(number)
    page.object_list = list(page.object_list)
    items = items_with_voices(project, [row.item_id for row in page.object_list])
    for row in page.object_list:
        row.told = items[row.item_id]
    return page


def items_with_voices(project: Project, pks: list[int]) -> dict[int, Item]:
    """Items with completions and standing judgments, raters as the reader may see them. Three queries."""
    voices = Judgment.objects.filter(withdrawn=False).select_related("rater").order_by("judged_at", "pk")
    entries = ItemCompletion.objects.select_related("completion").order_by("index")
    items = (
        Item.objects.filter(project=project, pk__in=pks)
        .select_related("prompt")
        .prefetch_related(Prefetch("entries", entries), Prefetch("judgments", voices))
    )
    found = {}
    for item in items:
        item.voices = list(item.judgments.all())
        for voice in item.voices:
            voice.who = name_of(project, voice.rater)
        found[item.pk] = item
    return found


def circles_of(project: Project, report: QualityReport) -> list[dict]:
    """The first circular triads of the report: who, and the three items, A over B, B over C, C over A."""
    told = report.circles[:20]
    items = items_with_voices(project, [pk for circle in told for pk in circle["items"]])
    raters = Rater.objects.in_bulk([circle["rater"] for circle in told])
    found = []
    for circle in told:
        if circle["rater"] not in raters or not all(pk in items for pk in circle["items"]):
            continue
        who = name_of(project, raters[circle["rater"]])
        steps = [_step(items[pk], circle["rater"]) for pk in circle["items"]]
        if all(steps):
            found.append(
                {"who": who, "rater": circle["rater"], "prompt": items[circle["items"][0]].prompt, "steps": steps}
            )
    return found


def _step(item: Item, rater: int) -> dict | None:
    """Which completion this rater put over which."""
    voice = next((voice for voice in item.voices if voice.rater_id == rater and voice.strength), None)
    texts = [entry.completion.text for entry in item.entries.all()]
    if voice is None or len(texts) != 2:
        return None
    won = 0 if voice.strength > 0 else 1
    return {"item": item, "better": texts[won], "worse": texts[1 - won]}


def queues(project: Project) -> list[tuple[str, str]]:
    """The queues that a report can be over, with their titles; comparisons have pages of their own."""
    key = f"quality-queues:{project.split_salt}"
    names = cache.get(key)
    if names is None:
        names = sorted(Item.objects.filter(project=project, published=True).values_list("queue", flat=True).distinct())
        cache.set(key, names, 60)
    titles = {task.queue: task.title for task in project.tasks.all()}
    known = (kind_of(queue) for queue in names)
    return [
        (queue, titles.get(queue) or title_of(queue))
        for queue, kind in zip(names, known, strict=True)
        if kind is None or kind.origin == "label"
    ]
