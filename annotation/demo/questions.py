"""Questions of the world: written from the tables, and understood again from their text."""

import random
import re
from dataclasses import dataclass

from annotation.demo.facts import TOPICS
from annotation.demo.phrases import CLOSINGS, CONTEXTS
from annotation.demo.topic import Topic


@dataclass(frozen=True)
class Question:
    """What is asked, whatever the words: the topic, the subject, and the true answer."""

    topic: Topic
    subject: str

    @property
    def answer(self) -> str:
        return self.topic.facts[self.subject]

    @property
    def category(self) -> str:
        return self.topic.name


def around(text: str, rng: random.Random) -> str:
    """The question with a sentence before or after it, as people write."""
    before = f"{rng.choice(CONTEXTS)} " if rng.random() < 0.7 else ""
    after = f" {rng.choice(CLOSINGS)}" if rng.random() < 0.25 else ""
    return f"{before}{text}{after}"


def ask(rng: random.Random) -> tuple[str, Question]:
    """A prompt and what it asks."""
    topic = rng.choice(TOPICS)
    subject = rng.choice(list(topic.facts))
    return around(rng.choice(topic.asked).format(x=subject), rng), Question(topic, subject)


def _pattern(frame: str, subjects) -> re.Pattern:
    left, _, right = frame.partition("{x}")
    names = "|".join(sorted(map(re.escape, subjects), key=len, reverse=True))
    return re.compile(f"{re.escape(left)}({names}){re.escape(right)}", re.IGNORECASE)


_FRAMES = [(topic, _pattern(frame, topic.facts)) for topic in TOPICS for frame in topic.asked]


def understand(prompt: str) -> Question | None:
    """What a prompt asks, or None when it is no question of the tables."""
    for topic, pattern in _FRAMES:
        if found := pattern.search(prompt):
            return Question(topic, found.group(1).lower())
    return None
