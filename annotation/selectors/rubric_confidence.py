"""How sure scorers are of each item of a rubric: means with intervals, over versions and weeks.

Low confidence points at an item that is hard to score, so at one to reword or to split. Verifiers are left out: they
are always sure. An item's own figure counts the scores given for its present wording, over all versions that have it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.core.cache import cache
from django.db.models import Count, F, Sum

from annotation.models import Rubric, RubricItem, RubricScore, RubricVersion
from annotation.rubric_scores import mean_interval

LEAST = 10  # scores before a figure is shown
LOW = 0.7  # a mean below this is for review
_KEPT_SECONDS = 30
_MUCH = 50_000


@dataclass(frozen=True)
class Confidence:
    """A mean of `n` confidences with its interval; None where n is below LEAST."""

    n: int = 0
    sum: float = 0.0
    squares: float = 0.0

    def __add__(self, other: "Confidence") -> "Confidence":
        return Confidence(self.n + other.n, self.sum + other.sum, self.squares + other.squares)

    @property
    def interval(self) -> tuple[float, float, float] | None:
        return mean_interval(self.n, self.sum, self.squares, least=LEAST)

    @property
    def mean(self) -> float | None:
        return self.interval[0] if self.interval else None

    @property
    def low(self) -> float | None:
        return self.interval[1] if self.interval else None

    @property
    def high(self) -> float | None:
        return self.interval[2] if self.interval else None

    @property
    def doubtful(self) -> bool:
        return self.mean is not None and self.mean < LOW

    @property
    def missing(self) -> int:
        """How many more scores it takes before the figure is shown."""
        return max(LEAST - self.n, 0)


@dataclass
class History:
    """What is known of one item: its present wording, and each version and week on its own."""

    item: RubricItem
    now: Confidence = Confidence()
    versions: dict[int, Confidence] = field(default_factory=dict)
    weeks: dict[date, Confidence] = field(default_factory=dict)
    texts: dict[int, str] = field(default_factory=dict)


def of_version(version: RubricVersion, *, scorer: str = "") -> dict[int, Confidence]:
    """The figure of each item of a version, by the item's id."""
    return {history.item.pk: history.now for history in histories(version, scorer=scorer)}


def histories(version: RubricVersion, *, scorer: str = "") -> list[History]:
    """Every active item of a version with its history, the least sure first, those without a figure last."""
    items = [item for category in version.categories.all() for item in category.items.all() if not item.retired]
    rows = _counted(version.rubric, scorer)
    by_key: dict = {}
    for row in rows:
        by_key.setdefault(row["key"], []).append(row)
    found = [_history(item, by_key.get(item.key, ())) for item in items]
    return sorted(found, key=lambda history: (history.now.mean is None, history.now.mean or 0))


def to_review(version: RubricVersion) -> int:
    """How many items have a low mean confidence."""
    return sum(confidence.doubtful for confidence in of_version(version).values())


def _history(item: RubricItem, rows: Iterable[dict]) -> History:
    history = History(item)
    for row in rows:
        counted = Confidence(row["n"], row["total"], row["squares"])
        number, week = row["number"], row["week"]
        if row["text"] == item.text:
            history.now += counted
        history.versions[number] = history.versions.get(number, Confidence()) + counted
        history.weeks[week] = history.weeks.get(week, Confidence()) + counted
        history.texts[number] = row["text"]
    history.versions = dict(sorted(history.versions.items()))
    history.weeks = dict(sorted(history.weeks.items()))
    return history


def _counted(rubric: Rubric, scorer: str) -> list[dict]:
    """Count, sum and sum of squares by item and week. Of much data the figures may be half a minute old."""
    key = f"rubric-confidence:{rubric.pk}:{scorer}"
    found = cache.get(key)
    if found is None:
        found = _count(rubric, scorer)
        if sum(row["n"] for row in found) >= _MUCH:
            cache.set(key, found, _KEPT_SECONDS)
    return found


def _count(rubric: Rubric, scorer: str) -> list[dict]:
    items = {
        row["pk"]: row
        for row in RubricItem.objects.filter(category__version__rubric=rubric).values(
            "pk", "key", "text", number=F("category__version__number")
        )
    }
    scorers = [scorer] if scorer else [kind for kind in RubricScore.Scorer.values if kind != "verifier"]
    scores = RubricScore.objects.filter(item__in=list(items), scorer__in=scorers, confidence__isnull=False)
    sums = (
        scores.order_by()
        .values("item", "week")
        .annotate(n=Count("confidence"), total=Sum("confidence"),
                  squares=Sum(F("confidence") * F("confidence")))
    )  # fmt: skip
    return [{**items[row.pop("item")], **row} for row in sums]
