"""Gathers a report while items go by, each with everything that was said of it. Pure.

What is kept is columns of numbers and counts of patterns, never the judgments themselves, so that a hundred thousand of
them fit in a few megabytes.
"""

import heapq
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import combinations
from typing import NamedTuple

from annotation.quality.gold import met
from annotation.quality.person import Person
from annotation.quality.rankings import kendall_tau
from annotation.quality.readings import MAIN, readings

DISAGREEMENTS = 1000  # items kept, those with the most of it


class Subject(NamedTuple):
    """An item: what it is about and what its answers look like. Keys are numbers that equal texts share."""

    item: int
    interface: str
    prompt: int
    answers: tuple[int, ...]  # a key for each completion
    sizes: tuple[int, ...]  # characters
    marks: tuple[int, ...]  # of formatting
    gold: object = None
    repeat_of: int | None = None


class Heard(NamedTuple):
    """One judgment. `left` is the true index of the answer that stood left; None where nothing was shown."""

    rater: int
    kind: str
    outcome: str
    scale: int | None
    strength: int | None
    value: dict
    left: int | None
    judged_at: datetime
    active_ms: int | None


class Disagreement(NamedTuple):
    score: float
    voices: int
    item: int


class Gathering:
    """`add` every item once; the columns are read by annotation/quality/report.py.

    `originals` are the items that hidden repeats repeat. A repeat counts for its rater alone, as it is the same
    question; so does an item of known answer, which is easy and judged by everybody.
    """

    def __init__(self, originals: Iterable[int] = ()):
        self.people: dict[int, Person] = {}
        self.units: dict[tuple[str, str], Counter] = defaultdict(Counter)  # (criterion, level): pattern: times
        self.sides: Counter = Counter()
        self.weekly: dict[str, dict[str, Counter]] = {}
        self.scales: set[int] = set()
        self.mirrored = True
        self.judgments = self.items = self.shared = 0
        self.longer: dict[int, list] = {}
        self.left: dict[int, list] = {}
        self.said = (array("q"), array("q"), array("b"))  # item, rater, side
        self._strengths = array("b")  # beside the sides of pairs
        self.wins = tuple(array("q") for _ in range(5))  # prompt, rater, winner, loser, item
        self.disagreements: list[Disagreement] = []
        self._first: dict[tuple[int, int], tuple] = {}
        self._originals = set(originals)

    @property
    def graded(self) -> list[tuple[int, int, int]]:
        """(item, rater, strength) of every answer about a pair."""
        return list(zip(*self.said[:2], self._strengths, strict=True)) if self._strengths else []

    def add(self, subject: Subject, heard: Sequence[Heard]) -> None:
        self.items += 1
        characters = sum(subject.sizes)
        for voice in heard:
            person = self.people.get(voice.rater)
            if person is None:
                person = self.people[voice.rater] = Person(voice.rater, voice.kind)
            self.judgments += 1
            person.said(voice.outcome, voice.strength, voice.judged_at, voice.active_ms, characters)
            person.weeks[week_of(voice.judged_at)] += 1
            self._week(voice.judged_at)["judgments"]["all"] += 1
            self._against_gold(subject, voice, person)
            self._against_self(subject, voice, person)
        if subject.repeat_of is None and subject.gold is None:
            self._compare(subject, [voice for voice in heard if voice.outcome == "answer"])

    def _week(self, at: datetime) -> dict[str, Counter]:
        return self.weekly.setdefault(
            week_of(at), {"judgments": Counter(), "units": Counter(), "sides": Counter(), "left": Counter()}
        )

    def _against_gold(self, subject: Subject, voice: Heard, person: Person) -> None:
        if subject.gold is not None and voice.outcome == "answer":
            person.gold[met(subject.gold, voice.strength, voice.value)] += 1

    def _against_self(self, subject: Subject, voice: Heard, person: Person) -> None:
        """Whether a hidden repeat was answered as the first time, whichever of the two comes by first."""
        original = subject.repeat_of or (subject.item if subject.item in self._originals else None)
        if original is None or voice.outcome != "answer":
            return
        said = _sameness(subject, voice)
        before = self._first.pop((voice.rater, original), None)
        if before is None:
            self._first[(voice.rater, original)] = said
        else:
            person.repeats[before == said] += 1

    def _compare(self, subject: Subject, voices: list[Heard]) -> None:
        if len(voices) > 1:
            self.shared += 1
        by_criterion: dict[tuple[str, str, int], list] = defaultdict(list)
        for voice in voices:
            for said in readings(subject.interface, voice.scale, voice.strength, voice.value):
                by_criterion[said.criterion, said.level, said.part].append(said)
        for (criterion, level, _), said in by_criterion.items():
            if len(said) > 1:
                self.units[criterion, level][tuple(sorted(reading.value for reading in said))] += 1
        self._keep_disagreement(subject, voices, by_criterion)
        if subject.interface == "thumbs":
            self._thumbs(subject, by_criterion, voices)
        elif len(subject.answers) == 2:
            self._pair(subject, [voice for voice in voices if voice.strength is not None])

    def _keep_disagreement(self, subject: Subject, voices: list[Heard], said: dict) -> None:
        scores = [
            apart(level, [reading.value for reading in found], max(reading.reach for reading in found))
            for (_, level, _), found in said.items()
            if len(found) > 1
        ]
        if not scores or not (score := sum(scores) / len(scores)):
            return
        found = Disagreement(round(score, 6), len(voices), subject.item)
        if len(self.disagreements) < DISAGREEMENTS:
            heapq.heappush(self.disagreements, found)
        else:
            heapq.heappushpop(self.disagreements, found)

    def _thumbs(self, subject: Subject, said: dict, voices: list[Heard]) -> None:
        """Up and down, like two sides; but here the sides mean something, so they are not mirrored."""
        self.mirrored = False
        labels = [reading.value for reading in said.get((MAIN, "nominal", 0), [])]
        for voice, label in zip(voices, labels, strict=len(labels) == len(voices)):
            self._hear(subject.item, voice.rater, 1 if label else -1)
            if len(labels) > 1:
                self.people[voice.rater].beside(labels.count(label) - 1, len(labels) - 1)

    def _hear(self, item: int, rater: int, side: int) -> None:
        for column, number in zip(self.said, (item, rater, side), strict=True):
            column.append(number)

    def _pair(self, subject: Subject, voices: list[Heard]) -> None:
        signs = [_sign(voice.strength) for voice in voices]
        total = sum(signs)
        for voice, sign in zip(voices, signs, strict=True):
            self._hear(subject.item, voice.rater, sign)
            self._strengths.append(voice.strength)
            self.scales.add(voice.scale or 2)
            if len(voices) > 1:
                self.people[voice.rater].beside(signs.count(sign) - 1, len(voices) - 1)
            if sign:
                others = (total - sign) / (len(voices) - 1) if len(voices) > 1 else 0.0
                self._decided(subject, voice, sign, others)
        if len(voices) > 1:
            self.sides[tuple(sorted(signs))] += 1
            week = self._week(max(voice.judged_at for voice in voices))
            week["units"][tuple(sorted(voice.strength for voice in voices))] += 1
            week["sides"][tuple(sorted(signs))] += 1

    def _decided(self, subject: Subject, voice: Heard, sign: int, others: float) -> None:
        won = 0 if sign > 0 else 1
        sizes, marks = subject.sizes, subject.marks
        if sizes[0] != sizes[1]:
            _into(self.longer, subject.prompt, sizes[won] > sizes[1 - won])
        row = (subject.prompt, voice.rater, subject.answers[won], subject.answers[1 - won], subject.item)
        for column, number in zip(self.wins, row, strict=True):
            column.append(number)
        if voice.left is None:
            return
        took_left = voice.left == won
        _into(self.left, subject.prompt, took_left)
        self._week(voice.judged_at)["left"][took_left] += 1
        right = 1 - voice.left
        self.people[voice.rater].chose(
            took_left,
            (sizes[voice.left], sizes[right]),
            (marks[voice.left], marks[right]),
            others if voice.left == 0 else -others,
        )


