"""The files of an upload: one file, a folder or a zip archive, each perhaps gzipped. Pure.

Nothing is ever unpacked to disk and no name in an archive is ever used as a path, so that there is nothing to
traverse; every stream counts what it gives, so that a small archive cannot become an endless text.
"""

import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

_ENDS = {".parquet": "parquet", ".json": "array", ".csv": "table", ".tsv": "table"}
KINDS = (".jsonl", ".json", ".parquet", ".ndjson", ".csv", ".tsv")


class Unreadable(Exception):
    """The upload as a whole cannot be read; the text is for people."""


@dataclass(frozen=True)
class Limits:
    unpacked_bytes: int = 2 * 1024**3
    ratio: int = 300  # unpacked to packed; JSON of real data stays under 30
    files: int = 2_000


class _Counted(io.RawIOBase):
    """A stream that refuses to give more than its budget."""

    def __init__(self, stream, budget: "_Budget"):
        self._stream, self._budget = stream, budget

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        data = self._stream.read(len(buffer))
        self._budget.spend(len(data))
        buffer[: len(data)] = data
        return len(data)


class _Budget:
    def __init__(self, limits: Limits, packed: int):
        self.left = min(limits.unpacked_bytes, max(packed, 4096) * limits.ratio)

    def spend(self, count: int) -> None:
        self.left -= count
        if self.left < 0:
            raise Unreadable("The upload unpacks to far more than it should. Send the files unpacked, or in parts.")


class Bundle:
    """`names()` lists the data files; `open(name)` gives the bytes of one, unpacked.

    With `head`, readers see no more than so many rows of each file: enough to look at it.
    """

    def __init__(self, path: Path, limits: Limits | None = None, *, head: int | None = None):
        self.path, self.limits, self.head = Path(path), limits or Limits(), head
        if not self.path.exists():
            raise Unreadable(f"There is no file or folder at {self.path}.")
        self._zip = self._as_zip()
        self._members = self._zip_members() if self._zip else self._folder_members()
        if not self._members:
            raise Unreadable("The upload holds no data file: .jsonl, .json, .parquet, .csv, perhaps gzipped or zipped.")

    def names(self) -> list[str]:
        return sorted(self._members)

    @contextmanager
    def open(self, name: str) -> Iterator[io.BufferedReader]:
        member, size = self._members[name]
        try:
            with self._zip.open(member) if self._zip else Path(member).open("rb") as stream:
                unpacked = gzip.GzipFile(fileobj=stream) if is_gzip(name) else stream
                yield io.BufferedReader(_Counted(unpacked, _Budget(self.limits, size)), buffer_size=1 << 18)
        except (zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, EOFError) as fault:
            raise Unreadable(f"{name} is damaged and cannot be unpacked ({fault}).") from fault
        except (NotImplementedError, RuntimeError) as fault:  # a method or a password that zipfile does not know
            raise Unreadable(f"{name} cannot be unpacked: {fault}.") from fault

    def _as_zip(self) -> zipfile.ZipFile | None:
        zips = (
            [self.path]
            if self.path.is_file()
            else [found for found in self.path.iterdir() if found.suffix.lower() == ".zip" and found.is_file()]
        )
        if len(zips) != 1 or zips[0].suffix.lower() != ".zip":
            return None
        try:
            return zipfile.ZipFile(zips[0])
        except zipfile.BadZipFile:
            raise Unreadable(f"{zips[0].name} is not a zip archive.") from None

    def _zip_members(self) -> dict[str, tuple]:
        found = {}
        for member in self._zip.infolist():
            given = PurePosixPath(member.filename.replace("\\", "/")).parts
            parts = [part for part in given if part not in ("..", "/")]
            hidden = any(part.startswith((".", "__MACOSX")) for part in parts)
            if member.is_dir() or hidden or not is_data("".join(parts[-1:])):
                continue
            name = "/".join(parts)  # for people: members are opened by their entry, never by name
            found[name if name not in found else f"{len(found)}-{name}"] = (member, member.compress_size)
            if len(found) > self.limits.files:
                raise Unreadable(f"The archive holds more than {self.limits.files:,} files.")
        return found

    def _folder_members(self) -> dict[str, tuple]:
        if self.path.is_file():
            return {self.path.name: (self.path, self.path.stat().st_size)} if is_data(self.path.name) else {}
        found = {}
        for path in sorted(self.path.rglob("*")):
            if path.is_file() and not path.is_symlink() and is_data(path.name):
                found[path.relative_to(self.path).as_posix()] = (path, path.stat().st_size)
                if len(found) > self.limits.files:
                    raise Unreadable(f"The folder holds more than {self.limits.files:,} files.")
        return found


def is_gzip(name: str) -> bool:
    return name.lower().endswith(".gz")


def is_data(name: str) -> bool:
    return name.lower().removesuffix(".gz").endswith(KINDS) and not name.startswith(".")


def kind(name: str) -> str:
    """The kind of a data file: `lines`, `array`, `parquet` or `table`."""
    plain = name.lower().removesuffix(".gz")
    return next((kind for end, kind in _ENDS.items() if plain.endswith(end)), "lines")
