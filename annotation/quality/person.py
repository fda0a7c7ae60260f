"""What is gathered of one rater while judgments go by, and what it amounts to. Pure."""

from array import array
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from annotation.quality import leanings
from annotation.shares import share, wilson

LEAST_GOLD = 10  # gold answers or repeats before a share of them is told
READING_CHARACTERS = 80  # a second: three times what people read; faster than that an answer was not read
_COLUMNS = 6


@dataclass
class Person:
    """Counters and columns; `choices` holds six numbers a decided pair."""

    pk: int
    kind: str
    outcomes: Counter = field(default_factory=Counter)
    strengths: Counter = field(default_factory=Counter)
    first: datetime | None = None
    last: datetime | None = None
    milliseconds: array = field(default_factory=lambda: array("l"))
    timed: int = 0
    fast: int = 0
    left: Counter = field(default_factory=Counter)
    choices: array = field(default_factory=lambda: array("f"))
    others: tuple[array, array] = field(default_factory=lambda: (array("i"), array("i")))  # equal answers, of how many
    gold: Counter = field(default_factory=Counter)
    repeats: Counter = field(default_factory=Counter)
    weeks: Counter = field(default_factory=Counter)

    def said(self, outcome: str, strength: int | None, at: datetime, active_ms: int | None, characters: int) -> None:
        self.outcomes["tie" if outcome == "answer" and strength == 0 else outcome] += 1
        if strength is not None:
            self.strengths[strength] += 1
        self.first = at if self.first is None else min(self.first, at)
        self.last = at if self.last is None else max(self.last, at)
        if active_ms:
            self.milliseconds.append(active_ms)
            if outcome == "answer":
                self.timed += 1
                self.fast += 1000 * characters > READING_CHARACTERS * active_ms

    def chose(self, left: bool, sizes: tuple, marks: tuple, others: float) -> None:
        """A decided pair, as it was shown: sizes and marks of the left and right answer."""
        self.left[left] += 1
        self.choices.extend((left, *sizes, *marks, others))

    def beside(self, same: int, among: int) -> None:
        """What `among` others said of the same item, of which `same` said the same."""
        for column, count in zip(self.others, (same, among), strict=True):
            column.append(count)

    @property
    def table(self) -> np.ndarray:
        """[N, 6]: left, sizes, marks, others."""
        return np.frombuffer(self.choices, dtype=np.float32).reshape(-1, _COLUMNS).astype(float)

    def figures(self) -> dict:
        """Everything that this rater's own answers tell, as JSON."""
        count = self.outcomes.total()
        return {
            "judgments": count,
            "outcomes": dict(self.outcomes),
            "strengths": {str(step): self.strengths[step] for step in sorted(self.strengths)},
            "first": self.first.isoformat() if self.first else None,
            "last": self.last.isoformat() if self.last else None,
            "weeks": dict(sorted(self.weeks.items())),
            "active_ms": sum(self.milliseconds),
            "seconds": spread(self.milliseconds),
            "fast": wilson(self.fast, self.timed).as_dict(),
            "left": wilson(self.left[True], self.left.total()).as_dict(),
            "longer": self._longer(),
            "leanings": {name: lean.as_dict() for name, lean in leanings.leanings(*self._choices()).items()},
            "others": share(zip(*self.others, strict=True)).as_dict(),
            "gold": wilson(self.gold[True], self.gold.total(), least=LEAST_GOLD).as_dict(),
            "repeats": wilson(self.repeats[True], self.repeats.total(), least=LEAST_GOLD).as_dict(),
        }

    def _choices(self) -> tuple[np.ndarray, np.ndarray]:
        table = self.table
        return leanings.features(table[:, 1:3], table[:, 3:5], table[:, 5]), table[:, 0]

    def _longer(self) -> dict:
        table = self.table
        apart = table[table[:, 1] != table[:, 2]]
        took = (apart[:, 1] > apart[:, 2]) == (apart[:, 0] > 0)
        return wilson(int(took.sum()), len(apart)).as_dict()


def spread(milliseconds: array) -> dict:
    """Median and middle half of active time, in seconds; None below four."""
    n = len(milliseconds)
    if n < 4:
        return {"median": None, "low": None, "high": None, "n": n}
    low, median, high = np.quantile(np.frombuffer(milliseconds, dtype=np.dtype("l")) / 1000, [0.25, 0.5, 0.75])
    return {"median": float(median), "low": float(low), "high": float(high), "n": n}
