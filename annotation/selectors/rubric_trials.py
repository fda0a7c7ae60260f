"""A trial of a rubric: what people, judges and verifiers gave the same completions, side by side."""

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
from django.db.models import Q, QuerySet

from annotation import rubric_scores
from annotation.models import (
    Completion,
    FeedbackJob,
    JudgeVersion,
    Project,
    RubricItem,
    RubricScore,
    RubricTrial,
    RubricVersion,
)
from annotation.rubric_document import category_for
from annotation.selectors.rubrics import with_items

LEAST_COMPARED = 5  # completions scored by both sides before a difference is shown
PEOPLE = (RubricScore.Scorer.PERSON, RubricScore.Scorer.SIMULATED)  # whom others are measured against, real ones first


def of_version(version: RubricVersion) -> QuerySet[RubricTrial]:
    return version.trials.order_by("-pk").select_related("created_by")[:10]


def judges(project: Project) -> list[JudgeVersion]:
    """Judges that can score one answer alone: all that are models, and rules that rate."""
    rows = JudgeVersion.objects.filter(judge__project=project, judge__retired_at=None)
    able = Q(source__isnull=False) | Q(mode__in=("score", "rating"))
    return list(rows.filter(able).select_related("judge").order_by("judge__name", "-number"))


def jobs_of(trial: RubricTrial) -> list[FeedbackJob]:
    """What judges were asked about a trial, newest first."""
    jobs = FeedbackJob.objects.filter(project=trial.version.rubric.project_id, kind=FeedbackJob.Kind.RUBRIC)
    return list(jobs.filter(options__trial=trial.pk).select_related("judge__judge").order_by("-pk")[:5])


@dataclass(frozen=True)
class Side:
    """Who scored: people together, simulated ones together, one judge or import by name; verifiers are `verifier`."""

    key: str
    title: str
    kind: str


@dataclass
class Cell:
    """What one side gave one completion on one item: means over its `n` scores."""

    score: float | None
    confidence: float | None
    n: int
    reasons: list[RubricScore] = field(default_factory=list)
    error: str = ""


@dataclass
class Row:
    item: RubricItem
    cells: list[Cell | None]


@dataclass
class Total:
    """Both forms of equation 15 over the items that have a score; None where none has."""

    side: Side
    as_printed: float | None
    bounded: float | None
    items: int
    of: int


@dataclass
class Sheet:
    completion: Completion
    category: object
    rows: list[Row]
    totals: list[Total]
    reasons: list[tuple[RubricItem, Side, Cell]]


@dataclass(frozen=True)
class Compared:
    """A side against people on one item, or on all: mean difference and mean absolute difference over `n`."""

    side: Side
    n: int
    difference: float | None
    absolute: float | None


def read(trial: RubricTrial) -> dict:
    """Everything the page of a trial shows: sides, a sheet for each completion, who differs from people where."""
    version = with_items([trial.version_id])[trial.version_id]
    completions = list(trial.completions.select_related("prompt", "source").order_by("prompt", "pk"))
    categories = {completion.pk: category_for(version.categories.all(), completion.prompt.category)
                  for completion in completions}  # fmt: skip
    scores = _scores(trial, version)
    sides = _sides(scores)
    cells = _cells(scores)
    trust = _trust(cells)
    sheets = [_sheet(one, categories[one.pk], sides, cells, trust) for one in completions if categories[one.pk]]
    items = [item for category in version.categories.all() for item in category.items.all() if not item.retired]
    base = next((side for side in sides if side.kind in PEOPLE), None)
    others = [side for side in sides if side != base] if base else []
    compared = [(item, [_compared(side, base, [item.pk], cells) for side in others]) for item in items]
    overall = [_compared(side, base, [item.pk for item in items], cells) for side in others]
    return {
        "version": version,
        "sides": sides,
        "sheets": sheets,
        "base": base,
        "others": others,
        "compared": compared,
        "overall": overall,
        "least": LEAST_COMPARED,
        "scored": len(scores),
    }


def _scores(trial: RubricTrial, version: RubricVersion) -> list[RubricScore]:
    found = RubricScore.objects.filter(item__category__version=version, completion__in=trial.completions.values("pk"))
    return list(found.select_related("rater").order_by("pk"))


