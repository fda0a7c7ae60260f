"""Prompts alone, with a reference answer where there is one; and pairs of answers that nobody has judged. Pure."""

from collections.abc import Iterator

from annotation.importers import fields
from annotation.importers.records import Answer, LeftOut, Record, RowProblem
from annotation.importers.trl_preference import answer

_REFERENCES = ("reference", "answer", "solution", "ground_truth")
_PAIRS = (("response_a", "response_b"), ("completion_a", "completion_b"), ("chosen", "rejected"))


def read(row: dict) -> Iterator[Record]:
    tags = row.get("tags") or []
    if not isinstance(tags, list) or not all(isinstance(tag, str) and len(tag) <= 80 for tag in tags):
        raise RowProblem("$.tags", "must be a list of short texts.")
    yield Record(
        _prompt(row),
        category=fields.short(row, "category"),
        tags=tuple(tags),
        reference=_reference(row),
        interface="",
    )


def read_answers(row: dict) -> Iterator[Record | LeftOut]:
    """A prompt and its answers, to be judged here."""
    messages = _prompt(row)
    given = row.get("responses", row.get("completions"))
    if given is None:
        names = next((names for names in _PAIRS if names[0] in row), _PAIRS[0])
        given, paths = [fields.given(row, name) for name in names], [f"$.{name}" for name in names]
    elif isinstance(given, list):
        paths = [f"$.responses[{place}]" for place in range(len(given))]
    if not isinstance(given, list) or not 1 <= len(given) <= 9:
        raise RowProblem("$.responses", "must be a list of one to nine answers.")
    answers = tuple(_answer(messages, value, path) for value, path in zip(given, paths, strict=True))
    if len({answer.text for answer in answers}) == 1 < len(answers):
        yield LeftOut("both answers are the same text" if len(answers) == 2 else "all answers are the same text")
        return
    interface = {1: "thumbs", 2: "pairwise"}.get(len(answers), "ranking")
    yield Record(messages, answers, interface, category=fields.short(row, "category"))


def _prompt(row: dict) -> list[dict]:
    return (
        fields.prompt(row["messages"], "$.messages")
        if "messages" in row
        else fields.prompt(fields.given(row, "prompt"))
    )


def _reference(row: dict) -> str:
    key = next((name for name in _REFERENCES if row.get(name) is not None), None)
    if key is None:
        return ""
    if isinstance(row[key], int | float) and not isinstance(row[key], bool):
        return str(row[key])
    return fields.check_text(row[key], f"$.{key}", empty=True)


def _answer(messages: list[dict], value, path: str) -> Answer:
    if isinstance(value, dict):
        source = fields.short(value, "model") or fields.short(value, "source")
        return Answer(fields.check_text(value.get("text"), f"{path}.text"), source)
    if isinstance(value, list):
        return Answer(answer(messages, fields.turns(value, path), path))
    return Answer(fields.check_text(value, path))
