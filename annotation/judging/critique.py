"""Critique and revision: the supervised stage of constitutional AI (Bai et al. 2022, 2212.08073). Pure.

For a prompt x: y_0 of the writer; then n times a principle is drawn, the writer criticises y_i in its light, and
rewrites it into y_{i+1}. Trained on is (x, y_n), or every revision; critiques are never part of it.

Departs from the paper: no few-shot examples stand before the requests; a principle may bring its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from annotation.judging.asking import Ask, Case, Ended, Reply
from annotation.judging.principles import Principle, drawn

MOST_REVISIONS = 4
KEPT = {"last": "The last revision", "all": "Every revision"}


@dataclass(frozen=True)
class Chain:
    """`seed` and the row's own key decide which principle each round draws."""

    principles: Sequence[Principle]
    revisions: int = 2
    seed: int = 0

    def order(self, key) -> list[Principle]:
        """The principle of each round; uniform over rounds, weighted inside one."""
        return [drawn(self.principles, 1, self.seed, key, turn)[0] for turn in range(self.revisions)]

    def next(self, row: "Started", steps: Sequence[dict]) -> Ask | Ended:
        """An answer first, then critique and revision in turn. A step is {kind, text, principle}."""
        if steps and steps[-1].get("refused"):
            return Ended("refused", None, {"why": steps[-1]["refused"]})
        if steps and not steps[-1]["text"].strip():
            return Ended("refused", None, {"why": f"The writer left its {steps[-1]['kind']} empty."})
        if len(steps) == 1 + 2 * self.revisions:
            return Ended("done", None, {"answer": steps[0]["text"], "revised": steps[-1]["text"]})
        return Ask(self._messages(row, steps), who="writer", case=Case(first=steps[-1]["text"] if steps else ""))

    def _messages(self, row: "Started", steps: Sequence[dict]) -> list[dict]:
        """The prompt; or prompt, the answer as it stands, and what is asked about it."""
        if not steps:
            return list(row.messages)
        turn, revising = divmod(len(steps) - 1, 2)
        principle = self.order(row.key)[turn]
        talk = [*row.messages, _said(steps[2 * turn]["text"]), _asked(principle.critique_request)]
        if revising:
            talk += [_said(steps[-1]["text"]), _asked(principle.revision_request)]
        return talk

    def step(self, row: "Started", steps: Sequence[dict], reply: Reply) -> dict:
        """What is kept of an answer."""
        if reply.refused:
            return {"kind": "refused", "text": "", "refused": reply.refused}
        if not steps:
            return {"kind": "answer", "text": reply.text}
        turn, revising = divmod(len(steps) - 1, 2)
        kind = "revision" if revising else "critique"
        return {"kind": kind, "text": reply.text, "principle": self.order(row.key)[turn].key}


@dataclass(frozen=True)
class Started:
    """A prompt and a key that is the row's own."""

    messages: Sequence[dict]
    key: object = 0


def demonstrations(steps: Sequence[dict], kept: str = "last") -> list[str]:
    """The answers to train on: no critique, and not the first answer."""
    revised = [step["text"] for step in steps if step["kind"] == "revision"]
    return revised if kept == "all" else revised[-1:]


def _said(text: str) -> dict:
    return {"role": "assistant", "content": text}


def _asked(text: str) -> dict:
    return {"role": "user", "content": text}
