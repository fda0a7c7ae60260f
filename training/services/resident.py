"""The engine that stays: one `serve` child a worker, which keeps models loaded between requests.

A request is a folder with request.json; answers are lines appended to a file in it (docs/run-directory.md).
"""

import json
import os
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from training import launcher

RESULTS = {"generate": "completions.jsonl", "score": "scores.jsonl", "choose": "choices.jsonl"}


class EngineFailed(Exception):
    """The engine said why it cannot, or died. The text is for people."""


class Resident:
    """Starts its child when first asked, again when it died."""

    def __init__(self):
        self.engine: launcher.Engine | None = None
        self.asked = 0
        self.starting = threading.Lock()  # a worker of several threads has one child all the same

    def ask(
        self, verb: str, folder: Path, request: dict, *, every_seconds: float, live: bool = False
    ) -> Iterator[list[dict]]:
        """New answers as they come, an empty list where none came for a while. Raises EngineFailed.

        `live` requests wait behind no other: somebody sits before the page.
        """
        folder.mkdir(parents=True, exist_ok=True)
        launcher.write_whole(folder / "request.json", json.dumps(request, ensure_ascii=False))
        with self.starting:
            engine = self._engine()
            self.asked += 1
            inbox = engine.folder / "inbox" / f"{self.asked:06}.json"
        launcher.write_whole(inbox, json.dumps({"verb": verb, "folder": str(folder), "live": live}))
        offset = 0
        for alive in engine.watch(every_seconds=every_seconds):
            lines, offset = launcher.read_lines(folder / RESULTS[verb], offset)
            answers = [json.loads(line) for line in lines]
            ending = next((row for row in answers if "done" in row or "error" in row), None)
            yield [row for row in answers if "id" in row]
            if ending is not None:
                if ending.get("error"):
                    raise EngineFailed(ending["error"])
                return
            if not alive:
                break
        raise EngineFailed(
            f"The engine ended with exit code {engine.exit_code} in the middle of it. {self._last_words()}"
        )

    def end(self) -> None:
        if self.engine is not None:
            self.engine.kill()
            self.engine = None

    def _engine(self) -> launcher.Engine:
        if self.engine is None or not self.engine.running:
            folder = Path(settings.HOME) / "serve" / f"{os.getpid()}-{uuid.uuid4().hex[:8]}"
            (folder / "inbox").mkdir(parents=True)
            self.engine = launcher.Engine(folder, verb="serve")
            self.engine.start()
            self.asked = 0
        return self.engine

    def _last_words(self) -> str:
        lines = launcher.last_lines(self.engine.folder / "engine.log", 1)
        return f"Its last words: {lines[0][:300]}" if lines else "It left no word."


of_this_worker = Resident()
