"""The event file: one JSON object a line, appended and flushed, numbered over the whole life of a run.

Only whole lines count. A writer that opens a file cut off in the middle of a line (a kill, a power cut) removes the
stump first; a reader never sees it. Needs no torch.
"""

import collections
import json
import math
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

TYPES = ("started", "rewound", "metrics", "sample", "checkpoint", "notice", "finished", "failed")


def plain(value: Any) -> Any:
    """A value JSON can hold: NaN and the infinities as strings, everywhere in it."""
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    return value


class EventWriter:
    """Appends events; `seq` continues where the file ends."""

    def __init__(self, path: Path, clock=time.time):
        self.path = Path(path)
        self.clock = clock
        _cut_stump(self.path)
        self.last = next(iter(collections.deque(read_events(self.path), maxlen=1)), None)
        self.next_seq = 0 if self.last is None else self.last["seq"] + 1
        self._file = self.path.open("a", encoding="utf-8")

    def write(self, type_: str, **fields: Any) -> int:
        """One whole line, in the operating system's hands when this returns. Gives its seq."""
        if type_ not in TYPES:
            raise ValueError(f"{type_} is not an event type")
        seq = self.next_seq
        line = {"seq": seq, "time": self.clock(), "type": type_, **plain(fields)}
        self._file.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")
        self._file.flush()
        self.next_seq = seq + 1
        return seq

    def sync(self) -> None:
        """On the disk, not only with the operating system."""
        os.fsync(self._file.fileno())

    def close(self) -> None:
        self._file.close()


def read_events(path: Path, offset: int = 0) -> Iterator[dict[str, Any]]:
    """The whole lines from a byte offset on; each event also carries `end`, the offset behind its line."""
    path = Path(path)
    if not path.exists():
        return
    with path.open("rb") as file:
        file.seek(offset)
        for line in file:
            if not line.endswith(b"\n"):
                return
            offset += len(line)
            yield {**json.loads(line), "end": offset}


def _cut_stump(path: Path) -> None:
    if not path.exists():
        return
    with path.open("rb+") as file:
        data = file.read()
        whole = data.rfind(b"\n") + 1
        if whole != len(data):
            file.truncate(whole)
