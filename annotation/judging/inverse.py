"""Inverse constitution: the principles that explain preferences that are there (Findeis et al. 2024, 2406.06560). Pure.

1. for each pair a model proposes principles, "select the response that …", that explain the choice;
2. they are embedded and clustered (k-means over weighted word counts);
3. one principle a cluster, the one nearest its centre;
4. for each pair and principle a model votes: A, B, or neither;
5. a principle is kept if it is relevant often enough (votes that take a side among all) and accurate (those that agree
   with the choice among those that take a side) more often than not; ranked by accuracy times relevance;
6. the constitution is worth what an annotator who has only it gets right on pairs held out.
"""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from annotation.judging.asking import Ask, Case, Ended, Reply
from annotation.judging.rules import MEASURES, Rule
from annotation.judging.templates import chat, conversation

RELEVANCE, ACCURACY = 0.1, 0.5
VOTES = ("A", "B", "N")
MOST_PROPOSED = 5
_Z = 1.959964
_LINE = re.compile(r"(?:^|\n)\s*(?:[-*]|\d+[.)])?\s*(select the response that [^\n]+)", re.IGNORECASE)
_WORD = re.compile(r"[a-z]+")
_STOP = frozenset(
    [
        "select",
        "the",
        "response",
        "that",
        "is",
        "are",
        "a",
        "an",
        "of",
        "to",
        "in",
        "and",
        "or",
        "more",
        "it",
        "its",
        "with",
        "which",
        "than",
        "on",
        "for",
        "be",
        "by",
    ]
)


@dataclass(frozen=True)
class Choice:
    """A pair with what was chosen: answer 0 or answer 1. `order` 1 shows the second first."""

    messages: Sequence[dict]
    answers: tuple[str, str]
    chosen: int
    order: int = 0

    @property
    def shown(self) -> tuple[str, str]:
        return self.answers if self.order == 0 else (self.answers[1], self.answers[0])

    @property
    def letter(self) -> str:
        return "AB"[self.chosen if self.order == 0 else 1 - self.chosen]

    @property
    def text(self) -> str:
        first, second = self.shown
        return (
            f"[Conversation]\n{conversation(self.messages)}\n[End of the conversation]\n\n[Response A]\n{first}\n"
            f"[End of response A]\n\n[Response B]\n{second}\n[End of response B]\n"
        )


@dataclass(frozen=True)
class Proposing:
    """Stage 1: why was it chosen?"""

    count: int = 3

    def next(self, choice: Choice, steps: Sequence[dict]) -> Ask | Ended:
        if not steps:
            first, second = choice.shown
            asked = (
                f"{choice.text}\nAnnotators chose response {choice.letter}. Write {self.count} general principles that "
                "may explain the choice, each on a line of its own and beginning with “Select the response that”."
            )
            won, lost = (first, second) if choice.letter == "A" else (second, first)
            return Ask(chat("", asked), case=Case(first=won, second=lost))
        if steps[-1].get("refused"):
            return Ended("refused", None, {"why": steps[-1]["refused"]})
        found = proposed(steps[-1]["text"])
        return Ended("done", None, {"principles": found}) if found else Ended("unread")


def proposed(text: str) -> list[str]:
    """The principles in an answer, tidied."""
    found = [" ".join(line.split()).rstrip(".") + "." for line in _LINE.findall(text)]
    return list(dict.fromkeys(one[0].upper() + one[1:] for one in found))[:MOST_PROPOSED]


@dataclass(frozen=True)
class Voting:
    """Stage 4: which response does this principle select? Asked for each principle in turn."""

    principles: Sequence[str]

    def next(self, choice: Choice, steps: Sequence[dict]) -> Ask | Ended:
        if steps and steps[-1].get("refused"):
            return Ended("refused", None, {"why": steps[-1]["refused"]})
        if len(steps) == len(self.principles):
            return Ended("done", None, {"votes": [vote_of(step, choice) for step in steps]})
        principle = self.principles[len(steps)]
        asked = (
            f"{choice.text}\n[Principle]\n{principle}\n[End of the principle]\n\nWhich response does the principle "
            "select? Reply with one letter: A, B, or N if it selects neither."
        )
        first, second = choice.shown
        return Ask(chat("", asked), VOTES, case=Case(first=first, second=second, principle=principle))


def vote_of(step: Mapping, choice: Choice) -> int | None:
    """0 or 1, the answer a principle selects; None for neither."""
    logprobs = step["logprobs"]
    letter = max(VOTES, key=lambda option: logprobs[option])
    if letter == "N":
        return None
    place = VOTES.index(letter)
    return place if choice.order == 0 else 1 - place


@dataclass(frozen=True)
class Tested:
    """A principle and what its votes say of it."""

    text: str
    relevance: float
    accuracy: float
    votes: int

    @property
    def worth(self) -> float:
        return self.accuracy * self.relevance

    @property
    def interval(self) -> tuple[float, float]:
        """Of the accuracy, 95 %: Wilson's, which holds for few votes too (Wilson 1927)."""
        n, square = max(self.votes, 1), _Z**2
        middle = (self.accuracy + square / (2 * n)) / (1 + square / n)
        half = _Z / (1 + square / n) * math.sqrt(self.accuracy * (1 - self.accuracy) / n + square / (4 * n * n))
        return (middle - half, middle + half) if self.votes else (0.0, 1.0)


