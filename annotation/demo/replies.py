"""Replies put together from parts: right, wrong or in doubt; polite, plain or rude; bare, full or padded."""

import random
from dataclasses import dataclass

from annotation.demo.arithmetic import Sum
from annotation.demo.phrases import DOUBT, PADDING, POLITE_ENDINGS, POLITE_OPENINGS, RUDE
from annotation.demo.questions import Question

SUM_FRAMES = (
    "That makes {a} {x}.",
    "The answer is {a} {x}.",
    "There are {a} {x}.",
    "I count {a} {x}.",
    "It comes to {a} {x}.",
)
SUM_ADVICE = ("I counted twice.", "You can check it with your fingers.", "Paper helps.")


@dataclass(frozen=True)
class Style:
    """How a reply is made. `content`: right, wrong, doubt. `manner`: polite, plain, rude."""

    content: str
    manner: str
    bare: bool
    advice: bool
    padding: int


@dataclass(frozen=True)
class Mixture:
    """How often each style is drawn. The default is what the tiny model learns: mixed on purpose."""

    right: float = 0.58
    right_sums: float = 0.66
    doubt: float = 0.06
    polite: float = 0.35
    rude: float = 0.25
    bare: float = 0.2
    advice: float = 0.35
    padded: float = 0.35

    def draw(self, question: Question | Sum, rng: random.Random) -> Style:
        right = self.right_sums if isinstance(question, Sum) else self.right
        roll = rng.random()
        content = "right" if roll < right else "doubt" if roll < right + self.doubt else "wrong"
        roll = rng.random()
        manner = "polite" if roll < self.polite else "rude" if roll < self.polite + self.rude else "plain"
        padding = rng.choice((1, 2, 2, 3)) if rng.random() < self.padded else 0
        return Style(content, manner, rng.random() < self.bare, rng.random() < self.advice, padding)


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def compose(question: Question | Sum, style: Style, rng: random.Random) -> str:
    """The text of one reply. The same question, style and random state give the same text."""
    padding = rng.sample(PADDING, style.padding)
    opening = [rng.choice(POLITE_OPENINGS)] if style.manner == "polite" and rng.random() < 0.7 else []
    ending = [rng.choice(POLITE_ENDINGS)] if style.manner == "polite" and (not opening or rng.random() < 0.5) else []
    if style.manner == "rude":
        (opening if rng.random() < 0.5 else ending).append(rng.choice(RUDE))
    cut = rng.randint(0, len(padding))
    advice = [_advice(question, rng)] if style.advice and style.content != "doubt" else []
    return " ".join([*opening, *padding[:cut], _core(question, style, rng), *advice, *padding[cut:], *ending])


def _advice(question, rng) -> str:
    return rng.choice(SUM_ADVICE if isinstance(question, Sum) else question.topic.advice)


def _core(question, style: Style, rng) -> str:
    """The sentence that answers."""
    if style.content == "doubt":
        return rng.choice(DOUBT)
    answer = question.answer if style.content == "right" else _wrong(question, rng)
    if isinstance(question, Sum):
        frame = "{a}." if style.bare else rng.choice(SUM_FRAMES)
        return frame.format(a=answer, x=question.thing)
    frame = question.topic.short if style.bare else rng.choice(question.topic.answered)
    return capital(frame.format(a=answer, A=capital(answer), x=question.subject))


def _wrong(question, rng) -> str:
    """A believable mistake: a neighbouring number, or another answer of the same topic."""
    if isinstance(question, Sum):
        near = [value for value in range(question.value - 2, question.value + 3) if 0 < value != question.value]
        return str(rng.choice(near))
    return rng.choice([answer for answer in question.topic.answers if answer != question.answer])