def side_of(score: RubricScore) -> Side:
    kind = score.scorer
    if kind == RubricScore.Scorer.PERSON:
        return Side("person", "People", kind)
    if kind == RubricScore.Scorer.SIMULATED:
        return Side("simulated", "Simulated people", kind)
    if kind == RubricScore.Scorer.VERIFIER:
        return Side("verifier", "Verifier", kind)
    return Side(f"{kind}-{score.rater_id}", score.rater.name, kind)


def _sides(scores: list[RubricScore]) -> list[Side]:
    """People first, then judges, verifiers last: the order of columns."""
    places = [RubricScore.Scorer.PERSON, RubricScore.Scorer.SIMULATED, RubricScore.Scorer.IMPORTED,
              RubricScore.Scorer.JUDGE, RubricScore.Scorer.VERIFIER]  # fmt: skip
    return sorted({side_of(score) for score in scores}, key=lambda side: (places.index(side.kind), side.title))


def _cells(scores: list[RubricScore]) -> dict[tuple[str, int, int], Cell]:
    groups = defaultdict(list)
    for score in scores:
        groups[side_of(score).key, score.completion_id, score.item_id].append(score)
    return {key: _cell(group) for key, group in groups.items()}


def _cell(group: list[RubricScore]) -> Cell:
    given = [row for row in group if row.score is not None]
    sure = [row.confidence for row in given if row.confidence is not None]
    return Cell(
        score=sum(row.score for row in given) / len(given) if given else None,
        confidence=sum(sure) / len(sure) if sure else None,
        n=len(given),
        reasons=[row for row in group if row.reason or row.critique],
        error=next((row.error for row in group if row.error), ""),
    )


def _trust(cells: dict) -> dict[tuple[str, int], float]:
    """phibar: the mean confidence of a side in an item, over all completions here."""
    groups = defaultdict(list)
    for (side, _, item), cell in cells.items():
        if cell.confidence is not None:
            groups[side, item].append(cell.confidence)
    return {key: sum(values) / len(values) for key, values in groups.items()}


def _sheet(completion: Completion, category, sides: list[Side], cells: dict, trust: dict) -> Sheet:
    items = [item for item in category.items.all() if not item.retired]
    rows = [Row(item, [cells.get((side.key, completion.pk, item.pk)) for side in sides]) for item in items]
    totals = [_total(side, completion, items, cells, trust) for side in sides]
    told = [
        (row.item, side, cell)
        for row in rows
        for side, cell in zip(sides, row.cells, strict=True)
        if cell and (cell.reasons or cell.error)
    ]
    return Sheet(completion, category, rows, totals, told)


def _total(side: Side, completion: Completion, items: list[RubricItem], cells: dict, trust: dict) -> Total:
    """Over the side's own scores, and the verifier's on items that the side left out. Programs alone have no total."""
    if side.kind == RubricScore.Scorer.VERIFIER:
        return Total(side, None, None, 0, len(items))
    used = []
    for item in items:
        for key in (side.key, "verifier"):
            cell = cells.get((key, completion.pk, item.pk))
            if cell and cell.score is not None:
                used.append((cell.score, item.weight, trust.get((key, item.pk), 1.0)))
                break
    if not used or not any(weight * sure for _, weight, sure in used):
        return Total(side, None, None, len(used), len(items))
    scores, weights, sure = (np.array(column) for column in zip(*used, strict=True))
    return Total(
        side,
        float(rubric_scores.as_printed(scores, weights, sure)),
        float(rubric_scores.bounded(scores, weights, sure)),
        len(used),
        len(items),
    )


def _compared(side: Side, base: Side, items: list[int], cells: dict) -> Compared:
    gaps = [
        cell.score - people.score
        for (key, completion, item), cell in cells.items()
        if key == side.key and item in items and cell.score is not None
        and (people := cells.get((base.key, completion, item))) and people.score is not None
    ]  # fmt: skip
    if len(gaps) < LEAST_COMPARED:
        return Compared(side, len(gaps), None, None)
    return Compared(side, len(gaps), sum(gaps) / len(gaps), sum(map(abs, gaps)) / len(gaps))


def of_completions(completions) -> dict[int, list[RubricScore]]:
    """Every score of some completions, by completion, newest version first: for the page of an item."""
    found = RubricScore.objects.filter(completion__in=list(completions)).select_related(
        "rater", "item__category__version__rubric"
    )
    by_completion = defaultdict(list)
    for score in found.order_by("-item__category__version", "item__category__position", "item__position", "pk"):
        by_completion[score.completion_id].append(score)
    return by_completion
