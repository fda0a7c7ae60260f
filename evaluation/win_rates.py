"""How often one beats another, with an interval that respects that votes cluster. Pure: no Django, no torch.

A tie is half a win. The interval is Wilson's, at the number of independent votes that would be as uncertain as these
are: n_eff = p(1-p) / V with V the cluster-robust variance (evaluation/clusters.py), at most n (Korn and Graubard 1998).
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import permutations
from math import ceil, sqrt

import numpy as np
from scipy import stats

from evaluation.clusters import Spread, spread
from evaluation.votes import Vote

POWER = 0.8  # how likely "about N more votes" are to separate two, if the rate stays as it is


@dataclass(frozen=True)
class WinRate:
    """`rate` over `votes` votes; `low` and `high` are None where too few prompts and people voted for an interval."""

    rate: float
    votes: int
    ties: int
    low: float | None
    high: float | None
    effective: float
    spread: Spread

    @property
    def decided(self) -> bool:
        """The interval leaves out one half."""
        return self.low is not None and not self.low <= 0.5 <= self.high

    @property
    def votes_to_go(self) -> int | None:
        """About how many more votes like these would separate the two, with a chance of four in five.

        None where that is not to be known: nothing to go, no interval yet, or a rate so near one half that the
        distance itself is mostly noise.
        """
        if self.low is None or self.decided:
            return None
        distance = abs(self.rate - 0.5)
        variance = self.rate * (1 - self.rate)
        if distance < sqrt(variance / self.effective) / 2:
            return None
        wanted = (self.spread.quantile() + stats.norm.ppf(POWER)) ** 2 * variance / distance**2
        more = (wanted / self.effective - 1) * self.votes
        if more <= 0:
            return None
        coarse = 10 ** max(1, len(str(ceil(more))) - 2)
        return ceil(more / coarse) * coarse


def win_rate(votes: Sequence[Vote], player: Hashable) -> WinRate | None:
    """How often `player` wins over all votes that it is part of. None without any."""
    own = [vote for vote in votes if player in (vote.first, vote.second)]
    if not own:
        return None
    score = np.array([vote.score if vote.first == player else 1 - vote.score for vote in own])
    count, rate = len(own), float(score.mean())
    ties = int((score == 0.5).sum())
    centred = score - rate
    how = spread(own, lambda group, size: np.bincount(group, centred, size)[:, None])
    if not how.over:
        return WinRate(rate, count, ties, None, None, float(count), how)
    variance = max(float(meat[0, 0]) for meat in how.meats) / count**2
    effective = min(float(count), rate * (1 - rate) / variance) if variance > 0 else _least(count, how)
    low, high = wilson(rate, effective, how.quantile())
    return WinRate(rate, count, ties, low, high, effective, how)


def _least(count: int, how: Spread) -> float:
    """All votes equal: nothing is known of their clustering, so each group counts once. All ties: half says itself."""
    return float(min(count, how.freedom + 1))


def wilson(rate: float, count: float, quantile: float) -> tuple[float, float]:
    """Wilson's score interval: the rates p with |rate - p| ≤ quantile · √(p (1-p) / count)."""
    spare = quantile**2 / count
    centre = (rate + spare / 2) / (1 + spare)
    half = quantile * sqrt(rate * (1 - rate) / count + spare / (4 * count)) / (1 + spare)
    return float(max(0.0, centre - half)), float(min(1.0, centre + half))


def between(votes: Sequence[Vote], first: Hashable, second: Hashable) -> WinRate | None:
    """How often `first` beats `second`, over the votes on these two."""
    return win_rate([vote for vote in votes if {vote.first, vote.second} == {first, second}], first)


def win_matrix(votes: Sequence[Vote], players: Sequence[Hashable]) -> dict[tuple[Hashable, Hashable], WinRate | None]:
    """(row, column) → how often the row beats the column. Built from one pass over the votes."""
    pairs: dict[frozenset, list[Vote]] = {}
    for vote in votes:
        pairs.setdefault(frozenset((vote.first, vote.second)), []).append(vote)
    return {
        (row, column): win_rate(pairs.get(frozenset((row, column)), []), row)
        for row, column in permutations(players, 2)
    }
