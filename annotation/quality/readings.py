"""What an answer says, criterion by criterion, as something that can be compared between people. Pure.

A criterion is one question about an item: the graded side of a pair, a rating, a rubric's item, whether a step is
right. Its level says what may be done with the values: nominal (equal or not), ordinal (sorted), interval (differences
count), ranking (a list of ranks).
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

MAIN = ""  # the criterion of interfaces that ask one thing


class Reading(NamedTuple):
    """`part` is the step or the completion that it is about; `reach` how far two values can be apart."""

    criterion: str
    level: str
    value: object
    reach: float = 1
    part: int = 0


def readings(interface: str, scale: int | None, strength: int | None, value: dict) -> Iterator[Reading]:
    """The readings of one answer; an interface without comparable parts (a demonstration, a talk) has none."""
    reader = _READERS.get(interface)
    return reader(scale, strength, value or {}) if reader else iter(())


def _pairwise(scale, strength, value: dict) -> Iterator[Reading]:
    reach = 2 * ((scale or 2) // 2)
    if strength is not None:
        yield Reading(MAIN, "ordinal", strength, reach)
    criteria = value.get("criteria")
    for name, given in criteria.items() if isinstance(criteria, dict) else ():
        grade = given.get("strength") if isinstance(given, dict) else given
        if _number(grade):
            yield Reading(str(name), "ordinal", grade, reach)


def _thumbs(_scale, _strength, value: dict) -> Iterator[Reading]:
    if isinstance(value.get("label"), bool):
        yield Reading(MAIN, "nominal", int(value["label"]))


def _likert(scale, _strength, value: dict) -> Iterator[Reading]:
    ratings = value.get("ratings")
    ratings = ratings if isinstance(ratings, dict) else {}
    reach = max(1, (value.get("scale") or scale or 5) - 1)
    for name, step in ratings.items():
        if _number(step):
            yield Reading(MAIN if len(ratings) == 1 else str(name), "ordinal", step, reach)


def _ranking(_scale, _strength, value: dict) -> Iterator[Reading]:
    ranks = value.get("ranks")
    if isinstance(ranks, list) and len(ranks) > 1 and all(map(_number, ranks)):
        yield Reading(MAIN, "ranking", tuple(ranks))


def _rubric(_scale, _strength, value: dict) -> Iterator[Reading]:
    sheets = value.get("sheets")
    for part, sheet in enumerate(sheets if isinstance(sheets, list) else ()):
        for name, entry in sheet.items() if isinstance(sheet, dict) else ():
            score = entry.get("score") if isinstance(entry, dict) else entry
            if _number(score):
                yield Reading(str(name), "interval", round(float(score), 3), part=part)


def _steps(_scale, _strength, value: dict) -> Iterator[Reading]:
    labels = value.get("labels")
    for part, label in enumerate(labels if isinstance(labels, list) else ()):
        if label is not None:
            yield Reading("step", "nominal", str(label), part=part)


def _number(value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_READERS: dict[str, Callable] = {
    "pairwise": _pairwise,
    "thumbs": _thumbs,
    "likert": _likert,
    "ranking": _ranking,
    "rubric": _rubric,
    "steps": _steps,
}
