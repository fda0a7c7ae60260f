"""How far raters agree: Krippendorff's alpha, Fleiss' kappa and raw agreement, with bootstrap intervals. Pure.

A unit is what was said of one item: the answers of everybody who judged it, missing ones left out. Units with fewer
than two answers say nothing about agreement and are left out of every figure.

Krippendorff (2011), Computing Krippendorff's Alpha-Reliability: with the coincidences o_ck (ordered pairs of answers
inside a unit, each weighted by 1 / (m_u - 1)), their margins n_c and total n,

    alpha = 1 - D_o / D_e,   D_o = sum_ck o_ck d2_ck,   D_e = sum_ck n_c n_k d2_ck / (n - 1)

nominal: d2_ck = [c != k];  ordinal: d2_ck = (n_c / 2 + sum of the margins strictly between + n_k / 2)^2;
interval: d2_ck = (c - k)^2;  ratio: d2_ck = ((c - k) / (c + k))^2.

Fleiss (1971), Measuring nominal scale agreement among many raters, for units of any size: with P_u the share of equal
pairs in unit u and p_c the share of all answers that are c,

    kappa = (mean_u P_u - sum_c p_c^2) / (1 - sum_c p_c^2)

The interval resamples units with replacement (annotation/quality/bootstrap.py).
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from annotation.quality.bootstrap import estimate

LEVELS = ("nominal", "ordinal", "interval", "ratio")


@dataclass(frozen=True)
class Agreement:
    """A figure with what it is over. `value` is None where it is not defined; `low` and `high` then too."""

    value: float | None
    low: float | None
    high: float | None
    units: int
    ratings: int

    def as_dict(self) -> dict:
        return asdict(self)


@dataclass(frozen=True)
class _Patterns:
    """The distinct units as counts of each category, [P, C], and how often each occurs, [P]."""

    categories: tuple
    counts: np.ndarray
    times: np.ndarray

    @property
    def units(self) -> int:
        return int(self.times.sum())

    @property
    def ratings(self) -> int:
        return int(self.times @ self.counts.sum(axis=1))


def _patterns(units: Iterable[Sequence[Hashable]]) -> _Patterns:
    seen = Counter(tuple(sorted(unit)) for unit in units if len(unit) > 1)
    categories = tuple(sorted({value for unit in seen for value in unit}))
    place = {value: number for number, value in enumerate(categories)}
    counts = np.zeros((len(seen), len(categories)))
    for row, unit in enumerate(seen):
        for value in unit:
            counts[row, place[value]] += 1
    return _Patterns(categories, counts, np.array(list(seen.values()), dtype=float))


def _distances(margins: np.ndarray, categories: tuple, level: str) -> np.ndarray:
    """Squared distances between categories, [B, C, C], for margins [B, C]."""
    size = margins.shape[1]
    if level == "ordinal":
        middle = np.cumsum(margins, axis=1) - margins / 2
        return (middle[:, :, None] - middle[:, None, :]) ** 2
    if level == "nominal":
        fixed = 1.0 - np.eye(size)
    else:
        values = np.array(categories, dtype=float)
        total = values[:, None] + values[None, :]
        fixed = (values[:, None] - values[None, :]) ** 2 / np.where(total == 0, 1, total) ** 2
    return np.broadcast_to(fixed, (len(margins), size, size))


def _alphas(patterns: _Patterns, level: str) -> Callable[[np.ndarray], np.ndarray]:
    """Alpha of each resample, [B], for how often each pattern was drawn, [B, P]; NaN where it is not defined."""
    counts = patterns.counts
    pairs = counts[:, :, None] * counts[:, None, :] - counts[:, :, None] * np.eye(counts.shape[1])
    pairs /= counts.sum(axis=1)[:, None, None] - 1

    def alphas(times: np.ndarray) -> np.ndarray:
        coincidences = np.tensordot(times, pairs, axes=1)
        margins = coincidences.sum(axis=2)
        distances = _distances(margins, patterns.categories, level)
        observed = (coincidences * distances).sum(axis=(1, 2))
        expected = np.einsum("bc,bk,bck->b", margins, margins, distances) / (margins.sum(axis=1) - 1)
        return _corrected(observed, expected)

    return alphas


def _interval_alphas(patterns: _Patterns) -> Callable[[np.ndarray], np.ndarray]:
    """The same for squared differences, from sums alone: scores may take as many values as there are answers."""
    values = np.array(patterns.categories, dtype=float)
    sizes = patterns.counts.sum(axis=1)
    sums, squares = patterns.counts @ values, patterns.counts @ values**2
    inside = 2 * (sizes * squares - sums**2) / (sizes - 1)

    def alphas(times: np.ndarray) -> np.ndarray:
        total = times @ sizes
        expected = 2 * (total * (times @ squares) - (times @ sums) ** 2) / (total - 1)
        return _corrected(times @ inside, expected)

    return alphas


def _corrected(observed: np.ndarray, expected: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(expected > 1e-12, 1 - observed / expected, np.nan)


def _shares(patterns: _Patterns) -> Callable[[np.ndarray], np.ndarray]:
    """Agreeing pairs of answers among all pairs, of each resample, [B]."""
    sizes = patterns.counts.sum(axis=1)
    agreeing = (patterns.counts * (patterns.counts - 1)).sum(axis=1)
    return lambda times: (times @ agreeing) / (times @ (sizes * (sizes - 1)))


def _kappas(patterns: _Patterns) -> Callable[[np.ndarray], np.ndarray]:
    sizes = patterns.counts.sum(axis=1)
    agreeing = (patterns.counts * (patterns.counts - 1)).sum(axis=1) / (sizes * (sizes - 1))

    def kappas(times: np.ndarray) -> np.ndarray:
        seen = times @ agreeing / times.sum(axis=1)
        chance = (((times @ patterns.counts) / (times @ sizes)[:, None]) ** 2).sum(axis=1)
        return _corrected(1 - seen, 1 - chance)

    return kappas


def _estimate(patterns: _Patterns, statistic: Callable, **options) -> Agreement:
    if not patterns.units:
        return Agreement(None, None, None, 0, 0)
    return Agreement(*estimate(patterns.times, statistic(patterns), **options), patterns.units, patterns.ratings)


def krippendorff_alpha(
    units: Iterable[Sequence[Hashable]],
    *,
    level: str = "nominal",
    resamples: int = 1000,
    confidence: float = 0.95,
    seed: int = 0,
) -> Agreement:
    """Alpha of the answers in `units` ([[+1, +1, -2], [0, 0], …]); None where everybody always said the same.

    Ordinal takes the sorted order of the values as their ranks; interval and ratio the values themselves.
    """
    if level not in LEVELS:
        raise ValueError(f"no level {level!r}; there are {', '.join(LEVELS)}")
    statistic = _interval_alphas if level == "interval" else lambda patterns: _alphas(patterns, level)
    return _estimate(_patterns(units), statistic, resamples=resamples, confidence=confidence, seed=seed)


def fleiss_kappa(
    units: Iterable[Sequence[Hashable]], *, resamples: int = 1000, confidence: float = 0.95, seed: int = 0
) -> Agreement:
    """Agreement beyond what the shares of the categories give by chance; None where only one is ever used."""
    return _estimate(_patterns(units), _kappas, resamples=resamples, confidence=confidence, seed=seed)


def raw_agreement(
    units: Iterable[Sequence[Hashable]], *, resamples: int = 1000, confidence: float = 0.95, seed: int = 0
) -> Agreement:
    """The share of pairs of answers to the same item that are equal."""
    return _estimate(_patterns(units), _shares, resamples=resamples, confidence=confidence, seed=seed)