def tested(principles: Sequence[str], votes: Sequence[Sequence[int | None]], chosen: Sequence[int]) -> list[Tested]:
    """`votes[pair][principle]` against what was chosen, best first."""
    found = []
    for place, text in enumerate(principles):
        said = [(row[place], truth) for row, truth in zip(votes, chosen, strict=True) if row[place] is not None]
        right = sum(vote == truth for vote, truth in said)
        relevance = len(said) / len(votes) if votes else 0.0
        found.append(Tested(text, relevance, right / len(said) if said else 0.0, len(said)))
    return sorted(found, key=lambda one: (-one.worth, one.text))


def kept(
    principles: Sequence[Tested], *, relevance: float = RELEVANCE, accuracy: float = ACCURACY, most: int = 5
) -> list[Tested]:
    """Those that are relevant and right more often than not, the best `most`."""
    return [one for one in principles if one.relevance >= relevance and one.accuracy > accuracy][:most]


def reconstructed(principles: Sequence[Tested], votes: Mapping[str, int | None], chosen: int) -> float:
    """Whether an annotator who weighs the principles' votes by log-odds of their accuracy gets a choice right.

    A half where they say nothing: that is what guessing gets.
    """
    weight = 0.0
    for one in principles:
        vote = votes.get(one.text)
        if vote is not None:
            sure = min(max(one.accuracy, 0.01), 0.99)
            weight += math.log(sure / (1 - sure)) * (1 if vote == 1 else -1)
    return 0.5 if weight == 0 else float((weight > 0) == (chosen == 1))


def clustered(texts: Sequence[str], count: int, *, seed: int = 0) -> list[list[str]]:
    """`count` clusters at most, by k-means over their words; the text nearest its centre stands first in each."""
    distinct = list(dict.fromkeys(texts))
    if len(distinct) <= count:
        return [[text] for text in distinct]
    points = embedded(distinct)
    centres = _seeded(points, count, np.random.default_rng(seed))
    for _ in range(50):
        near = ((points[:, None] - centres[None]) ** 2).sum(axis=2).argmin(axis=1)
        moved = np.array([points[near == k].mean(axis=0) if (near == k).any() else centres[k] for k in range(count)])
        if np.allclose(moved, centres):
            break
        centres = moved
    far = ((points - centres[near]) ** 2).sum(axis=1)
    groups = [[int(place) for place in np.flatnonzero(near == k)] for k in range(count)]
    return [[distinct[place] for place in sorted(group, key=lambda one: far[one])] for group in groups if group]


def embedded(texts: Sequence[str]) -> np.ndarray:
    """[N, V] word counts weighted by how rare the word is (tf-idf), each row of length one."""
    words = [Counter(word for word in _WORD.findall(text.lower()) if word not in _STOP) for text in texts]
    vocabulary = {word: place for place, word in enumerate(sorted({word for row in words for word in row}))}
    points = np.zeros((len(texts), max(len(vocabulary), 1)))
    for row, counts in enumerate(words):
        for word, count in counts.items():
            points[row, vocabulary[word]] = count
    rare = np.log((1 + len(texts)) / (1 + (points > 0).sum(axis=0))) + 1
    points *= rare
    return points / np.maximum(np.linalg.norm(points, axis=1, keepdims=True), 1e-12)


def _seeded(points: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """First centres far from each other (k-means++)."""
    chosen = [int(rng.integers(len(points)))]
    while len(chosen) < count:
        far = ((points[:, None] - points[chosen][None]) ** 2).sum(axis=2).min(axis=1)
        whole = far.sum()
        chosen.append(int(rng.choice(len(points), p=far / whole)) if whole > 0 else int(rng.integers(len(points))))
    return points[chosen]


@dataclass(frozen=True)
class RuleAnnotator:
    """Proposes and votes by what can be counted: no model, and still an answer to “what do these people go by?”."""

    names: tuple[str, ...] = tuple(name for name in MEASURES if name not in ("exact", "keywords", "shown_first"))

    def reply(self, ask: Ask) -> Reply:
        if ask.options:
            name = next((name for name in self.names if MEASURES[name].principle == ask.case.principle), None)
            share = Rule(name).share(ask.case) if name else 0.5
            letter = {1.0: "A", 0.0: "B"}.get(share, "N")
            return Reply(logprobs={option: 0.0 if option == letter else -20.0 for option in VOTES})
        won = [MEASURES[name].principle for name in self.names if Rule(name).share(ask.case) == 1.0]
        return Reply(text="\n".join(won) or "Nothing that can be counted explains it.")

    def answers(self, asks: Mapping[int, Ask]):
        yield [(key, self.reply(ask)) for key, ask in asks.items()]
