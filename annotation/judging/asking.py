"""What is asked of a speaker, and what comes back. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol


class SpeakerFailed(Exception):
    """Nobody answers at all: no model there, no key, no connection. The text is for people."""


@dataclass(frozen=True)
class Case:
    """What a rule needs of a comparison, in the order shown. `second` is None where one answer is looked at alone."""

    question: str = ""
    reference: str = ""
    first: str = ""
    second: str | None = None
    principle: str = ""


@dataclass(frozen=True)
class Ask:
    """One question. With `options` the log-probability of each is wanted, without them a text.

    `who` is the part it is put to: the writer or the judge. `case` is the same question for rules.
    `attempt` counts how often an answer to it could not be read.
    """

    messages: list[dict]
    options: tuple[str, ...] = ()
    who: str = "judge"
    case: Case = field(default_factory=Case)
    attempt: int = 0


@dataclass(frozen=True)
class Reply:
    """An answer: a text, or log-probabilities by option. `refused` says why there is none; the job goes on."""

    text: str = ""
    logprobs: Mapping[str, float] | None = None
    refused: str = ""
    truncated: bool = False


class Speaker(Protocol):
    """Answers many questions, in any order, a batch at a time; empty batches say that it is still at work.

    Raises SpeakerFailed.
    """

    def answers(self, asks: Mapping[int, Ask]) -> Iterator[list[tuple[int, Reply]]]: ...


@dataclass(frozen=True)
class Ended:
    """How a row ended: `done`, `unread` (no verdict could be read) or `refused`."""

    state: str
    value: float | None = None
    result: dict = field(default_factory=dict)
