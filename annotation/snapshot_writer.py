"""Writes a snapshot's files with flat memory: rows spill to disk in sorted runs and are merged once.

Pure: neither Django nor torch. Whoever calls gives a folder that nobody else sees yet and renames it when all is
there; a folder left behind by a killed writer is thrown away and written anew.
"""

import contextlib
import hashlib
import heapq
import json
from collections.abc import Iterator
from pathlib import Path

from annotation.snapshot_format import SPLITS, canonical_json

_RUN_BYTES = 16 * 1024 * 1024
_BATCH_ROWS = 1_000
_OPEN_RUNS = 200  # merged in one pass; more are merged into one first, below the limit of open files


class _Sorted:
    """Lines of one split, kept in memory up to a limit, spilt to disk in sorted runs, read back in order."""

    def __init__(self, folder: Path, name: str, run_bytes: int):
        self._folder, self._name, self._limit = folder, name, run_bytes
        self._lines: list[bytes] = []
        self._bytes = 0
        self._made = 0
        self._runs: list[Path] = []

    def add(self, line: bytes) -> None:
        self._lines.append(line)
        self._bytes += len(line)
        if self._bytes >= self._limit:
            self._spill(sorted(self._lines))
            self._lines, self._bytes = [], 0

    def _spill(self, lines) -> None:
        path = self._folder / f".run-{self._name}-{self._made:06d}"
        self._made += 1
        with path.open("wb") as handle:
            handle.writelines(lines)
        self._runs.append(path)
        if len(self._runs) >= _OPEN_RUNS:
            merged, self._runs = self._runs, []
            with contextlib.ExitStack() as stack:
                self._spill(heapq.merge(*(stack.enter_context(run.open("rb")) for run in merged)))
            for run in merged:
                run.unlink()

    def __iter__(self) -> Iterator[bytes]:
        with contextlib.ExitStack() as stack:
            runs = [stack.enter_context(path.open("rb")) for path in self._runs]
            yield from heapq.merge(sorted(self._lines), *runs)

    def discard(self) -> None:
        for path in self._runs:
            path.unlink()


class SnapshotWriter:
    """Takes rows in any order; `finish` writes `<split>.jsonl` and `lineage.jsonl` in canonical order.

    `unique` merges equal rows into one whose lineage names all that it came from.
    """

    def __init__(self, folder: Path, *, unique: bool = False, run_bytes: int = _RUN_BYTES):
        self._folder, self._unique = folder, unique
        self.repeats = 0  # rows equal to another one, known after `finish`
        self._sorted = {split: _Sorted(folder, split, run_bytes) for split in SPLITS}

    def add(self, split: str, row: dict, lineage: dict) -> None:
        # A canonical row holds neither tab nor line end and is never the beginning of another, so sorting the whole
        # line sorts by row, then by lineage.
        self._sorted[split].add(f"{canonical_json(row)}\t{canonical_json(lineage)}\n".encode())

    def finish(self) -> dict[str, dict]:
        """Rows, bytes and SHA-256 of each split's file."""
        with (self._folder / "lineage.jsonl").open("wb") as lineage:
            return {split: self._write(split, lineage) for split in SPLITS}

    def _write(self, split: str, lineage_file) -> dict:
        digest, rows, size = hashlib.sha256(), 0, 0
        with (self._folder / f"{split}.jsonl").open("wb") as handle:
            for text, lineage in self._rows(split):
                line = text + b"\n"
                handle.write(line)
                digest.update(line)
                lineage_file.write(canonical_json({"row": f"{split}:{rows}", **lineage}).encode() + b"\n")
                rows, size = rows + 1, size + len(line)
        self._sorted[split].discard()
        return {"rows": rows, "bytes": size, "sha256": digest.hexdigest()}

    def _rows(self, split: str) -> Iterator[tuple[bytes, dict]]:
        last, merged = None, {}
        for line in self._sorted[split]:
            text, _, told = line.rstrip(b"\n").partition(b"\t")
            lineage = json.loads(told)
            self.repeats += text == last
            if self._unique and text == last:
                merged["judgments"] = sorted([*merged["judgments"], *lineage["judgments"]])
                continue
            if last is not None:
                yield last, merged
            last, merged = text, lineage
        if last is not None:
            yield last, merged


def read_rows(path: Path) -> Iterator[dict]:
    with path.open("rb") as handle:
        for line in handle:
            yield json.loads(line)


def write_parquet(folder: Path, columns: list[str]) -> None:
    """`<split>.parquet` beside each `<split>.jsonl`, batch by batch, with one schema over all splits."""
    import pyarrow as pa  # here: a tenth of a second and forty megabytes that most processes never need
    import pyarrow.parquet as pq

    messages = pa.list_(pa.struct([("role", pa.string()), ("content", pa.string())]))
    types = {
        "margin": pa.float64(),
        "weight": pa.float64(),
        "label": pa.bool_(),
        "reference": pa.string(),
        "completions": pa.list_(messages),
        "ranks": pa.list_(pa.int64()),
        "rating": pa.float64(),
    }
    if "labels" in columns:  # stepwise supervision: prompt and steps are plain texts
        types |= {"prompt": pa.string(), "completions": pa.list_(pa.string()), "labels": pa.list_(pa.bool_())}
    schema = pa.schema([(name, types.get(name, messages)) for name in columns])
    for split in SPLITS:
        with pq.ParquetWriter(folder / f"{split}.parquet", schema, compression="zstd") as writer:
            batch = []
            for row in read_rows(folder / f"{split}.jsonl"):
                batch.append(row)
                if len(batch) >= _BATCH_ROWS:
                    writer.write_batch(pa.RecordBatch.from_pylist(batch, schema=schema))
                    batch = []
            if batch:
                writer.write_batch(pa.RecordBatch.from_pylist(batch, schema=schema))
