"""LLMBar: pairs with a gold winner, and judges' verdicts in both orders, joined by item. Pure.

The gold label is a rater of its own. A verdict that could not be read is a skip, so that it can be counted.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from annotation.importers import fields
from annotation.importers.bundle import Bundle, Unreadable
from annotation.importers.format import Format, marks
from annotation.importers.reading import Found, first_rows, read_each
from annotation.importers.records import Answer, Problem, Record, RowProblem, Verdict

GOLD = "gold"
_ORDERS = {"winner_original_order": (0, 1), "winner_swapped_order": (1, 0)}


@dataclass
class _Pairs:
    """Pairs by subset and item."""

    by_item: dict[tuple[str, int], tuple[list[dict], tuple[Answer, Answer]]] = field(default_factory=dict)


def read(bundle: Bundle) -> Found:
    kinds = {name: _kind(row) for name, row in first_rows(bundle)}
    pairs = [name for name, kind in kinds.items() if kind == "pairs"]
    if not pairs:
        raise Unreadable("There is no file of pairs: rows with input, output_1, output_2 and label.")
    known = _Pairs()
    yield from read_each(bundle, lambda row: _pair(known, row), pairs)
    verdicts = [name for name, kind in kinds.items() if kind == "verdicts"]
    yield from read_each(bundle, lambda row: _verdicts(known, row), verdicts)


def _kind(row) -> str:
    if isinstance(row, Problem) or "output_1" in row:
        return "pairs"
    return "verdicts" if "winner_original_order" in row else ""


def _name(row: dict) -> tuple[str, int]:
    try:
        return fields.short(row, "subset"), int(row.get("item"))
    except (TypeError, ValueError):
        raise RowProblem("$.item", f"must be a number; it is {fields.kind_of(row.get('item'))}.") from None


def _pair(known: _Pairs, row: dict) -> Iterator[Record]:
    messages = fields.prompt(fields.given(row, "input"), "$.input")
    answers = tuple(Answer(fields.text(row, f"output_{n}", empty=True), f"output {n}") for n in (1, 2))
    known.by_item[_name(row)] = messages, answers
    yield Record(messages, answers, verdict=Verdict(GOLD, scale=3, strength=_sign(row, "label")),
                 category=fields.short(row, "subset"))  # fmt: skip


def _sign(row: dict, key: str) -> int | None:
    """1 for the first output, -1 for the second, None where nothing could be read."""
    value = str(row.get(key, "")).strip()
    if value not in ("1", "2", ""):
        raise RowProblem(f"$.{key}", f"must be 1, 2 or empty; it is {fields.kind_of(row.get(key))}.")
    return {"1": 1, "2": -1}.get(value)


def _verdicts(known: _Pairs, row: dict) -> Iterator[Record]:
    name = _name(row)
    if name not in known.by_item:
        raise RowProblem("$.item", f"there is no pair {name[1]} of {name[0]} in the upload.")
    messages, answers = known.by_item[name]
    for column, shown in _ORDERS.items():
        strength = _sign(row, column)
        said = Verdict(fields.text(row, "judge"), "judge", 3, strength, shown=shown)
        if strength is None:
            said = Verdict(fields.text(row, "judge"), "judge", outcome="skip", reason="unparsed", shown=shown)
        yield Record(messages, answers, verdict=said, category=name[0], key=column)


FORMAT = Format(
    "llmbar",
    "LLMBar: pairs with a gold winner, judges in both orders",
    "The pairs’ file and, with it, the table of verdicts. The order each judge saw is kept.",
    '{"subset": "Natural", "item": 0, "input": "Why is the sky blue?", "output_1": "Air scatters blue light.", '
    '"output_2": "A mirror.", "label": 1}',
    "judgments",
    read,
    "set",
    marks("input output_1 output_2 label", "judge winner_original_order winner_swapped_order"),
)
