"""Reads the rows of a snapshot (docs/snapshot-format.md) and checks what it reads. Needs no torch."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

SPLITS = ("train", "validation", "test")
CANONICAL = (*(f"{split}.jsonl" for split in SPLITS), "rubric.json")
COLUMNS = {
    "preference": ("prompt", "chosen", "rejected"),
    "unpaired_preference": ("prompt", "completion", "label"),
    "prompt_completion": ("prompt", "completion"),
    "prompt_only": ("prompt",),
}


class RecordError(ValueError):
    """A snapshot that is not what it says: names file and row, and how to mend it."""


def digest(folder: Path) -> str:
    """The snapshot's sha256: of `name:hash` lines over train, validation, test, and the rubric where there is one."""
    lines = []
    for name in CANONICAL:
        path = Path(folder) / name
        if path.exists():
            lines.append(f"{path.name}:{hashlib.sha256(path.read_bytes()).hexdigest()}\n")
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def read_rows(folder: str | Path, split: str, form: str) -> list[dict[str, Any]]:
    """All rows of one split; an absent file is an empty split. `prompt_only` takes any format's prompts, each once."""
    path = Path(folder) / f"{split}.jsonl"
    if not Path(folder).is_dir():
        raise RecordError(f"{folder} is not a snapshot folder: freeze the snapshot again or choose another.")
    if not path.exists():
        return []
    rows = []
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, start=1):
            rows.append(_row(line, form, f"{path} line {number}"))
    return _once(rows) if form == "prompt_only" else rows


def _row(line: str, form: str, where: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise RecordError(f"{where} is not JSON: {error}") from error
    missing = [column for column in COLUMNS[form] if column not in row]
    if missing:
        raise RecordError(f"{where} lacks {', '.join(missing)}, which {form} rows have.")
    for column in ("prompt", "chosen", "rejected", "completion"):
        if column in row and not _is_messages(row[column]):
            raise RecordError(f"{where}: {column} must be a list of messages with role and content.")
    return row


def _is_messages(value: Any) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(turn, Mapping) and isinstance(turn.get("content"), str) and "role" in turn for turn in value)
    )


def _once(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Prompts in their first order, without repeats of the same prompt and reference."""
    seen: dict[str, dict[str, Any]] = {}
    for row in rows:
        kept = {"prompt": row["prompt"], "reference": row.get("reference")}
        seen.setdefault(json.dumps(kept, sort_keys=True, ensure_ascii=False), kept)
    return list(seen.values())
