"""Who said what of which item, as columns: what the reliability models read. Pure."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Voices:
    """One row per answer, sorted by item: places of item, rater and label in their names."""

    items: tuple
    raters: tuple
    labels: tuple
    item: np.ndarray
    rater: np.ndarray
    label: np.ndarray

    @property
    def starts(self) -> np.ndarray:
        """Where each item's answers begin."""
        return np.flatnonzero(np.r_[True, self.item[1:] != self.item[:-1]])

    @property
    def shape(self) -> tuple[int, int, int]:
        return len(self.items), len(self.raters), len(self.labels)


def voices(rows: Iterable[tuple[Hashable, Hashable, Hashable]], labels: tuple | None = None) -> Voices:
    """The columns of (item, rater, label). `labels` gives the classes and their order, else what is said, sorted."""
    rows = list(rows)
    items, raters = (tuple(dict.fromkeys(row[column] for row in rows)) for column in (0, 1))
    labels = labels or tuple(sorted({row[2] for row in rows}))
    columns = []
    for column, names in enumerate((items, raters, labels)):
        place = {name: number for number, name in enumerate(names)}
        columns.append(np.fromiter((place[row[column]] for row in rows), dtype=np.int64, count=len(rows)))
    order = np.argsort(columns[0], kind="stable")
    return Voices(items, raters, labels, *(column[order] for column in columns))
