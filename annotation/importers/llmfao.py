"""LLMFAO: pairs of answers, crowd votes with worker ids, and judges' verdicts, joined by the pair's id. Pure.

A table of votes with a column `worker` is the crowd's; one without is a judge's, named by its file (`gpt4-…csv`).
Training pairs with a golden answer are a rater of their own. `left` is the first answer in every row.
"""

from collections.abc import Iterator
from pathlib import PurePosixPath

from annotation.importers import fields
from annotation.importers.bundle import Bundle, Unreadable
from annotation.importers.format import Format, marks
from annotation.importers.reading import Found, first_rows, read_each
from annotation.importers.records import Answer, Problem, Record, RowProblem, Verdict

_STRENGTH = {"left": 1, "right": -1, "tie": 0}
_Pairs = dict[int, tuple[list[dict], tuple[Answer, Answer], dict]]


def read(bundle: Bundle) -> Found:
    kinds = {name: _kind(row) for name, row in first_rows(bundle)}
    if "pairs" not in kinds.values():
        raise Unreadable("There is no file of pairs: rows with id, text, result_x and result_y.")
    models: dict[int, str] = {}
    pairs: _Pairs = {}
    for kind, reader in (("models", lambda row: _model(models, row)), ("pairs", lambda row: _pair(pairs, models, row))):
        yield from read_each(bundle, reader, [name for name, found in kinds.items() if found == kind])
    for name, kind in kinds.items():
        if kind == "votes":
            judge = PurePosixPath(name).name.partition("-")[0]
            yield from read_each(bundle, lambda row, judge=judge: _vote(pairs, row, judge), [name])


def _kind(row) -> str:
    if isinstance(row, Problem) or "result_x" in row:
        return "pairs"
    if "winner" in row:
        return "votes"
    return "models" if "api_id" in row else ""


def _model(models: dict[int, str], row: dict) -> tuple[()]:
    models[fields.whole(row, "id")] = fields.short(row, "name", 200)
    return ()


def _pair(pairs: _Pairs, models: dict[int, str], row: dict) -> Iterator[Record]:
    messages = fields.prompt(fields.given(row, "text"), "$.text")
    numbers = [fields.whole(row, f"model_{side}") for side in "xy"]
    answers = tuple(
        Answer(fields.text(row, f"result_{side}", empty=True), models.get(number, f"model {number}"))
        for side, number in zip("xy", numbers, strict=True)
    )
    details = {"category": fields.short(row, "type")}
    pairs[fields.whole(row, "id")] = messages, answers, details
    if row.get("golden"):
        said = Verdict("gold", scale=3, strength=_strength(row, "golden"), shown=(0, 1),
                       comment=fields.comment(row.get("reason"), "$.reason"))  # fmt: skip
        yield Record(messages, answers, verdict=said, **details)


def _strength(row: dict, key: str) -> int:
    if row.get(key) not in _STRENGTH:
        raise RowProblem(f"$.{key}", f"must be left, right or tie; it is {fields.kind_of(row.get(key))}.")
    return _STRENGTH[row[key]]


def _vote(pairs: _Pairs, row: dict, judge: str) -> Iterator[Record]:
    try:
        messages, answers, details = pairs[int(row.get("id"))]
    except (KeyError, TypeError, ValueError):
        raise RowProblem("$.id", f"there is no pair {fields.kind_of(row.get('id'))} in the upload.") from None
    worker = row.get("worker")
    rater, kind = (f"worker {worker}", "imported") if worker is not None else (judge, "judge")
    said = Verdict(rater, kind, 3, _strength(row, "winner"), shown=(0, 1))
    yield Record(messages, answers, verdict=said, key=str(row["id"]), **details)


FORMAT = Format(
    "llmfao",
    "LLMFAO: crowd votes with worker ids",
    "All files at once, or a zip: pairs with their answers, the votes of the crowd and of judges, models’ names.",
    '{"id": 0, "prompt": 8, "text": "Why is the sky blue?", "model_x": 1, "result_x": "Air scatters blue light.", '
    '"model_y": 2, "result_y": "A mirror.", "golden": "left"}',
    "judgments",
    read,
    "set",
    marks("id text model_x result_x model_y result_y", "id model_x model_y winner left right"),
)
