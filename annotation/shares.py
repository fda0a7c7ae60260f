"""A share with an interval that respects clusters: votes on the same prompt say less than votes on different ones.

Pure. The share is a ratio of sums over clusters c, p = sum x_c / sum n_c, with the linearised variance

    var p = G / (G - 1) * sum_c (x_c - p n_c)^2 / (sum n_c)^2        (Cochran 1977, Sampling Techniques, 6.3)
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

LEAST = 30  # below this many a share says nothing
_Z = 1.959964


@dataclass(frozen=True)
class Share:
    """`value` is None below LEAST; `low` and `high` too where there is only one cluster."""

    value: float | None
    low: float | None
    high: float | None
    n: int

    def as_dict(self) -> dict:
        return {"value": self.value, "low": self.low, "high": self.high, "n": self.n}


def share(clusters: Iterable[tuple[float, int]]) -> Share:
    """The share of `(sum, count)` over clusters, with its 95 % interval."""
    pairs = [(hits, count) for hits, count in clusters if count]
    n = sum(count for _, count in pairs)
    if n < LEAST:
        return Share(None, None, None, n)
    value = sum(hits for hits, _ in pairs) / n
    if len(pairs) < 2:
        return Share(value, None, None, n)
    spread = sum((hits - value * count) ** 2 for hits, count in pairs)
    half = _Z * math.sqrt(len(pairs) / (len(pairs) - 1) * spread) / n
    return Share(value, max(0.0, value - half), min(1.0, value + half), n)


def wilson(hits: float, n: int, *, least: int = LEAST) -> Share:
    """`hits` of `n` independent tries with the 95 % interval of Wilson (1927); no value below `least`."""
    if n < max(least, 1):
        return Share(None, None, None, n)
    value, weight = hits / n, _Z * _Z / n
    middle = (value + weight / 2) / (1 + weight)
    reach = _Z / (1 + weight) * math.sqrt(value * (1 - value) / n + weight / (4 * n))
    return Share(value, max(0.0, middle - reach), min(1.0, middle + reach), n)
