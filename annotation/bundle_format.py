"""The layout of a whole project as files (docs/export-format.md): one JSON-lines file a table, and a manifest. Pure.

A writer takes tables in the order in which a reader must take them in: whatever a row refers to stands in an earlier
file, or earlier in its own. Both stream, so memory is flat whatever the size.
"""

import hashlib
import json
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from annotation.importers.bundle import Bundle, Unreadable
from annotation.importers.records import Place, Problem
from annotation.importers.rows import parse, rows_of
from annotation.snapshot_format import canonical_json

KIND = "plumbline-project"
VERSION = 1
MANIFEST = "manifest.json"


class BundleWriter:
    """Writes tables into a folder. `finish` writes the manifest; without one a folder is no bundle."""

    def __init__(self, folder: Path):
        self._folder = Path(folder)
        self._tables: list[dict] = []

    def write(self, name: str, rows: Iterable[dict], refers: dict[str, str] | None = None) -> int:
        """One table as `NAME.jsonl`; `refers` maps a column to the table it names rows of. Returns how many rows."""
        digest, count, size = hashlib.sha256(), 0, 0
        with (self._folder / f"{name}.jsonl").open("wb") as handle:
            for row in rows:
                line = canonical_json(row).encode() + b"\n"
                handle.write(line)
                digest.update(line)
                count, size = count + 1, size + len(line)
        told = {"name": name, "rows": count, "bytes": size, "sha256": digest.hexdigest(), "refers": refers or {}}
        self._tables.append(told)
        return count

    def finish(self, *, project: dict, people: bool) -> dict:
        """`project` is the project's own row; `people` says whether raters stand under their names."""
        told = {"kind": KIND, "version": VERSION, "people": people, "project": project, "tables": self._tables}
        (self._folder / MANIFEST).write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n")
        return told


@dataclass(frozen=True)
class Table:
    """A table as the manifest tells of it."""

    name: str
    rows: int
    sha256: str
    refers: dict[str, str] = field(default_factory=dict)


class BundleReader:
    """Reads a folder or archive that a BundleWriter made. Raises Unreadable, in words, where it is none."""

    def __init__(self, bundle: Bundle):
        self._bundle = bundle
        self._base, told = _manifest(bundle)
        self.project: dict = told["project"]
        self.tables = [Table(t["name"], t["rows"], t["sha256"], t["refers"]) for t in told["tables"]]

    @property
    def count(self) -> int:
        return sum(table.rows for table in self.tables)

    def rows(self, table: Table) -> Iterator[tuple[Place, dict | Problem]]:
        """The rows of a table; Unreadable at its end if they are not the bytes that the manifest names."""
        name = f"{self._base}{table.name}.jsonl"
        if name not in self._bundle.names():
            raise Unreadable(f"The bundle lacks {table.name}.jsonl, which its manifest names.")
        found = 0
        for place, row in rows_of(self._bundle, name):
            found += 1
            yield place, row
        if found != table.rows:
            raise Unreadable(f"{table.name}.jsonl holds {found:,} rows; the manifest says {table.rows:,}.")

    def check(self, table: Table) -> None:
        """Raises Unreadable unless the table's bytes are those that were written."""
        digest = hashlib.sha256()
        with self._bundle.open(f"{self._base}{table.name}.jsonl") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
        if digest.hexdigest() != table.sha256:
            raise Unreadable(f"{table.name}.jsonl was changed after it was exported; its hash is another one.")


class IdMap:
    """Ids of a bundle to ids here. Both only grow, so two arrays hold millions of them in little memory."""

    def __init__(self):
        self._theirs, self._ours = array("q"), array("q")

    def add(self, theirs: int, ours: int) -> None:
        if self._theirs and theirs <= self._theirs[-1]:
            raise ValueError("ids must grow from row to row")
        self._theirs.append(theirs)
        self._ours.append(ours)

    def get(self, theirs: int) -> int | None:
        at = bisect_left(self._theirs, theirs)
        return self._ours[at] if at < len(self._theirs) and self._theirs[at] == theirs else None

    def __len__(self) -> int:
        return len(self._theirs)


def is_bundle(bundle: Bundle) -> bool:
    return any(PurePosixPath(name).name == MANIFEST for name in bundle.names())


def _manifest(bundle: Bundle) -> tuple[str, dict]:
    """The folder in the archive that the manifest lies in, and what it says."""
    name = next((name for name in bundle.names() if PurePosixPath(name).name == MANIFEST), None)
    if name is None:
        raise Unreadable("There is no manifest.json: this is no export of a project.")
    with bundle.open(name) as stream:
        try:
            told = parse(stream.read())
        except Exception as fault:
            raise Unreadable(f"manifest.json cannot be read: {fault}") from None
    if not isinstance(told, dict) or told.get("kind") != KIND:
        raise Unreadable("The manifest is not that of an exported project.")
    if told.get("version") != VERSION:
        raise Unreadable(f"The export has version {told.get('version')}; this Plumbline reads version {VERSION}.")
    return name.removesuffix(MANIFEST), told
