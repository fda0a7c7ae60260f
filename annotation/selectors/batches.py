"""Figures of batches, side by side: how much, how fast, how far people agree."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import groupby
from statistics import median

from django.db.models import F, QuerySet
from django.utils import timezone

from annotation.agreement import Agreement, krippendorff_alpha
from annotation.models import Batch, Judgment, Project
from annotation.selectors.work import Share, wilson
from annotation.snapshot_card import LEAST_OVERLAPS

LEAST_TIMES, LEAST_CLEAR, LEAST_GOLD = 4, 20, 5
_ANSWERS = ("answer", "both_bad")


@dataclass(frozen=True)
class BatchFigures:
    """Shares and agreement are None below their least n; `n` of each is said."""

    batch: Batch
    judgments: int
    items: int
    raters: int
    skipped: int
    flagged: int
    seconds: float | None
    timed: int
    left: Share | None
    clear: int
    agreement: Agreement | None
    level: str
    overlaps: int
    gold: Share | None
    gold_asked: int


def judgments_of(batch: Batch) -> QuerySet[Judgment]:
    """What stands of the batch: between its days, of its items if it has any."""
    found = Judgment.objects.filter(
        item__project=batch.project_id, item__published=True, withdrawn=False, surplus=False
    )
    if batch.since:
        found = found.filter(judged_at__gte=_midnight(batch.since))
    if batch.until:
        found = found.filter(judged_at__lt=_midnight(batch.until + timedelta(days=1)))
    if batch.entries.exists():
        found = found.filter(item__in=batch.entries.values("item"))
    return found


def _midnight(day) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def figures_of(batch: Batch) -> BatchFigures:
    """One pass over the batch's judgments."""
    columns = ("item", "rater", "outcome", "scale", "strength", "shown_order", "active_ms", "item__gold")
    rows = judgments_of(batch).order_by("item").values_list(*columns)
    items, raters, times, units, scales = 0, set(), [], [], set()
    count = skipped = flagged = left = clear = right = asked = 0
    for _, said in groupby(rows.iterator(chunk_size=2000), key=lambda row: row[0]):
        items, voices = items + 1, []
        for _, rater, outcome, scale, strength, order, ms, gold in said:
            count += 1
            raters.add(rater)
            skipped, flagged = skipped + (outcome == "skip"), flagged + (outcome == "broken")
            if ms and outcome in _ANSWERS:
                times.append(ms / 1000)
            if strength is not None and scale:
                voices.append(strength)
                scales.add(scale)
            if strength and len(order) == 2:
                clear, left = clear + 1, left + (order[0] == (0 if strength > 0 else 1))
            known = (gold or {}).get("strength")
            if known and strength is not None:
                asked, right = asked + 1, right + ((known > 0) == (strength > 0) and strength != 0)
        if len(voices) > 1:
            units.append(voices)
    graded = len(scales) == 1 and max(scales, default=0) > 3
    level = "ordinal" if graded else "nominal"
    if not graded:
        units = [[(strength > 0) - (strength < 0) for strength in unit] for unit in units]
    enough = len(units) >= LEAST_OVERLAPS
    return BatchFigures(
        batch=batch,
        judgments=count,
        items=items,
        raters=len(raters),
        skipped=skipped,
        flagged=flagged,
        seconds=median(times) if len(times) >= LEAST_TIMES else None,
        timed=len(times),
        left=wilson(left, clear) if clear >= LEAST_CLEAR else None,
        clear=clear,
        agreement=krippendorff_alpha(units, level=level, resamples=400) if enough else None,
        level=level,
        overlaps=len(units),
        gold=wilson(right, asked) if asked >= LEAST_GOLD else None,
        gold_asked=asked,
    )


def batches_of(project: Project) -> list[Batch]:
    return list(project.batches.order_by(F("since").asc(nulls_first=True), "pk")[:100])
