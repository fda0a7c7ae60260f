"""One item of a rubric scored by a judge: a critique first where the item asks for one, then the score. Pure.

R. Patel (2025), section 6.1, 5a and 5b: the judge gets question, response, the item and, for an item with a critique
prompt, the critique it wrote before; it returns reasoning, score and confidence, in this order, so that the score
follows from the reasoning. What cannot be read is asked again, twice; then the item is left out for that answer.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from annotation.judging.asking import Ask, Case, Ended, Reply

RETRIES = 2
SYSTEM = """\
You score how far one statement is true of an answer, from 0 (not at all) to 1 (entirely). Say also how confident you \
are in the score, from 0 to 1: low where the statement leaves open what counts. Judge only what the statement says."""
FORM = """\
Reply with one JSON object and nothing else, its fields in this order:
{"reasoning": "…", "score": 0.0, "confidence": 0.0}"""
CRITIQUE = "Write your critique of the answer above. Do not give a score."
_OBJECT = re.compile(r"\{.*\}", re.DOTALL)
_LEVEL = re.compile(r"\[\[(10|[1-9])\]\]")


@dataclass(frozen=True)
class Scored:
    """What a judge said of one item."""

    score: float
    confidence: float
    reasoning: str = ""


@dataclass(frozen=True)
class Scoring:
    """An answer and the item it is scored on. `critique_prompt` is the system prompt of the critic, empty for none."""

    messages: Sequence[dict]
    answer: str
    item: str
    critique_prompt: str = ""
    reference: str = ""

    def next(self, steps: Sequence[dict]) -> Ask | Ended:
        """Critique where one is wanted, then the score, again where it could not be read. A step is {kind, text}."""
        last = steps[-1] if steps else {}
        if last.get("refused"):
            return Ended("refused", None, {"why": last["refused"]})
        critique = next((step["text"] for step in steps if step["kind"] == "critique"), "")
        if last.get("kind") == "score" and (found := read(last["text"])):
            told = {"confidence": found.confidence, "reasoning": found.reasoning, "critique": critique}
            return Ended("done", found.score, told)
        if self.critique_prompt and not critique:
            if last:
                return Ended("refused", None, {"why": "The judge left its critique empty."})
            return Ask(self._critique(), case=self._case())
        tries = sum(step["kind"] == "score" for step in steps)
        if tries > RETRIES:
            return Ended("unread", None, {"why": "No score could be read.", "said": last["text"][:2000]})
        return Ask(self._score(critique), case=self._case(), attempt=tries)

    def step(self, steps: Sequence[dict], reply: Reply) -> dict:
        """What is kept of a reply."""
        kind = "critique" if self.critique_prompt and not steps else "score"
        if reply.refused:
            return {"kind": kind, "text": "", "refused": reply.refused}
        return {"kind": kind, "text": reply.text}

    def _critique(self) -> list[dict]:
        return [_turn("system", self.critique_prompt), _turn("user", f"{self._shown()}\n\n{CRITIQUE}")]

    def _score(self, critique: str) -> list[dict]:
        parts = [self._shown()]
        if self.reference:
            parts.append(f"[Known answer]\n{self.reference}\n[End of the known answer]")
        if critique:
            parts.append(f"[Critique]\n{critique}\n[End of the critique]")
        parts += [f"[Statement]\n{self.item}\n[End of the statement]", FORM]
        return [_turn("system", SYSTEM), _turn("user", "\n\n".join(parts))]

    def _shown(self) -> str:
        talk = "\n\n".join(f"{turn['role'].capitalize()}: {turn['content']}" for turn in self.messages)
        return f"[Conversation]\n{talk}\n[End of the conversation]\n\n[Answer]\n{self.answer}\n[End of the answer]"

    def _case(self) -> Case:
        question = next((turn["content"] for turn in reversed(self.messages) if turn["role"] == "user"), "")
        return Case(question=question, reference=self.reference, first=self.answer, principle=self.item)


def read(text: str) -> Scored | None:
    """Score and confidence in a reply; a rule's [[1]] to [[10]] is 0 to 1, and sure. None where there is none."""
    if level := _LEVEL.search(text):
        return Scored((int(level[1]) - 1) / 9, 1.0)
    found = _OBJECT.search(text)
    try:
        told = json.loads(found[0]) if found else None
    except ValueError:
        return None
    if not isinstance(told, dict):
        return None
    score, confidence = _unit(told.get("score")), _unit(told.get("confidence"))
    if score is None or confidence is None:
        return None
    return Scored(score, confidence, str(told.get("reasoning") or ""))


def _unit(value) -> float | None:
    """A number from 0 to 1; None for everything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 <= value <= 1 else None


def _turn(role: str, content: str) -> dict:
    return {"role": role, "content": content}
