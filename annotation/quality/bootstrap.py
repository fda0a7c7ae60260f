"""Percentile intervals by resampling whole units: what was said of one item belongs together. Pure.

Equal units are interchangeable, so a resample is one multinomial draw over the distinct ones: a hundred thousand units
cost no more than their distinct patterns. Draws are made a few million numbers at a time, so memory stays flat.
"""

from collections.abc import Callable

import numpy as np

_AT_ONCE = 4_000_000


def estimate(
    times: np.ndarray,
    statistic: Callable[[np.ndarray], np.ndarray],
    *,
    resamples: int = 1000,
    confidence: float = 0.95,
    seed: int = 0,
) -> tuple[float | None, float | None, float | None]:
    """(value, low, high) of `statistic`, which takes how often each unit counts, [B, U], and gives [B].

    `times` is how often each distinct unit occurs. None where a figure is not defined: NaN of the statistic, or an
    interval of fewer than two units.
    """
    units = int(times.sum())
    if not units:
        return None, None, None
    value = float(statistic(times[None, :].astype(float))[0])
    if not np.isfinite(value):
        return None, None, None
    if units < 2 or not resamples:
        return value, None, None
    rng, shares = np.random.default_rng(seed), times / times.sum()
    step, drawn = max(1, _AT_ONCE // len(times)), []
    for start in range(0, resamples, step):
        draws = rng.multinomial(units, shares, size=min(step, resamples - start))
        drawn.append(statistic(draws.astype(float)))
    drawn = np.concatenate(drawn)
    drawn = drawn[np.isfinite(drawn)]
    if not len(drawn):
        return value, None, None
    tail = (1 - confidence) / 2
    low, high = np.quantile(drawn, [tail, 1 - tail])
    return value, float(low), float(high)


def mean_ratio(parts: np.ndarray, wholes: np.ndarray, **options) -> tuple[float | None, float | None, float | None]:
    """Σ parts / Σ wholes over units, each with its part and its whole."""
    pairs, times = np.unique(np.column_stack([parts, wholes]).astype(float), axis=0, return_counts=True)

    def ratio(drawn: np.ndarray) -> np.ndarray:
        with np.errstate(divide="ignore", invalid="ignore"):
            return (drawn @ pairs[:, 0]) / (drawn @ pairs[:, 1])

    return estimate(times, ratio, **options) if len(pairs) else (None, None, None)
