"""Answers on their way: a file that a worker appends to and pages look at, a JSON line each.

`{"id": ROW, "begin": true}` forgets what an earlier attempt wrote, `{"id": ROW, "text": "…"}` adds to the answer,
`{"id": ROW, "end": true}` says that no more comes. The engine writes the same (docs/run-directory.md). The row in the
database is the truth: the file goes once the answer is stored. Pure.
"""

import json
import threading
from dataclasses import dataclass
from pathlib import Path

NAME = "stream.jsonl"
MOST_BYTES = 16 * 1024 * 1024


@dataclass
class Partial:
    """How much of an answer is there."""

    text: str = ""
    ended: bool = False


class Stream:
    """Appends for several threads, a whole line at a time."""

    def __init__(self, path: Path):
        path.parent.mkdir(parents=True, exist_ok=True)
        self.file, self.lock = path.open("a", encoding="utf-8"), threading.Lock()

    def __enter__(self) -> "Stream":
        return self

    def __exit__(self, *_exception) -> None:
        self.file.close()

    def begin(self, row: int) -> None:
        self._say({"id": row, "begin": True})

    def add(self, row: int, text: str) -> None:
        self._say({"id": row, "text": text})

    def end(self, row: int) -> None:
        self._say({"id": row, "end": True})

    def _say(self, line: dict) -> None:
        with self.lock:
            if not self.file.closed:  # a thread that outlived its request
                self.file.write(json.dumps(line, ensure_ascii=False) + "\n")
                self.file.flush()


def partials(path: Path) -> dict[int, Partial]:
    """What the file says of each row so far; nothing if there is no file."""
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES)
    except FileNotFoundError:
        return {}
    found: dict[int, Partial] = {}
    for line in data.split(b"\n")[:-1]:  # what follows the last line end is not whole yet
        row = json.loads(line)
        if row.get("begin"):
            found[row["id"]] = Partial()
        partial = found.setdefault(row["id"], Partial())
        partial.text += row.get("text", "")
        partial.ended = partial.ended or bool(row.get("end"))
    return found
