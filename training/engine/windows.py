"""Which rows an optimiser step holds: a function of seed and step alone, so resuming needs only the step.

An epoch is a permutation, cut into stretches of sixteen steps; inside a stretch rows are sorted by length before they
are cut into windows, and the windows of an epoch come in random order. Rows of like length pad little (a third to a
half of the work on real text), and which rows share a step does not depend on how the step is cut into micro-batches.
"""

import dataclasses
import functools
import math
from collections.abc import Sequence

import numpy as np

STRETCH = 16


@dataclasses.dataclass(frozen=True)
class Windows:
    lengths: tuple[int, ...]
    window_rows: int
    seed: int

    @property
    def per_epoch(self) -> int:
        return math.ceil(len(self.lengths) / self.window_rows)

    def at(self, step: int) -> list[int]:
        """Row indexes of step 0, 1, 2, …; longest first."""
        epoch, index = divmod(step, self.per_epoch)
        return list(_epoch(self, epoch)[index])

    def epochs(self, step: int) -> float:
        """Epochs done after so many steps."""
        return step / self.per_epoch


@functools.lru_cache(maxsize=4)
def _epoch(windows: Windows, epoch: int) -> list[list[int]]:
    generator = np.random.default_rng([windows.seed, epoch])
    order = generator.permutation(len(windows.lengths)).tolist()
    cut: list[list[int]] = []
    stretch = STRETCH * windows.window_rows
    for start in range(0, len(order), stretch):
        part = sorted(order[start : start + stretch], key=lambda row: -windows.lengths[row])
        cut += [part[at : at + windows.window_rows] for at in range(0, len(part), windows.window_rows)]
    return [cut[index] for index in generator.permutation(len(cut))]


def split(rows: Sequence, size: int) -> list[Sequence]:
    """Micro-batches of at most `size`."""
    return [rows[at : at + size] for at in range(0, len(rows), size)]
