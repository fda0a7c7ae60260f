"""TRL's preference rows: prompt, chosen, rejected; explicit or implicit prompt, texts or conversations. Pure."""

from collections.abc import Iterator

from annotation.importers import fields
from annotation.importers.records import Answer, LeftOut, Record, RowProblem, Verdict


def read(row: dict) -> Iterator[Record | LeftOut]:
    messages, chosen, rejected = _conversations(row) if isinstance(row.get("chosen"), list) else _texts(row)
    if chosen == rejected:
        yield LeftOut("chosen and rejected are the same")
        return
    value = {name: given for name in ("margin", "weight") if (given := fields.number(row, name)) is not None}
    yield Record(
        messages,
        (Answer(chosen), Answer(rejected)),
        verdict=Verdict(scale=2, strength=1, value=value),
        category=fields.short(row, "category"),
    )


def _texts(row: dict) -> tuple[list[dict], str, str]:
    chosen, rejected = fields.text(row, "chosen", empty=True), fields.text(row, "rejected", empty=True)
    if row.get("prompt") is not None:
        return fields.prompt(row["prompt"]), chosen, rejected
    if chosen.lstrip().startswith("Human:"):
        raise RowProblem("$.chosen", "is a transcript with Human: and Assistant: turns. Choose the format HH-RLHF.")
    at = _common(chosen, rejected)
    if 0 < at < max(len(chosen), len(rejected)) and chosen[at - 1] == " ":
        at -= 1  # the space belongs to the answer, as TRL has it
    if not chosen[:at].strip():
        raise RowProblem("$.prompt", "is missing, and chosen and rejected have no common beginning to take for it.")
    return fields.prompt(chosen[:at], "$.chosen"), chosen[at:], rejected[at:]


def _conversations(row: dict) -> tuple[list[dict], str, str]:
    chosen, rejected = fields.turns(row["chosen"], "$.chosen"), fields.turns(row.get("rejected"), "$.rejected")
    if row.get("prompt") is None:
        at = min(_common(chosen, rejected), len(chosen) - 1, len(rejected) - 1)
        messages = fields.asking(chosen[:at], "$.chosen")
    else:
        messages = fields.prompt(row["prompt"])
    return messages, answer(messages, chosen, "$.chosen"), answer(messages, rejected, "$.rejected")


def answer(messages: list[dict], said: list[dict], path: str) -> str:
    """The one assistant turn of a completion; some data sets repeat the prompt before it."""
    if said[: len(messages)] == messages:
        said = said[len(messages) :]
    if len(said) != 1 or said[0]["role"] != "assistant":
        told = ", ".join(turn["role"] for turn in said[:6]) or "nothing"
        raise RowProblem(path, f"must be one turn of the assistant after the prompt; it is {told}.")
    return said[0]["content"]


def _common(one, other) -> int:
    at = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        at += 1
    return at
