"""HH-RLHF: each side is a whole transcript in one string; the pair is split at the last turn. Pure."""

import re
from collections.abc import Iterator

from annotation.importers import fields
from annotation.importers.records import Answer, LeftOut, Record, RowProblem, Verdict

_TURN = re.compile(r"\n\n(Human|Assistant):")
_ROLE = {"Human": "user", "Assistant": "assistant"}


def read(row: dict) -> Iterator[Record | LeftOut]:
    chosen = _transcript(fields.text(row, "chosen"), "$.chosen")
    rejected = _transcript(fields.text(row, "rejected"), "$.rejected")
    if chosen[:-1] != rejected[:-1]:
        yield LeftOut("the two conversations differ before the last turn")
    elif not chosen[-1]["content"].strip() or not rejected[-1]["content"].strip():
        yield LeftOut("one of the answers is empty")
    elif chosen == rejected:
        yield LeftOut("chosen and rejected are the same")
    else:
        answers = (Answer(chosen[-1]["content"]), Answer(rejected[-1]["content"]))
        messages = fields.asking(chosen[:-1], "$.chosen")
        yield Record(messages, answers, verdict=Verdict(scale=2, strength=1))


def _transcript(text: str, path: str) -> list[dict]:
    """The turns of a transcript that ends with the assistant's. The space after a marker is the marker's."""
    before, *parts = _TURN.split("\n\n" + text.lstrip("\n"))
    if before.strip() or not parts:
        raise RowProblem(path, "must be a transcript whose turns begin with “Human:” and “Assistant:”.")
    turns = [
        {"role": _ROLE[who], "content": said.removeprefix(" ")}
        for who, said in zip(parts[::2], parts[1::2], strict=True)
    ]
    if turns[-1]["role"] != "assistant":
        raise RowProblem(path, "must end with a turn of the assistant.")
    return turns
