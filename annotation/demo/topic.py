"""What a topic is: one kind of question, its facts, how it is asked and how it is answered.

The same tables write prompts and replies and judge them, so they cannot drift apart.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Topic:
    name: str
    facts: dict[str, str]
    asked: tuple[str, ...]  # {x} is the subject
    answered: tuple[str, ...]  # {x} the subject, {a} the answer
    short: str  # the shortest form of the answer, {A} with a capital
    advice: tuple[str, ...]  # goes with a right answer as well as with a wrong one
    keys: dict[str, str] | None = None  # answer to the word that gives it away; None: the answer itself

    @property
    def answers(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.facts.values()))

    def key(self, answer: str) -> str:
        return self.keys[answer] if self.keys else answer
