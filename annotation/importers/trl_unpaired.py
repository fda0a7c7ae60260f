"""TRL's unpaired preference rows (prompt, completion, label) and demonstrations (prompt, completion). Pure."""

from collections.abc import Iterator

from annotation.importers import fields
from annotation.importers.records import Answer, Record, Verdict
from annotation.importers.trl_preference import answer


def read(row: dict) -> Iterator[Record]:
    """A thumb: a judgment of one completion, with a label and no strength."""
    label = fields.boolean(row, "label")
    messages, text = _pair(row)
    yield Record(messages, (Answer(text),), "thumbs", Verdict(value={"label": label}), fields.short(row, "category"))


def read_demonstration(row: dict) -> Iterator[Record]:
    """An answer that shows how it is done; `messages` alone will do, its last turn is the answer."""
    if isinstance(row.get("messages"), list) and "completion" not in row:
        said = fields.turns(row["messages"], "$.messages")
        row = {**row, "prompt": said[:-1], "completion": said[-1:]}
    messages, text = _pair(row)
    value = {"demonstration": True}
    yield Record(messages, (Answer(text),), "demonstration", Verdict(value=value), fields.short(row, "category"))


def _pair(row: dict) -> tuple[list[dict], str]:
    messages = fields.prompt(fields.given(row, "prompt"))
    if isinstance(row.get("completion"), list):
        return messages, answer(messages, fields.turns(row["completion"], "$.completion"), "$.completion")
    return messages, fields.text(row, "completion", empty=True)
