"""How far rankings of the same things agree: Kendall's tau with ties. Pure.

Kendall (1945), The treatment of ties in ranking problems: over all pairs of things, with a and b the signs of their
difference in either ranking,

    tau_b = sum a b / sqrt(sum a^2  sum b^2)
"""

from collections.abc import Iterable, Sequence
from itertools import combinations

import numpy as np

from annotation.agreement import Agreement
from annotation.quality.bootstrap import mean_ratio


def kendall_tau(first: Sequence[float], second: Sequence[float]) -> float | None:
    """Tau-b of two lists of ranks of the same things; None where one of them ties everything."""
    a, b = (np.sign(np.subtract.outer(np.asarray(ranks), np.asarray(ranks))) for ranks in (first, second))
    norm = np.sqrt((a * a).sum() * (b * b).sum())
    return float((a * b).sum() / norm) if norm else None


def ranking_agreement(units: Iterable[Sequence[Sequence[float]]], **options) -> Agreement:
    """The mean tau of two people who ranked the same item, over all such pairs; resampled by item."""
    sums, counts, ratings = [], [], 0
    for unit in units:
        taus = [tau for pair in combinations(unit, 2) if (tau := kendall_tau(*pair)) is not None]
        if taus:
            sums.append(round(sum(taus), 9))
            counts.append(len(taus))
            ratings += len(unit)
    if not sums:
        return Agreement(None, None, None, 0, 0)
    return Agreement(*mean_ratio(np.array(sums), np.array(counts), **options), len(sums), ratings)
