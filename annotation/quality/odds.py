"""Whether people contradict each other on an item, so that somebody else should be asked. Pure."""

from collections import defaultdict
from collections.abc import Iterable
from itertools import combinations

from annotation.quality.rankings import kendall_tau
from annotation.quality.readings import Reading, readings

FAR = 0.5  # of the way from one end of a scale to the other


def at_odds(interface: str, answers: Iterable[tuple[int | None, dict]]) -> bool:
    """True if two of the (strength, value) answers cannot both be right: opposite sides of a pair, different labels,
    half a scale apart, rankings that turn more pairs round than they keep."""
    said = defaultdict(list)
    for strength, value in answers:
        for reading in readings(interface, value.get("scale"), strength, value):
            said[reading.criterion, reading.part].append(reading)
    return any(
        _contradict(interface, one, other) for readings in said.values() for one, other in combinations(readings, 2)
    )


def _contradict(interface: str, one: Reading, other: Reading) -> bool:
    if one.level == "ranking":
        return (kendall_tau(one.value, other.value) or 0.0) < 0
    if one.level == "nominal":
        return one.value != other.value
    if interface == "pairwise":
        return one.value * other.value < 0
    return abs(one.value - other.value) >= FAR * one.reach
