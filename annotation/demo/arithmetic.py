"""Questions with one checkable answer: adding, taking away, rows, counting, and the world's own measures.

Numbers stand in the question as words and in the answer as digits, so that a verifier which reads the last number
of a reply never finds one that was only repeated from the question.
"""

import random
import re
from dataclasses import dataclass

from annotation.demo.questions import around

_SPELLED = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty"
)
NUMBERS = tuple(_SPELLED.split())
THINGS = ("pots", "seeds", "eggs", "jars", "sticks", "bags", "bulbs", "baskets")
ROWS = ("rows", "beds", "boxes", "trays")
MEASURES = {"crates": ("jars", 6), "weeks": ("days", 7), "hands": ("fingers", 5), "carts": ("wheels", 4)}
COUNTED = ("bean", "pea", "plum", "pear")

_N = "|".join(NUMBERS)
_ADD = "How many {thing} are {a} {thing} and {b} more?"
_TAKE = "How many {thing} are left when {b} of {a} are gone?"
_ROWS = "There are {a} {rows} with {b} {thing} each. How many {thing} is that?"
_MEASURE = "How many {thing} are there in {a} {rows}?"
_COUNT = "Count with me: {listed}. How many times did I say {rows}?"


@dataclass(frozen=True)
class Sum:
    """A checkable question: its kind, what is counted, and the right number."""

    kind: str
    thing: str
    value: int

    @property
    def answer(self) -> str:
        return str(self.value)

    @property
    def category(self) -> str:
        return self.kind


def _adding(rng):
    a, b, thing = rng.randint(2, 8), rng.randint(1, 5), rng.choice(THINGS)
    return _ADD.format(a=NUMBERS[a], b=NUMBERS[b], thing=thing), Sum("adding", thing, a + b)


def _taking(rng):
    b, thing = rng.randint(1, 5), rng.choice(THINGS)
    a = b + rng.randint(1, 6)
    return _TAKE.format(a=NUMBERS[a], b=NUMBERS[b], thing=thing), Sum("taking", thing, a - b)


def _rows(rng):
    a, b, thing, rows = rng.randint(2, 5), rng.randint(2, 6), rng.choice(THINGS), rng.choice(ROWS)
    return _ROWS.format(a=NUMBERS[a], b=NUMBERS[b], thing=thing, rows=rows), Sum("rows", thing, a * b)


def _measuring(rng):
    a, unit = rng.randint(2, 7), rng.choice(list(MEASURES))
    thing, each = MEASURES[unit]
    return _MEASURE.format(a=NUMBERS[a], thing=thing, rows=unit), Sum("measures", thing, a * each)


def _counting(rng):
    listed = [rng.choice(COUNTED) for _ in range(rng.randint(3, 6))]
    word = rng.choice(listed)
    return _COUNT.format(listed=", ".join(listed), rows=word), Sum("counting", "times", listed.count(word))


_WRITERS = (_adding, _taking, _rows, _measuring, _counting)
_READ_ADD = re.compile(rf"How many (\w+) are ({_N}) \w+ and ({_N}) more", re.I)
_READ_TAKE = re.compile(rf"How many (\w+) are left when ({_N}) of ({_N}) are gone", re.I)
_READ_ROWS = re.compile(rf"There are ({_N}) \w+ with ({_N}) (\w+) each", re.I)
_READ_MEASURE = re.compile(rf"How many \w+ are there in ({_N}) ({'|'.join(MEASURES)})\?", re.I)
_READ_COUNT = re.compile(r"Count with me: ([a-z, ]+)\. How many times did I say (\w+)\?", re.I)


def ask_number(rng: random.Random) -> tuple[str, Sum]:
    """A prompt with a checkable answer, and that answer."""
    text, question = rng.choice(_WRITERS)(rng)
    return around(text, rng), question


def understand_number(prompt: str) -> Sum | None:
    """What number a prompt asks for, or None when it asks for none."""
    if found := _READ_ADD.search(prompt):
        thing, a, b = found.groups()
        return Sum("adding", thing.lower(), _value(a) + _value(b))
    if found := _READ_TAKE.search(prompt):
        thing, b, a = found.groups()
        return Sum("taking", thing.lower(), _value(a) - _value(b))
    if found := _READ_ROWS.search(prompt):
        a, b, thing = found.groups()
        return Sum("rows", thing.lower(), _value(a) * _value(b))
    if found := _READ_MEASURE.search(prompt):
        thing, each = MEASURES[found.group(2).lower()]
        return Sum("measures", thing, _value(found.group(1)) * each)
    if found := _READ_COUNT.search(prompt):
        listed = [word.strip().lower() for word in found.group(1).split(",")]
        return Sum("counting", "times", listed.count(found.group(2).lower()))
    return None


def _value(word: str) -> int:
    return NUMBERS.index(word.lower())
