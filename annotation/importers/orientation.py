"""Answers in an order of their own, so that (A, B) and (B, A) are one item; what was said turns with them. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from annotation.importers.records import Record, Verdict
from annotation.snapshot_format import text_digest

_PER_SIDE = ("ranks", "scores", "safety", "feedback")  # lists with a place for each answer
_SIDES = {"model_a": "model_b", "model_b": "model_a"}


def oriented(record: Record) -> Record:
    """The record with its answers sorted by source and text, where their order means nothing."""
    if record.interface not in ("pairwise", "ranking") or len(record.answers) < 2:
        return record
    keys = [(answer.source, text_digest(answer.text)) for answer in record.answers]
    order = sorted(range(len(keys)), key=keys.__getitem__)
    if order == list(range(len(order))):
        return record
    answers = tuple(record.answers[place] for place in order)
    return replace(record, answers=answers, verdict=record.verdict and _turned(record.verdict, order))


def _turned(verdict: Verdict, order: Sequence[int]) -> Verdict:
    """`order` names, for each new place, the old one."""
    pair = len(order) == 2
    return replace(
        verdict,
        strength=-verdict.strength if pair and verdict.strength is not None else verdict.strength,
        value=_turned_value(verdict.value, order),
        shown=tuple(order.index(place) for place in verdict.shown),
    )


def _turned_value(value: dict, order: Sequence[int]) -> dict:
    made = dict(value)
    for name in _PER_SIDE:
        if isinstance(made.get(name), list) and len(made[name]) == len(order):
            made[name] = [made[name][place] for place in order]
    if len(order) != 2:
        return made
    if made.get("winner") in _SIDES:
        made["winner"] = _SIDES[made["winner"]]
    if isinstance(made.get("probability"), int | float):
        made["probability"] = 1 - made["probability"]
    if isinstance(made.get("criteria"), dict):
        made["criteria"] = {name: {**said, "strength": -said["strength"]} for name, said in made["criteria"].items()}
    return made
