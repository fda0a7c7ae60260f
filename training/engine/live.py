"""Completions while they are written: text appended to a file that pages look at, a line each.

`{"id", "begin"}`, `{"id", "text"}`, `{"id", "end"}`: the format of docs/run-directory.md. A character whose bytes are
not all there yet waits for the rest.
"""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from training.engine.errors import EngineError
from training.engine.nets.decode import Sampled

EVERY_SECONDS = 0.05
UNFINISHED = "\N{REPLACEMENT CHARACTER}"


class Live:
    """Watches the rows that are decoded together. Raises EngineError as soon as `cancel` is there."""

    def __init__(self, path: Path, rows: list[Any], text_of: Callable[[list[int]], str], cancel: Path):
        self.path, self.rows, self.text_of, self.cancel = path, rows, text_of, cancel
        self.said = [""] * len(rows)
        self.looked_at = 0.0
        path.parent.mkdir(parents=True, exist_ok=True)
        self._say([{"id": row, "begin": True} for row in rows])

    def __call__(self, completions: Callable[[], list[Sampled]]) -> None:
        if time.monotonic() - self.looked_at < EVERY_SECONDS:
            return
        self.looked_at = time.monotonic()
        if self.cancel.exists():
            raise EngineError("spec", "cancelled")
        self._say(self._new([self.text_of(one.ids) for one in completions()]))

    def end(self, texts: list[str]) -> None:
        """The rest of every row, and its end."""
        self._say([*self._new(texts, whole=True), *({"id": row, "end": True} for row in self.rows)])

    def _new(self, texts: list[str], *, whole: bool = False) -> list[dict[str, Any]]:
        lines = []
        for index, (row, text) in enumerate(zip(self.rows, texts, strict=True)):
            text = text if whole else text.rstrip(UNFINISHED)
            before = self.said[index]
            if text == before:
                continue
            if not text.startswith(before):  # a later token changed how an earlier one reads
                lines.append({"id": row, "begin": True})
                before = ""
            lines.append({"id": row, "text": text[len(before) :]})
            self.said[index] = text
        return lines

    def _say(self, lines: list[dict[str, Any]]) -> None:
        if lines:
            with self.path.open("a", encoding="utf-8") as file:
                file.write("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))
