"""Where things stand in an interval plot: numbers to pixels. Pure: no Django, no torch."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, floor

STEPS = (1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2500, 5000, 10000)
MOST_TICKS = 7


@dataclass(frozen=True)
class Axis:
    """From `low` to `high` over `width` pixels, with room at both ends for half a label."""

    low: float
    high: float
    step: float
    width: int
    pad: int = 20

    def x(self, value: float) -> float:
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return round(self.pad + share * (self.width - 2 * self.pad), 1)

    @classmethod
    def around(cls, low: float, high: float, step: float, width: int) -> "Axis":
        """From the last multiple of `step` at or below `low` to the first at or above `high`."""
        return cls(step * floor(low / step), step * ceil(high / step), step, width)

    @property
    def ticks(self) -> list[tuple[float, float]]:
        """(pixel, value) of every labelled value."""
        count = round((self.high - self.low) / self.step)
        return [(self.x(value), value) for value in (self.low + self.step * n for n in range(count + 1))]


def axis(
    values: Iterable[float | None],
    *,
    truth: float,
    width: int,
    least: float,
    most: float = float("inf"),
    steps: tuple[int, ...] = STEPS,
) -> Axis:
    """An axis that holds `truth` and every value: `least` to `most` to each side of the truth, in round steps."""
    known = [value for value in values if value is not None]
    low = max(min([truth - least, *known]), truth - most)
    high = min(max([truth + least, *known]), truth + most)
    axes = [Axis.around(low, high, step, width) for step in steps]
    return next((axis for axis in axes if len(axis.ticks) <= MOST_TICKS), axes[-1])
