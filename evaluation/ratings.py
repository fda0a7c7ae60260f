"""Bradley-Terry strengths from votes, with honest intervals. Pure: no Django, no torch.

P(i beats j) = σ(θ_i - θ_j); a tie is half a win for each. Fitted by Newton's method on the concave log-likelihood.
Intervals are cluster-robust (evaluation/clusters.py) and keep the whole covariance, so that a difference of two
strengths has its own: Var(θ_i - θ_j) = V_ii + V_jj - 2 V_ij.

The maximum exists only if everybody both scored and gave points, directly or through others (Ford 1957: the graph
"scored against" is strongly connected). Where it does not, one imagined tie against an average opponent is given to
each, which keeps every strength finite; `bounded` is then False and the page says so.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np
from scipy.sparse.csgraph import connected_components

from evaluation.clusters import Spread, spread
from evaluation.votes import Vote

ELO = 400 / np.log(10)  # one unit of θ on the Elo scale
LEVEL = 0.95


@dataclass(frozen=True)
class Difference:
    """θ_first - θ_second in natural units; `p` is Holm-corrected over all pairs that can be compared."""

    first: Hashable
    second: Hashable
    value: float
    error: float
    p: float

    @property
    def separated(self) -> bool:
        return self.p < 1 - LEVEL


@dataclass(frozen=True)
class Ratings:
    """`strengths` have mean zero. `group` numbers the parts that no vote links: no saying who is better across them."""

    players: tuple[Hashable, ...]
    strengths: np.ndarray
    bounded: bool
    group: np.ndarray
    spread: Spread
    _bread: np.ndarray

    @cached_property
    def _covariances(self) -> list[np.ndarray]:
        return [self._bread @ meat @ self._bread for meat in self.spread.meats]

    def error(self, contrast: np.ndarray) -> float | None:
        """The standard error of contrast·θ, for a contrast that sums to zero. None where there are too few groups."""
        if not self.spread.over:
            return None
        return float(np.sqrt(max(0.0, *(contrast @ covariance @ contrast for covariance in self._covariances))))

    def against(self, first: int, second: int) -> np.ndarray:
        contrast = np.zeros(len(self.players))
        contrast[first], contrast[second] = 1, -1
        return contrast

    def above(self, player: Hashable, baseline: Hashable | None = None) -> tuple[float, float | None]:
        """(difference, standard error) to the baseline, or to the mean of all, in natural units."""
        i = self.players.index(player)
        if baseline is None:
            contrast = self.against(i, i) - 1 / len(self.players)
            contrast[i] = 1 - 1 / len(self.players)
        elif player == baseline:
            return 0.0, None
        else:
            contrast = self.against(i, self.players.index(baseline))
        return float(contrast @ self.strengths), self.error(contrast)

    @cached_property
    def differences(self) -> list[Difference]:
        """Every pair that votes link, with Holm's correction. Empty where there are too few groups."""
        if not self.spread.over:
            return []
        raw = []
        for i, j in combinations(range(len(self.players)), 2):
            if self.group[i] != self.group[j]:
                continue
            value, error = float(self.strengths[i] - self.strengths[j]), self.error(self.against(i, j))
            p = self.spread.p_value(value / error) if error > 0 else float(value == 0)
            raw.append((self.players[i], self.players[j], value, error, p))
        corrected = holm([row[4] for row in raw])
        return [Difference(*row[:4], p) for row, p in zip(raw, corrected, strict=True)]

    def rank_range(self, player: Hashable) -> tuple[int, int]:
        """Best and worst rank that the separated differences allow."""
        better = worse = 0
        for difference in self.differences:
            if not difference.separated or player not in (difference.first, difference.second):
                continue
            wins = difference.value > 0 if player == difference.first else difference.value < 0
            worse, better = worse + wins, better + (not wins)
        return 1 + better, len(self.players) - worse


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's step-down adjusted p-values: p_(k) becomes max over l ≤ k of (m - l + 1) p_(l), at most 1."""
    adjusted, highest = [0.0] * len(p_values), 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = highest
    return adjusted


def fit(votes: Sequence[Vote], players: Sequence[Hashable] | None = None) -> Ratings:
    """Strengths of `players` (by default everybody with a vote, in order of appearance).

    A player without votes stands at the average and is linked to nobody. Raises ValueError with fewer than two players.
    """
    votes = list(votes)
    if players is None:
        players = dict.fromkeys(name for vote in votes for name in (vote.first, vote.second))
    players = tuple(players)
    if len(players) < 2:
        raise ValueError("ratings need two players")
    place = {name: number for number, name in enumerate(players)}
    size = len(players)
    first = np.array([place[vote.first] for vote in votes], dtype=np.int64)
    second = np.array([place[vote.second] for vote in votes], dtype=np.int64)
    score = np.array([vote.score for vote in votes], dtype=float)

    points = np.zeros((size, size))  # points[i, j]: what i scored against j
    np.add.at(points, (first, second), score)
    np.add.at(points, (second, first), 1 - score)
    strong, _ = connected_components(points > 0, directed=True, connection="strong")
    _, group = connected_components(points + points.T > 0, directed=False)
    bounded = strong == 1
    strengths, hessian = _newton(points, prior=0.0 if bounded else 1.0)

    residual = score - _expected(strengths[first] - strengths[second])

    def sums(groups: np.ndarray, count: int) -> np.ndarray:
        shape = count * size
        total = np.bincount(groups * size + first, residual, shape) - np.bincount(
            groups * size + second, residual, shape
        )
        return total.reshape(count, size)

    return Ratings(players, strengths - strengths.mean(), bounded, group, spread(votes, sums), np.linalg.inv(hessian))


def _expected(difference: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-np.clip(difference, -500, 500)))


def _newton(points: np.ndarray, *, prior: float) -> tuple[np.ndarray, np.ndarray]:
    """The maximum of Σ points[i, j] ln σ(θ_i - θ_j) + prior Σ ½ (ln σ(θ_i) + ln σ(-θ_i)), and minus its Hessian.

    Without the prior the likelihood is flat along (1, …, 1); the term that fixes the mean there changes no difference.
    """
    games, size = points + points.T, len(points)
    gauge = 0.0 if prior else max(games.sum() / size, 1.0)

    def value(theta):
        gap = theta[:, None] - theta[None, :]
        own = np.logaddexp(0, theta) + np.logaddexp(0, -theta)
        return -(points * np.logaddexp(0, -gap)).sum() - prior * own.sum() / 2 - gauge * theta.mean() ** 2 / 2

    theta, best = np.zeros(size), None
    for _ in range(200):
        expected = _expected(theta[:, None] - theta[None, :])
        gradient = (points - games * expected).sum(1) + prior * (0.5 - _expected(theta)) - gauge * theta.mean() / size
        information = games * expected * (1 - expected)
        hessian = np.diag(information.sum(1) + prior * _expected(theta) * _expected(-theta)) - information
        hessian += gauge / size**2
        best = value(theta) if best is None else best
        step, length = np.linalg.solve(hessian, gradient), 1.0
        while length > 1e-8 and value(theta + length * step) < best:
            length /= 2
        theta = theta + length * step
        best = value(theta)
        if np.abs(length * step).max() < 1e-12 or length <= 1e-8:
            break
    return theta, hessian
