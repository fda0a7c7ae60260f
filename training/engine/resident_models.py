"""Models that stay loaded between requests: the newest few, loaded again when their folder changes."""

import collections
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

KEPT = 3


class ResidentModels:
    def __init__(self, load: Callable[[str, str], Any], kept: int = KEPT):
        self.load, self.kept = load, kept
        self.lock = threading.Lock()  # two requests for one model load it once
        self.loaded: collections.OrderedDict[tuple, Any] = collections.OrderedDict()

    def get(self, kind: str, path: str) -> Any:
        """`load(kind, path)`, or what it gave before; the one not asked for the longest leaves first."""
        key = (kind, path, _changed(path))
        with self.lock:
            if key not in self.loaded:
                while len(self.loaded) >= self.kept:
                    self.loaded.popitem(last=False)
                self.loaded[key] = self.load(kind, path)
            self.loaded.move_to_end(key)
            return self.loaded[key]


def _changed(path: str) -> float:
    file = Path(path) / "config.json"
    return file.stat().st_mtime if file.exists() else 0.0
