"""Metrics on their way to the curves: sums and counts that merge exactly over micro-batches and steps.

A loss gives means as (sum, count), extremes as Low or High. What is not yet logged is part of a checkpoint.
"""

import dataclasses
import math
from collections.abc import Mapping
from typing import Any

from training.engine import metrics


@dataclasses.dataclass(frozen=True)
class Low:
    value: Any


@dataclasses.dataclass(frozen=True)
class High:
    value: Any


@dataclasses.dataclass(frozen=True)
class Last:
    value: Any


MERGE = {"low": min, "high": max, "last": lambda _old, new: new}


class Meters:
    """What was measured since the last log."""

    def __init__(self) -> None:
        self.kept: dict[str, list[Any]] = {}  # key: ["mean", sum, count] or ["low" | "high" | "last", value]

    def add(self, values: Mapping[str, Any]) -> None:
        for key, value in values.items():
            metrics.metric(key)  # an unknown name raises
            if isinstance(value, Low | High | Last):
                self._extreme(type(value).__name__.lower(), key, float(value.value))
            else:
                total, count = value
                self._mean(key, float(total), float(count))

    def _mean(self, key: str, total: float, count: float) -> None:
        kept = self.kept.setdefault(key, ["mean", 0.0, 0.0])
        kept[1] += total
        kept[2] += count

    def _extreme(self, kind: str, key: str, value: float) -> None:
        kept = self.kept.get(key)
        self.kept[key] = [kind, value if kept is None else MERGE[kind](kept[1], value)]

    def merge(self, other: "Meters") -> None:
        for key, (kind, *values) in other.kept.items():
            if kind == "mean":
                self._mean(key, *values)
            else:
                self._extreme(kind, key, *values)

    def read(self) -> dict[str, float]:
        """One number a key; a mean over nothing is left out."""
        return {
            key: value[1] / value[2] if value[0] == "mean" else value[1]
            for key, value in self.kept.items()
            if value[0] != "mean" or value[2]
        }

    def finite(self) -> bool:
        return all(math.isfinite(value) for value in self.read().values())

    def clear(self) -> None:
        self.kept = {}
