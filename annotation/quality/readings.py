"""What an answer says, criterion by criterion, as something that can be compared between people. Pure.

A criterion is one question about an item: the graded side of a pair, each rubric item, each step. Its level says what
may be done with the values: nominal (equal or not), ordinal (sorted), interval (differences count), ranking (a list of
ranks).
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

MAIN = ""  # the criterion of interfaces that ask one thing


class Reading(NamedTuple):
    criterion: str
    level: str
    value: object


def readings(interface: str, strength: int | None, value: dict) -> Iterator[Reading]:
    """The readings of one answer; an interface without comparable parts (a demonstration) has none."""
    reader = _READERS.get(interface)
    return reader(strength, value or {}) if reader else iter(())


def _pairwise(strength: int | None, value: dict) -> Iterator[Reading]:
    if strength is not None:
        yield Reading(MAIN, "ordinal", strength)
    yield from _graded(value.get("criteria"))


def _graded(criteria) -> Iterator[Reading]:
    for name, given in criteria.items() if isinstance(criteria, dict) else ():
        grade = given.get("strength") if isinstance(given, dict) else given
        if isinstance(grade, int | float):
            yield Reading(str(name), "ordinal", grade)


def _thumbs(_strength, value: dict) -> Iterator[Reading]:
    if isinstance(value.get("label"), bool):
        yield Reading(MAIN, "nominal", int(value["label"]))


def _likert(_strength, value: dict) -> Iterator[Reading]:
    if isinstance(value.get("rating"), int | float):
        yield Reading(MAIN, "ordinal", value["rating"])
    yield from _graded(value.get("criteria"))


def _ranking(_strength, value: dict) -> Iterator[Reading]:
    ranks = value.get("ranks")
    if isinstance(ranks, list) and len(ranks) > 1 and all(isinstance(rank, int | float) for rank in ranks):
        yield Reading(MAIN, "ranking", tuple(ranks))


def _rubric(_strength, value: dict) -> Iterator[Reading]:
    scores = value.get("items") or value.get("scores")
    for name, given in scores.items() if isinstance(scores, dict) else ():
        score = given.get("score") if isinstance(given, dict) else given
        if isinstance(score, int | float):
            yield Reading(str(name), "interval", round(float(score), 3))


def _steps(_strength, value: dict) -> Iterator[Reading]:
    labels = value.get("labels")
    for place, label in enumerate(labels if isinstance(labels, list) else (), start=1):
        if label is not None:
            yield Reading(f"step {place}", "nominal", str(label))


_READERS: dict[str, Callable] = {
    "pairwise": _pairwise,
    "thumbs": _thumbs,
    "likert": _likert,
    "ranking": _ranking,
    "rubric": _rubric,
    "steps": _steps,
}
