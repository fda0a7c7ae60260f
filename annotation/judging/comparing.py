"""The script of one comparison: asked once, in one order; what cannot be read is asked again twice. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from annotation.judging import scores, verdicts
from annotation.judging.asking import Ask, Case, Ended, Reply
from annotation.judging.templates import HOUSE, chat, filled, question, values_of

MODES = {
    "letters": "Log-probabilities of A and B",
    "verdict": "Written verdict",
    "score": "Expected score from 1 to 10",
    "rating": "Written rating from 1 to 10",
}
PAIRED = ("letters", "verdict")  # both answers in one question, so that order matters
READ_FROM_TEXT = ("verdict", "rating")
TRIES = 3


@dataclass(frozen=True)
class Pair:
    """What is judged, in true order. `place` is the order (paired) or which of the two is rated alone."""

    messages: list[dict]
    answers: Sequence[str]
    place: int = 0
    reference: str = ""
    principles: Sequence[str] = ()

    @property
    def shown(self) -> list[str]:
        return list(self.answers) if self.place == 0 else list(reversed(self.answers))


@dataclass(frozen=True)
class Comparison:
    """How to ask: `mode` is one of MODES; empty prompts are the house's own."""

    mode: str
    system: str = ""
    template: str = ""

    def next(self, pair: Pair, steps: Sequence[dict]) -> Ask | Ended:
        """The question, or how it ended. A step is {text} or {logprobs}, as `step` makes it."""
        if steps:
            value = self.value(steps[-1])
            if value is not None:
                return Ended("done", self.in_true_order(value, pair.place), {"said": value})
            if steps[-1].get("refused"):
                return Ended("refused", None, {"why": steps[-1]["refused"]})
            if len(steps) >= TRIES or self.mode not in READ_FROM_TEXT:
                return Ended("unread")
        return self.ask(pair, attempt=len(steps))

    def in_true_order(self, value: float, place: int) -> float:
        return verdicts.in_true_order(value, place) if self.mode in PAIRED else value

    def ask(self, pair: Pair, *, attempt: int = 0) -> Ask:
        house_system, house_template = HOUSE[self.mode]
        first, second = pair.shown
        alone = self.mode not in PAIRED
        answers = {"answer": first} if alone else {"answer_a": first, "answer_b": second}
        values = values_of(pair.messages, reference=pair.reference, principles=pair.principles, **answers)
        user = filled(self.template or house_template, values)
        options = {"letters": verdicts.LETTERS, "score": verdicts.LEVELS}.get(self.mode, ())
        case = Case(question(pair.messages), pair.reference, first, None if alone else second)
        system = self.system if self.template else self.system or house_system
        return Ask(chat(system, user), options, case=case, attempt=attempt)

    def value(self, step: dict) -> float | None:
        """What was said of the answer shown first (a share), or of the one rated (1 to 10); None if unreadable."""
        if step.get("logprobs"):
            try:
                read = verdicts.letter_share if self.mode == "letters" else scores.expected_score
                return read(step["logprobs"])
            except (KeyError, ValueError):
                return None
        if self.mode not in READ_FROM_TEXT:
            return None
        read = verdicts.written_verdict if self.mode == "verdict" else verdicts.written_rating
        return read(step.get("text", ""))


def step(reply: Reply) -> dict:
    """What is kept of an answer."""
    if reply.refused:
        return {"refused": reply.refused}
    if reply.logprobs is not None:
        # JSON has no minus infinity: what has no probability at all is left far below everything.
        return {"logprobs": {option: max(value, -1e4) for option, value in reply.logprobs.items()}}
    return {"text": reply.text} | ({"truncated": True} if reply.truncated else {})


def pair_value(mode: str, values: Sequence[float]) -> list[float]:
    """Both places of a pair as shares in true order: two orders, or two scores that become one comparison."""
    if mode in PAIRED:
        return list(values)
    return [scores.preferred(*values)]
