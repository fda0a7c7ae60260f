"""Who judged, as far as they said: aggregates only, small cells hidden. Pure."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

LEAST_PEOPLE = 5  # below it a cell could be somebody


@dataclass(frozen=True)
class Cell:
    """`people` and `share` of all judgments that described people gave; both None in a hidden cell."""

    value: str
    people: int | None
    share: float | None


def cells(said: Iterable[tuple[str, int]]) -> list[Cell]:
    """One field's cells of (what somebody said, their judgments), largest first.

    A cell of fewer than LEAST_PEOPLE is hidden. A single hidden cell could be had by subtraction, so the smallest
    shown one is hidden with it.
    """
    people: dict[str, list[int]] = defaultdict(list)
    for value, judgments in said:
        people[value].append(judgments)
    total = sum(sum(given) for given in people.values())
    order = sorted(people, key=lambda value: (-len(people[value]), value))
    hidden = {value for value in order if len(people[value]) < LEAST_PEOPLE}
    if len(hidden) == 1 and len(order) > 1:
        hidden.add(next(value for value in reversed(order) if value not in hidden))
    shown = [
        Cell(value, len(people[value]), sum(people[value]) / total if total else None)
        for value in order
        if value not in hidden
    ]
    return shown + [Cell(value, None, None) for value in sorted(hidden)]
