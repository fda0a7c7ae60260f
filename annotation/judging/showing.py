"""What was said in a row, as a page shows it: who speaks, the words, what they came to. Pure."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from annotation.judging.principles import Principle

TITLES = {
    "answer": "First answer",
    "critique": "Critique",
    "revision": "Revision",
    "score": "Score",
    "thought": "Reasoning and answer",
    "refused": "No answer",
}


@dataclass(frozen=True)
class Shown:
    """`text` is a model's, `before` the text it revises; `note` is ours; `shares` are options with probabilities."""

    title: str
    text: str = ""
    note: str = ""
    shares: tuple[tuple[str, float], ...] = ()
    side: str = ""
    before: str = ""


def shown_steps(kind: str, steps: Sequence[Mapping], principles: Mapping[str, Principle]) -> list[Shown]:
    """The steps of a row, in order."""
    shown, before = [], ""
    for number, one in enumerate(steps):
        if one.get("refused"):
            shown.append(Shown(TITLES["refused"], note=one["refused"]))
        elif "kind" in one:
            shown.append(_named(one, principles, before, number))
            if one["kind"] in ("answer", "revision"):
                before = one["text"]
        elif "logprobs" in one:
            shown.append(Shown("Vote" if kind == "inverse" else "Log-probabilities", shares=_shares(one["logprobs"])))
        else:
            title = "Proposed" if kind == "inverse" else "Answer" if number == 0 else f"Answer, asked again {number}"
            shown.append(Shown(title, one.get("text", ""), "Cut off by its limit." if one.get("truncated") else ""))
    return shown


def _named(one: Mapping, principles: Mapping[str, Principle], before: str, number: int) -> Shown:
    kind, text = one["kind"], one.get("text", "")
    if kind == "speech":
        return Shown(f"Debater {one['side']}", text, side=one["side"].lower())
    if kind == "rating":
        value = one["value"]
        return Shown("Rating", text, "Not readable." if value is None else f"{value:.2f} of 10")
    if kind == "verdict":
        title = "The judge, before the debate" if number == 0 else "The judge, after the debate"
        value = one["value"]
        return Shown(title, text, "Not readable." if value is None else f"A is right with probability {value:.2f}")
    principle = principles.get(one.get("principle", ""))
    note = principle.text if principle else ""
    if kind == "revision" and text.strip() == before.strip():
        note = f"{note} Nothing was changed.".strip()
    return Shown(TITLES.get(kind, kind), text, note, before=before if kind == "revision" else "")


def _shares(logprobs: Mapping[str, float]) -> tuple[tuple[str, float], ...]:
    top = max(logprobs.values())
    weights = {option: math.exp(value - top) for option, value in logprobs.items()}
    whole = sum(weights.values())
    return tuple((option, weight / whole) for option, weight in weights.items())
