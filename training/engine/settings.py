"""Settings that explain themselves: frozen dataclass fields with type, range, choices and one sentence of help.

One description serves the form, the catalogue, the spec check and the tests: `describe` turns a dataclass into the
catalogue's SETTING rows and `problems` checks values against such rows. Neither needs torch.
"""

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any

KINDS = {float: "float", int: "int", bool: "bool", str: "text"}


def setting(
    default: Any,
    help: str,  # noqa: A002  the catalogue's word
    *,
    low: float | None = None,
    high: float | None = None,
    choices: Sequence[str] | None = None,
    group: str = "method",
) -> Any:
    """A dataclass field that knows its range and its meaning."""
    metadata = {"help": help, "low": low, "high": high, "choices": list(choices) if choices else None, "group": group}
    return dataclasses.field(default=default, metadata=metadata)


def describe(cls: type) -> list[dict[str, Any]]:
    """The SETTING rows of a settings dataclass, in the order of its fields."""
    rows = []
    for field in dataclasses.fields(cls):
        meta = dict(field.metadata)
        kind = "choice" if meta["choices"] else KINDS[field.type]
        rows.append({"name": field.name, "type": kind, "default": field.default, **meta})
    return rows


def problem_of(row: Mapping[str, Any], value: Any) -> str | None:
    """What is wrong with one value, in words, or None."""
    kind = row["type"]
    if kind == "bool":
        return None if isinstance(value, bool) else "must be true or false"
    if kind == "choice":
        return None if value in row["choices"] else f"must be one of {', '.join(row['choices'])}"
    if kind == "text":
        return None if isinstance(value, str) else "must be text"
    return _number_problem(row, value)


def _number_problem(row: Mapping[str, Any], value: Any) -> str | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "must be a number"
    if row["type"] == "int" and value != int(value):
        return "must be a whole number"
    if not math.isfinite(value):
        return "must be finite"
    low, high = row["low"], row["high"]
    if low is not None and value < low:
        return f"must be at least {low:g}"
    if high is not None and value > high:
        return f"must be at most {high:g}"
    return None


def checked(rows: Sequence[Mapping[str, Any]], values: Any, path: str) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """Complete values (defaults filled in, numbers in their own type) and every problem as (path, message)."""
    if not isinstance(values, Mapping):
        return {}, [(path, "must be an object")]
    known = {row["name"]: row for row in rows}
    found = [
        (f"{path}.{name}", f"is not a setting; known are {', '.join(known)}") for name in values if name not in known
    ]
    complete = {}
    for name, row in known.items():
        value = values.get(name, row["default"])
        trouble = problem_of(row, value)
        if trouble:
            found.append((f"{path}.{name}", trouble))
            continue
        complete[name] = {"int": int, "float": float}.get(row["type"], lambda same: same)(value)
    return complete, found
