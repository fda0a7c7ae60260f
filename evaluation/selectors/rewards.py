"""What reward models say of each contender's answers: a mean with its interval over prompts, or why there is none."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, stdev

from scipy import stats

from annotation.models import GenerationRow
from evaluation.clusters import LEAST_GROUPS
from evaluation.models import Comparison
from evaluation.selectors.contenders import Contender
from training.models import CompletionScore


@dataclass(frozen=True)
class MeanScore:
    """The mean over `count` prompts; no interval below five."""

    value: float
    low: float | None
    high: float | None
    count: int


@dataclass(frozen=True)
class ScorerRow:
    """One reward model: the mean of each contender in the order of the table, what is still to come, what failed."""

    name: str
    means: list[MeanScore | None]
    waiting: int
    error: str


def scorers_of(comparison: Comparison, contenders: Iterable[Contender]) -> list[ScorerRow]:
    """One row for each reward model of the comparison. Three queries, one where there is none."""
    scorers = list(comparison.scorers.order_by("name", "pk"))
    if not scorers:
        return []
    contenders = list(contenders)
    answers = GenerationRow.objects.filter(request__entry__comparison=comparison, completion__isnull=False)
    source_of = dict(answers.values_list("completion_id", "request__source_id"))
    found = defaultdict(list)
    for score in CompletionScore.objects.filter(completion__in=source_of, checkpoint__in=scorers):
        found[score.checkpoint_id].append(score)
    rows = []
    for scorer in scorers:
        by_source = defaultdict(list)
        for score in found[scorer.pk]:
            if score.value is not None:
                by_source[source_of[score.completion_id]].append(score.value)
        rows.append(
            ScorerRow(
                name=scorer.name,
                means=[mean_score(by_source[contender.source]) for contender in contenders],
                waiting=sum(score.value is None and not score.error for score in found[scorer.pk]),
                error=next((score.error for score in found[scorer.pk] if score.error), ""),
            )
        )
    return rows


def mean_score(values: Sequence[float]) -> MeanScore | None:
    """The mean and Student's interval; each prompt has one answer, so the values are independent."""
    if not values:
        return None
    mean, count = fmean(values), len(values)
    if count < LEAST_GROUPS:
        return MeanScore(mean, None, None, count)
    half = float(stats.t.ppf(0.975, count - 1)) * stdev(values) / sqrt(count)
    return MeanScore(mean, mean - half, mean + half, count)
