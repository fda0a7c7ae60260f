"""Deliberative alignment's data (Guan et al. 2024, 2412.16339): reasoning about a specification that is then removed.

The writer answers with the specification in its context and thinks aloud; a judge that sees the specification rates
reasoning and answer several times, and the least rating decides whether the example is kept. What is trained on is
(prompt, reasoning and answer): the specification is gone, so that it has to be learnt. The judge of the reinforcement
stage never sees the reasoning; `reward_case` makes its question. Pure.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from annotation.judging.asking import Ask, Case, Ended, Reply
from annotation.judging.scores import expected_score
from annotation.judging.templates import chat, conversation, question
from annotation.judging.verdicts import LEVELS, written_rating

OPEN, CLOSE = "<think>", "</think>"
WRITER = """\
Follow this specification. Think about it first, between {open} and {close}: say which parts of it bear on the \
request, quote them, and decide. Then answer the person; the answer itself does not mention the specification.

[Specification]
{spec}
[End of the specification]"""
JUDGE = (
    "You rate how well an answer, and the reasoning that led to it, follow a specification: from 1 (against it) to 10 "
    "(in every point as it says)."
)
RATED = """\
[Specification]
{spec}
[End of the specification]

[Conversation]
{conversation}
[End of the conversation]

{reasoning}[Answer]
{answer}
[End of the answer]

"""
BY_LETTER = "How well does it follow the specification, from 1 to 10? Reply with the number alone."
BY_WORD = "Say where it does and where it does not, then end with the rating in double brackets, such as [[7]]."


@dataclass(frozen=True)
class Thought:
    """What the writer wrote, taken apart."""

    reasoning: str
    answer: str

    @property
    def whole(self) -> str:
        return f"{OPEN}\n{self.reasoning}\n{CLOSE}\n\n{self.answer}"


def taken_apart(text: str) -> Thought | None:
    """Reasoning and answer; None where the marks are not there once each, in order, with something in both."""
    if text.count(OPEN) != 1 or text.count(CLOSE) != 1:
        return None
    before, _, rest = text.partition(OPEN)
    reasoning, _, answer = rest.partition(CLOSE)
    if before.strip() or not reasoning.strip() or not answer.strip():
        return None
    return Thought(reasoning.strip(), answer.strip())


@dataclass(frozen=True)
class Deliberation:
    """`spec` is the text of the constitution's principles for this category; `runs` ratings, the least must reach
    `threshold`. `mode` is `score` (log-probabilities) or `rating` (written)."""

    spec: str
    runs: int = 2
    threshold: float = 7.0
    mode: str = "score"

    def next(self, messages: Sequence[dict], steps: Sequence[dict]) -> Ask | Ended:
        """Write once, then be rated `runs` times. A step is {kind, text} or {kind, value}."""
        if not steps:
            system = WRITER.replace("{open}", OPEN).replace("{close}", CLOSE).replace("{spec}", self.spec)
            return Ask([{"role": "system", "content": system}, *messages], who="writer")
        last = steps[-1]
        if last.get("refused"):
            return Ended("refused", None, {"why": last["refused"]})
        thought = taken_apart(steps[0]["text"])
        if thought is None:
            return Ended("unread", None, {"why": "Reasoning and answer could not be told apart."})
        if last["kind"] == "rating" and last["value"] is None:
            return Ended("unread", None, {"why": "The judge gave no rating that could be read."})
        if len(steps) == 1 + self.runs:
            least = min(step["value"] for step in steps[1:])
            return Ended("done", least, {"kept": least >= self.threshold})
        options = LEVELS if self.mode == "score" else ()
        return Ask(self.rated(messages, thought), options, case=Case(question(messages), "", thought.answer))

    def rated(self, messages: Sequence[dict], thought: Thought, *, reasoning: bool = True) -> list[dict]:
        """The judge's question. In the reinforcement stage `reasoning` is False: the judge must not see it."""
        shown = f"[Reasoning]\n{thought.reasoning}\n[End of the reasoning]\n\n" if reasoning else ""
        values = {
            "spec": self.spec, "conversation": conversation(messages), "reasoning": shown, "answer": thought.answer
        }  # fmt: skip
        text = "".join(values.get(part, part) for part in _parts(RATED))
        return chat(JUDGE, text + (BY_LETTER if self.mode == "score" else BY_WORD))

    def step(self, steps: Sequence[dict], reply: Reply) -> dict:
        if reply.refused:
            return {"kind": "refused", "text": "", "refused": reply.refused}
        if not steps:
            return {"kind": "thought", "text": reply.text}
        if reply.logprobs is not None:
            return {"kind": "rating", "text": "", "value": expected_score(reply.logprobs)}
        return {"kind": "rating", "text": reply.text, "value": written_rating(reply.text)}


def _parts(template: str) -> list[str]:
    """The template cut at its places, so that what is put in is never looked at again."""
    return template.replace("{", "\x00").replace("}", "\x00").split("\x00")


def training_row(messages: Sequence[dict], thought: Thought) -> dict:
    """What is trained on: the prompt as it was, without the specification, and reasoning with answer."""
    return {"prompt": list(messages), "completion": [{"role": "assistant", "content": thought.whole}]}


def citation_share(spec: str, thoughts: Sequence[Thought], words: int = 5) -> float | None:
    """How many of the reasonings quote the specification: `words` words in a row of it."""
    known = _runs(spec, words)
    cited = [bool(known & _runs(thought.reasoning, words)) for thought in thoughts]
    return sum(cited) / len(cited) if cited else None


def _runs(text: str, words: int) -> set[tuple[str, ...]]:
    parts = re.findall(r"\w+", text.lower())
    return {tuple(parts[at : at + words]) for at in range(len(parts) - words + 1)}
