"""Means with their intervals, for figures over a few seeds."""

import statistics
from collections.abc import Sequence

from scipy import stats


def t_interval(values: Sequence[float], *, level: float = 0.95) -> tuple[float, float, float]:
    """Mean, low and high by Student's t over independent values (seeds)."""
    mean = statistics.mean(values)
    error = statistics.stdev(values) / len(values) ** 0.5
    half = float(stats.t.ppf(0.5 + level / 2, len(values) - 1)) * error
    return mean, mean - half, mean + half
