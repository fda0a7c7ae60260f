"""What is drawn from the world: conversations to learn from, pairs to judge, prompts to ask.

Every prompt belongs to training or to validation by a hash of its text, so that no prompt is in both, whatever is
drawn with whatever seed.
"""

import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass

from annotation.demo.arithmetic import Sum, ask_number
from annotation.demo.questions import Question, ask
from annotation.demo.replies import Mixture, compose

VALIDATION_SHARE = 0.1


@dataclass(frozen=True)
class Asked:
    """A prompt and what it asks."""

    prompt: str
    question: Question | Sum

    @property
    def reference(self) -> str:
        """The checkable answer; empty where only the tables know."""
        return self.question.answer if isinstance(self.question, Sum) else ""


@dataclass(frozen=True)
class Pair:
    asked: Asked
    first: str
    second: str


def is_validation(prompt: str) -> bool:
    return int(hashlib.sha256(prompt.encode()).hexdigest()[:8], 16) / 16**8 < VALIDATION_SHARE


def prompts(seed: int, *, checkable: float, validation: bool | None = None) -> Iterator[Asked]:
    """Distinct prompts without end; a share `checkable` of them have a checkable answer."""
    rng = random.Random(f"prompts-{seed}")
    seen: set[str] = set()
    while True:
        text, question = ask_number(rng) if rng.random() < checkable else ask(rng)
        if text in seen or (validation is not None and is_validation(text) != validation):
            continue
        seen.add(text)
        yield Asked(text, question)


def conversations(seed: int, *, checkable: float = 0.45, mixture: Mixture | None = None) -> Iterator[tuple[str, str]]:
    """(prompt, reply) of the training prompts without end, replies of mixed quality; prompts may come again."""
    rng = random.Random(f"conversations-{seed}")
    mixture = mixture or Mixture()
    while True:
        text, question = ask_number(rng) if rng.random() < checkable else ask(rng)
        if not is_validation(text):
            yield text, compose(question, mixture.draw(question, rng), rng)


def pairs(seed: int, *, checkable: float = 0.0, validation: bool | None = None) -> Iterator[Pair]:
    """Two different replies to each of distinct prompts, without end."""
    rng = random.Random(f"pairs-{seed}")
    mixture = Mixture()
    for asked in prompts(seed, checkable=checkable, validation=validation):
        first = compose(asked.question, mixture.draw(asked.question, rng), rng)
        second = first
        while second == first:
            second = compose(asked.question, mixture.draw(asked.question, rng), rng)
        yield Pair(asked, first, second)
