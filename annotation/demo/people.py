"""Simulated annotators: people of known taste, known noise and known faults.

Each sees what a person sees: the prompt and two replies, left and right, never which came first in truth. What they
answer is signed from the left, as the page does it. Wherever their answers go they are marked as simulated.
"""

import math
import random
from dataclasses import dataclass, field

from annotation.demo.truth import quality

CUTS = (0.1, 0.22, 0.38)  # a difference in utility this large is worth the next step of the scale
BOTH_BAD_BELOW = 0.3  # what a careful reader would rather not choose from


@dataclass(frozen=True)
class Answer:
    """`strength` is signed from the left reply's side; 0 is a tie; None unless `outcome` is "answer"."""

    outcome: str
    strength: int | None
    active_ms: int
    reason: str = ""


@dataclass(frozen=True)
class Person:
    """Somebody with a taste. `temperature` is the noise on what they feel, `left` a pull to the left side."""

    key: str
    name: str
    about: str
    taste: dict[str, float] = field(default_factory=dict)  # weights of correct, polite, brief; of length for the fault
    temperature: float = 0.05
    left: float = 0.0
    guesses: bool = False
    skips: float = 0.01
    ms_per_word: int = 190
    busy: int = 3  # how much they judge, beside the others

    def judge(self, prompt: str, left: str, right: str, *, scale: int, rng: random.Random) -> Answer:
        """What this person says of two replies on a graded scale of 2, 5, 7 or 8 cells."""
        if self.guesses:
            return Answer("answer", rng.choice(cells(scale)), int(rng.uniform(600, 1800)))
        active_ms = self._active_ms(prompt, left, right, rng)
        if rng.random() < self.skips:
            return Answer("skip", None, active_ms, reason="subject")
        felt = [self.utility(prompt, reply) for reply in (left, right)]
        if "polite" in self.taste and max(felt) < BOTH_BAD_BELOW:
            return Answer("both_bad", None, active_ms)
        noise = self.temperature * _logistic(rng)
        return Answer("answer", strength(felt[0] - felt[1] + self.left + noise, scale), active_ms)

    def utility(self, prompt: str, reply: str) -> float:
        """How much this person likes a reply: their own weights on the parts of its true quality."""
        parts = quality(prompt, reply)
        liked = sum(self.taste.get(part, 0.0) * getattr(parts, part) for part in ("correct", "polite", "brief"))
        return parts.readable * liked + self.taste.get("length", 0.0) * min(1.0, len(reply.split()) / 40)

    def _active_ms(self, prompt, left, right, rng) -> int:
        words = sum(len(text.split()) for text in (prompt, left, right))
        return int((1200 + words * self.ms_per_word) * math.exp(rng.gauss(0, 0.3)))


def cells(scale: int) -> list[int]:
    """Every strength of a scale, from right much better to left much better; odd scales hold a tie."""
    half = scale // 2
    return [value for value in range(-half, half + 1) if value or scale % 2]


def strength(difference: float, scale: int) -> int:
    """The cell of the scale for a difference in utility, signed from the left."""
    steps = 1 + sum(abs(difference) >= cut for cut in CUTS)  # 1 to 4, as on the scale of 8
    side = 1 if difference >= 0 else -1
    half = scale // 2
    if scale % 2:  # the weakest step becomes the tie
        return side * min(half, round((steps - 1) * half / 3))
    return side * max(1, round(steps * half / 4))


def _logistic(rng: random.Random) -> float:
    share = rng.uniform(1e-9, 1 - 1e-9)
    return math.log(share / (1 - share))


PEOPLE = (
    Person(
        "ada",
        "Ada (simulated)",
        "careful; mostly cares that it is right",
        {"correct": 0.6, "polite": 0.2, "brief": 0.2},
    ),
    Person("bruno", "Bruno (simulated)", "careful; minds his manners", {"correct": 0.45, "polite": 0.4, "brief": 0.15}),
    Person("clara", "Clara (simulated)", "careful; has no time", {"correct": 0.45, "polite": 0.15, "brief": 0.4}),
    Person(
        "emil",
        "Emil (simulated)",
        "careful, but noisy",
        {"correct": 0.5, "polite": 0.25, "brief": 0.25},
        temperature=0.12,
    ),
    Person(
        "flora",
        "Flora (simulated)",
        "slow and exact",
        {"correct": 0.5, "polite": 0.25, "brief": 0.25},
        temperature=0.03,
        ms_per_word=320,
    ),
    Person(
        "gus",
        "Gus (simulated)",
        "always prefers the left reply",
        temperature=0.03,
        left=0.3,
        skips=0.0,
        ms_per_word=60,
        busy=1,
    ),
    Person(
        "hanna",
        "Hanna (simulated)",
        "loves length",
        {"length": 0.9, "correct": 0.1},
        temperature=0.04,
        skips=0.0,
        busy=1,
    ),
    Person("ivan", "Ivan (simulated)", "clicks at random", guesses=True, skips=0.0, busy=1),
)


def panel(rng: random.Random, size: int) -> list[Person]:
    """Different people for one pair; who judges more comes up more often."""
    chosen: list[Person] = []
    while len(chosen) < size:
        [person] = rng.choices(PEOPLE, weights=[person.busy for person in PEOPLE])
        if person not in chosen:
            chosen.append(person)
    return chosen
