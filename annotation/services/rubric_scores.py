"""Scores on rubric items: written by people's judgments, by judges, by verifiers. What is written again replaces."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from annotation.chunks import chunked
from annotation.errors import Refused
from annotation.models import ItemCompletion, Judgment, Rater, RubricItem, RubricScore

CHUNK = 1000
PER_STATEMENT = 400  # SQLite takes a thousand conditions


@dataclass(frozen=True)
class Scored:
    """One item's score of one completion, by id. Without a score `error` says why there is none."""

    item: int
    completion: int
    score: float | None
    confidence: float | None = None
    reason: str = ""
    critique: str = ""
    error: str = ""


@transaction.atomic
def record_scores(rows: Iterable[Scored], *, rater: Rater | None, at: datetime | None = None) -> int:
    """Write scores that stand in no judgment: a judge's, or a verifier's where `rater` is None. Returns how many.

    An older score of the same rater for the same item and completion is replaced. Raises Refused for a score or
    confidence outside [0, 1]. Enqueues nothing.
    """
    count = 0
    for chunk in chunked(rows, PER_STATEMENT):
        pairs = {(row.item, row.completion): row for row in chunk}
        old = RubricScore.objects.filter(
            rater=rater,
            judgment=None,
            item__in={item for item, _ in pairs},
            completion__in={completion for _, completion in pairs},
        )
        gone = [
            pk for pk, item, completion in old.values_list("pk", "item", "completion") if (item, completion) in pairs
        ]
        RubricScore.objects.filter(pk__in=gone).delete()
        RubricScore.objects.bulk_create(_row(row, rater=rater, judgment=None, at=at) for row in pairs.values())
        count += len(pairs)
    return count


@transaction.atomic
def keep_judgments(judgments: Iterable[Judgment]) -> None:
    """Make the score rows of rubric judgments what these now say; none where one is withdrawn or no answer.

    Call it in the transaction that writes the judgments.
    """
    for chunk in chunked(judgments, CHUNK):
        RubricScore.objects.filter(judgment__in=[judgment.pk for judgment in chunk]).delete()
        standing = [row for row in chunk if row.outcome == Judgment.Outcome.ANSWER and not row.withdrawn]
        raters = Rater.objects.in_bulk({row.rater_id for row in standing})
        places = _completions({row.item_id for row in standing})
        items = _items(standing)
        RubricScore.objects.bulk_create(
            (
                _row(scored, rater=raters[judgment.rater_id], judgment=judgment, at=judgment.judged_at)
                for judgment in standing
                for scored in _scored_in(judgment.value, places[judgment.item_id], items)
            ),
            batch_size=CHUNK,
        )


def _scored_in(value: dict, places: list[tuple[int, int]], items: dict[tuple, int]) -> list[Scored]:
    """The scores in a rubric judgment's value (interfaces.rubric.true_value), of completions by place."""
    return [
        Scored(pk, completion, entry["score"], entry["confidence"], entry["reason"])
        for (project, completion), sheet in zip(places, value.get("sheets", ()), strict=False)
        for key, entry in sheet.items()
        if (pk := items.get((project, value["rubric"], value["version"], key)))
    ]


def _completions(items: set[int]) -> dict[int, list[tuple[int, int]]]:
    """(project, completion) of each item's places, in true order."""
    found = defaultdict(list)
    entries = ItemCompletion.objects.filter(item__in=items).order_by("item", "index")
    for item, project, completion in entries.values_list("item", "item__project", "completion"):
        found[item].append((project, completion))
    return found


def _items(judgments: list[Judgment]) -> dict[tuple, int]:
    """Rows of rubric items by (project, rubric, version, key), of the rubrics that the judgments speak of."""
    rubrics = {row.value["rubric"] for row in judgments if row.value.get("rubric")}
    found = RubricItem.objects.filter(category__version__rubric__uid__in=rubrics)
    columns = ("category__version__rubric__project", "category__version__rubric__uid", "category__version__number")
    return {
        (project, str(uid), number, str(key)): pk
        for project, uid, number, key, pk in found.values_list(*columns, "key", "pk")
    }


def monday(at: datetime) -> date:
    day = timezone.localdate(at)
    return day - timedelta(days=day.weekday())


def _row(row: Scored, *, rater: Rater | None, judgment: Judgment | None, at: datetime | None) -> RubricScore:
    for name in ("score", "confidence"):
        value = getattr(row, name)
        if value is not None and not 0 <= value <= 1:
            raise Refused(f"A {name} lies between 0 and 1, not at {value:g}.", code=name)
    at = at or timezone.now()
    return RubricScore(
        item_id=row.item,
        completion_id=row.completion,
        rater=rater,
        judgment=judgment,
        score=row.score,
        confidence=row.confidence if row.score is not None else None,
        reason=row.reason,
        critique=row.critique,
        error=row.error,
        scorer=rater.kind if rater else RubricScore.Scorer.VERIFIER,
        scored_at=at,
        week=monday(at),
    )
