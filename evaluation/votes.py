"""A vote as the statistics see it. Pure: no Django, no torch."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Vote:
    """`rater` compared `first` with `second` on `prompt`; `score` is what went to the first: 1, 0, or ½ for a tie."""

    first: Hashable
    second: Hashable
    score: float
    prompt: Hashable
    rater: Hashable

    def __post_init__(self):
        if self.first == self.second:
            raise ValueError(f"{self.first!r} cannot be compared with itself")
        if self.score not in (0.0, 0.5, 1.0):
            raise ValueError(f"a vote scores 0, 0.5 or 1, not {self.score!r}")


def codes(values: Sequence[Hashable]) -> tuple[np.ndarray, int]:
    """Numbers 0, 1, … for the values in order of appearance, and how many different ones there are."""
    seen: dict[Hashable, int] = {}
    numbered = np.fromiter((seen.setdefault(value, len(seen)) for value in values), dtype=np.int64, count=len(values))
    return numbered, len(seen)
