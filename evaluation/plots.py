"""Where things stand in an interval plot: numbers to pixels. Pure: no Django, no torch."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, floor

STEPS = (1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2500, 5000, 10000)
MOST_TICKS = 6


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

    @property
    def ticks(self) -> list[tuple[float, float]]:
        """(pixel, value) of every labelled value."""
        count = round((self.high - self.low) / self.step)
        return [(self.x(value), value) for value in (self.low + self.step * n for n in range(count + 1))]


def axis(values: Iterable[float | None], *, truth: float, width: int, least: float, most: float = 1e9) -> Axis:
    """An axis that holds `truth` and every value, at least `least` to each side of the truth, in round steps."""
    known = [value for value in values if value is not None]
    low, high = min([truth - least, *known]), max([truth + least, *known])
    step = next((step for step in STEPS if (high - low) / step <= MOST_TICKS - 1), STEPS[-1])
    bottom, top = step * floor(low / step), step * ceil(high / step)
    return Axis(max(bottom, truth - most), min(top, truth + most), step, width)
