"""How far raters agree: Krippendorff's alpha (nominal, ordinal) and raw agreement, with bootstrap intervals. Pure.

A unit is what was said of one item: the answers of everybody who judged it, missing ones left out. Units with fewer
than two answers say nothing about agreement and are left out of every figure.

Krippendorff (2011), Computing Krippendorff's Alpha-Reliability: with the coincidences o_ck (ordered pairs of answers
inside a unit, each weighted by 1 / (m_u - 1)), their margins n_c and total n,

    alpha = 1 - D_o / D_e,   D_o = sum_ck o_ck d2_ck,   D_e = sum_ck n_c n_k d2_ck / (n - 1)

nominal: d2_ck = [c != k];  ordinal: d2_ck = (n_c / 2 + sum of the margins strictly between + n_k / 2)^2.

The interval resamples units with replacement (answers inside a unit belong together) and takes percentiles. Units
that hold the same answers are interchangeable, so a resample is one multinomial draw over the distinct patterns:
a hundred thousand units cost no more than a hundred.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

LEVELS = ("nominal", "ordinal")


@dataclass(frozen=True)
class Agreement:
    """A figure with what it is over. `value` is None where it is not defined; `low` and `high` then too."""

    value: float | None
    low: float | None
    high: float | None
    units: int
    ratings: int


@dataclass(frozen=True)
class _Patterns:
    """The distinct units as counts of each category, [P, C], and how often each occurs, [P]."""

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
    categories = {value: place for place, value in enumerate(sorted({value for unit in seen for value in unit}))}
    counts = np.zeros((len(seen), len(categories)))
    for row, unit in enumerate(seen):
        for value in unit:
            counts[row, categories[value]] += 1
    return _Patterns(counts, np.array(list(seen.values()), dtype=float))


def _distances(margins: np.ndarray, level: str) -> np.ndarray:
    """Squared distances between categories, [B, C, C], for margins [B, C]."""
    size = margins.shape[1]
    if level == "nominal":
        return np.broadcast_to(1.0 - np.eye(size), (len(margins), size, size))
    middle = np.cumsum(margins, axis=1) - margins / 2
    return (middle[:, :, None] - middle[:, None, :]) ** 2


def _alphas(patterns: _Patterns, times: np.ndarray, level: str) -> np.ndarray:
    """Alpha of each resample, [B], for how often each pattern was drawn, [B, P]; NaN where it is not defined."""
    counts = patterns.counts
    pairs = counts[:, :, None] * counts[:, None, :] - counts[:, :, None] * np.eye(counts.shape[1])
    pairs /= counts.sum(axis=1)[:, None, None] - 1
    coincidences = np.tensordot(times, pairs, axes=1)
    margins = coincidences.sum(axis=2)
    distances = _distances(margins, level)
    observed = (coincidences * distances).sum(axis=(1, 2))
    expected = np.einsum("bc,bk,bck->b", margins, margins, distances) / (margins.sum(axis=1) - 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(expected > 0, 1 - observed / expected, np.nan)


def _shares(patterns: _Patterns, times: np.ndarray) -> np.ndarray:
    """Agreeing pairs of answers among all pairs, of each resample, [B]."""
    sizes = patterns.counts.sum(axis=1)
    agreeing = (patterns.counts * (patterns.counts - 1)).sum(axis=1)
    return (times @ agreeing) / (times @ (sizes * (sizes - 1)))


def _estimate(patterns: _Patterns, statistic, *, resamples: int, confidence: float, seed: int) -> Agreement:
    if not patterns.units:
        return Agreement(None, None, None, 0, 0)
    value = statistic(patterns.times[None, :])[0]
    low = high = None
    if np.isfinite(value) and resamples and patterns.units > 1:
        draws = np.random.default_rng(seed).multinomial(
            patterns.units, patterns.times / patterns.times.sum(), size=resamples
        )
        drawn = statistic(draws.astype(float))
        tail = (1 - confidence) / 2
        low, high = (float(edge) for edge in np.nanquantile(drawn, [tail, 1 - tail]))
    return Agreement(float(value) if np.isfinite(value) else None, low, high, patterns.units, patterns.ratings)


def krippendorff_alpha(
    units: Iterable[Sequence[Hashable]],
    *,
    level: str = "nominal",
    resamples: int = 1000,
    confidence: float = 0.95,
    seed: int = 0,
) -> Agreement:
    """Alpha of the answers in `units` ([[+1, +1, -2], [0, 0], …]); None where everybody always said the same.

    Ordinal takes the sorted order of the values as their ranks.
    """
    if level not in LEVELS:
        raise ValueError(f"no level {level!r}; there are {', '.join(LEVELS)}")
    patterns = _patterns(units)
    return _estimate(
        patterns,
        lambda times: _alphas(patterns, times, level),
        resamples=resamples,
        confidence=confidence,
        seed=seed,
    )


def raw_agreement(
    units: Iterable[Sequence[Hashable]], *, resamples: int = 1000, confidence: float = 0.95, seed: int = 0
) -> Agreement:
    """The share of pairs of answers to the same item that are equal."""
    patterns = _patterns(units)
    return _estimate(
        patterns, lambda times: _shares(patterns, times), resamples=resamples, confidence=confidence, seed=seed
    )
