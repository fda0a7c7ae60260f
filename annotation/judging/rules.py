"""Rule-backed judges: answers compared by what can be counted. Deterministic, free, and easy to check. Pure.

A rule gives each answer a number; the higher one wins, equal ones tie. `Rule.said` is the same in the words of a
judge, so that a rule goes the way of every other judge: letters, written verdicts, scores.
"""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from annotation.judging.asking import Ask, Case, Reply
from annotation.judging.verdicts import LETTERS, LEVELS

SURE = 0.98  # how sure a rule says it is, so that log-probabilities stay finite
_WORD = re.compile(r"\w+")
_NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?")
_LIST = re.compile(r"^\s*(?:[-*+]|\d+[.)])\s", re.MULTILINE)
_HEDGE = re.compile(
    r"\b(i think|maybe|perhaps|probably|might|not sure|i believe|it seems|possibly|i'm afraid|cannot say)\b",
    re.IGNORECASE,
)
_KIND = re.compile(r"\b(please|thank|thanks|sorry|glad|happy to|of course|welcome|good luck|hope)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Measure:
    """One way to give an answer a number. `principle` says it as a judge's instruction."""

    title: str
    principle: str
    of: Callable[[str, Case, Mapping], float]


def _length(text: str) -> int:
    return len(text)


def _exact(text: str, case: Case, _settings) -> float:
    """Whether the answer gives the known one: its last number where that is a number, else the words themselves."""
    known = case.reference.strip()
    if not known:
        return 0.0
    number = _last_number(known)
    if number is not None and len(_NUMBER.findall(known)) == 1 and not re.search(r"[A-Za-z]{3}", known):
        return float(_last_number(text) == number)
    return float(" ".join(_WORD.findall(known.lower())) in " ".join(_WORD.findall(text.lower())))


def _last_number(text: str) -> float | None:
    found = _NUMBER.findall(text)
    return float(found[-1].replace(",", "")) if found else None


def _keywords(text: str, _case: Case, settings: Mapping) -> float:
    """How many of the words are in it, whole and in any case."""
    there = text.lower()
    return sum(
        bool(re.search(rf"(?<!\w){re.escape(word.lower())}(?!\w)", there)) for word in settings.get("keywords", ())
    )


MEASURES: dict[str, Measure] = {
    "longer": Measure("Longer", "Select the response that is longer.", lambda text, *_: _length(text)),
    "shorter": Measure("Shorter", "Select the response that is shorter.", lambda text, *_: -_length(text)),
    "exact": Measure("Known answer", "Select the response that gives the known answer.", _exact),
    "keywords": Measure("Keywords", "Select the response that holds more of the keywords.", _keywords),
    "lists": Measure(
        "More list items",
        "Select the response that is structured as a list.",
        lambda text, *_: len(_LIST.findall(text)),
    ),
    "numbers": Measure(
        "More numbers",
        "Select the response that gives more concrete numbers.",
        lambda text, *_: len(_NUMBER.findall(text)),
    ),
    "kind": Measure(
        "Kind words", "Select the response that is more polite.", lambda text, *_: len(_KIND.findall(text))
    ),
    "plain": Measure(
        "Fewer hedges", "Select the response that hedges less.", lambda text, *_: -len(_HEDGE.findall(text))
    ),
    "asks": Measure("Asks back", "Select the response that asks a question back.", lambda text, *_: text.count("?")),
    "shown_first": Measure("Shown first", "Select the response that stands first.", lambda *_: 0.0),
}


@dataclass(frozen=True)
class Rule:
    """A speaker that decides by one measure."""

    name: str
    settings: Mapping = field(default_factory=dict)

    def share(self, case: Case) -> float:
        """How sure the rule is of the answer shown first: 1, 0 or 1/2."""
        if self.name == "shown_first":
            return 1.0
        measure = MEASURES[self.name].of
        first, second = measure(case.first, case, self.settings), measure(case.second or "", case, self.settings)
        return 0.5 if first == second else float(first > second)

    def level(self, case: Case) -> int | None:
        """A score from 1 to 10 for one answer; None where the rule only compares."""
        value = MEASURES[self.name].of(case.first, case, self.settings)
        if self.name == "exact":
            return 10 if value else 1
        if self.name == "keywords":
            return 1 + round(9 * value / max(1, len(self.settings.get("keywords", ()))))
        return None

    def reply(self, ask: Ask) -> Reply:
        """As a judge would say it."""
        if ask.case.second is None:
            return self._rated(ask)
        share = self.share(ask.case)
        if ask.options:
            share = min(max(share, 1 - SURE), SURE)
            return Reply(logprobs=dict(zip(LETTERS, (math.log(share), math.log(1 - share)), strict=True)))
        verdict = {1.0: "A", 0.0: "B"}.get(share, "C")
        return Reply(text=f"By the rule “{MEASURES[self.name].title.lower()}”: [[{verdict}]]")

    def _rated(self, ask: Ask) -> Reply:
        level = self.level(ask.case)
        if level is None:
            return Reply(
                refused=f"The rule “{MEASURES[self.name].title.lower()}” compares answers and rates none alone."
            )
        if ask.options:
            rest = math.log((1 - SURE) / (len(LEVELS) - 1))
            return Reply(logprobs={one: math.log(SURE) if one == str(level) else rest for one in LEVELS})
        return Reply(text=f"[[{level}]]")

    def answers(self, asks: Mapping[int, Ask]) -> Iterator[list[tuple[int, Reply]]]:
        """All at once: counting takes no time."""
        yield [(key, self.reply(ask)) for key, ask in asks.items()]
