"""Circular triads: A over B, B over C, C over A. Pure.

Kendall and Babington Smith (1940), On the method of paired comparisons: of three things that were all compared and all
decided, somebody who answers by coin makes one in four circular, somebody with one order in mind none.
"""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

CHANCE = 0.25
EXAMPLES = 20


@dataclass
class Triads:
    """How many triples were wholly decided, how many of them go round, and the first of those, winner by winner."""

    decided: int = 0
    circular: int = 0
    examples: list[tuple] = field(default_factory=list)

    @property
    def share(self) -> float | None:
        return self.circular / self.decided if self.decided else None

    def add(self, other: "Triads") -> None:
        self.decided += other.decided
        self.circular += other.circular
        self.examples += other.examples[: EXAMPLES - len(self.examples)]


def triads(wins: Iterable[tuple[Hashable, Hashable]]) -> Triads:
    """Of (winner, loser) pairs about the same question; where a pair was judged more often, the majority decides."""
    wins = list(wins)
    names = list(dict.fromkeys(name for pair in wins for name in pair))
    if len(names) < 3:
        return Triads()
    place = {name: number for number, name in enumerate(names)}
    net = np.zeros((len(names), len(names)))
    for winner, loser in wins:
        net[place[winner], place[loser]] += 1
        net[place[loser], place[winner]] -= 1
    beats = (net > 0).astype(float)
    either = beats + beats.T
    decided = round(np.trace(either @ either @ either) / 6)
    circular = round(np.trace(beats @ beats @ beats) / 3)
    return Triads(decided, circular, _examples(names, beats) if circular else [])


def _examples(names: list, beats: np.ndarray) -> list[tuple]:
    found = []
    for a, b, c in combinations(range(len(names)), 3):
        if beats[a, b] and beats[b, c] and beats[c, a]:
            found.append((names[a], names[b], names[c]))
        elif beats[b, a] and beats[c, b] and beats[a, c]:
            found.append((names[a], names[c], names[b]))
        if len(found) == EXAMPLES:
            break
    return found
