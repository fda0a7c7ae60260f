"""How much an item would teach: spread of an ensemble, disagreement of people. Pure."""

from collections.abc import Sequence
from math import exp, sqrt


def probability(gap: float) -> float:
    """Bradley-Terry: that the first is preferred, from the difference of scores."""
    return 1 / (1 + exp(-gap)) if gap >= 0 else exp(gap) / (1 + exp(gap))


def ensemble_spread(gaps: Sequence[float]) -> float:
    """Standard deviation over an ensemble of the probability that the first is preferred; in [0, 0.5].

    `gaps`: each member's score of the first completion less that of the second. Members that were drawn from different
    seeds agree where the data has taught them, and differ where it has not (Lakshminarayanan and others, 2017).
    """
    if len(gaps) < 2:
        raise ValueError("An ensemble has at least two members.")
    chances = [probability(gap) for gap in gaps]
    mean = sum(chances) / len(chances)
    return sqrt(sum((chance - mean) ** 2 for chance in chances) / len(chances))


def split_share(strengths: Sequence[float]) -> float:
    """How far people are from one mind: 0 when all prefer the same side, 1 when they are evenly split.

    Ties belong to neither side; two sides of n₁ and n₂ people give 2 min(n₁, n₂) / (n₁ + n₂).
    """
    first, second = sum(s > 0 for s in strengths), sum(s < 0 for s in strengths)
    return 2 * min(first, second) / (first + second) if first + second else 0.0