def week_of(at: datetime) -> str:
    """The Monday of the week, as a date: sorts, and reads as what it is."""
    return (at.date() - timedelta(days=at.weekday())).isoformat()


def apart(level: str, values: Sequence, reach: float = 1) -> float:
    """How far people are apart on one item, 0 to 1: the mean over their pairs, as a share of how far it can be."""
    pairs = list(combinations(values, 2))
    if level == "ranking":
        taus = [kendall_tau(*pair) or 0.0 for pair in pairs]
        return sum((1 - tau) / 2 for tau in taus) / len(pairs)
    if level == "nominal":
        return sum(one != other for one, other in pairs) / len(pairs)
    return min(1.0, sum(abs(one - other) for one, other in pairs) / len(pairs) / reach)


def _sameness(subject: Subject, voice: Heard) -> tuple:
    """What must be equal when the same question is answered twice: the side taken, or everything that was said."""
    if len(subject.answers) == 2 and voice.strength is not None:
        sign = _sign(voice.strength)
        return (subject.answers[0 if sign > 0 else 1] if sign else 0,)
    return tuple(readings(subject.interface, voice.scale, voice.strength, voice.value))


def _sign(strength: int) -> int:
    return (strength > 0) - (strength < 0)


def _into(clusters: dict[int, list], key: int, hit: bool) -> None:
    cluster = clusters.setdefault(key, [0, 0])
    cluster[0] += hit
    cluster[1] += 1
