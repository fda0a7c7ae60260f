"""Rows of a data file, numbered from 1: JSON lines, a JSON array, Parquet, or a table with a header. Pure."""

import codecs
import csv
import io
import json
from collections.abc import Iterator
from itertools import islice

from annotation.importers.bundle import Bundle, Unreadable, kind
from annotation.importers.records import Place, Problem, RowProblem

MAX_LINE = 16 * 1024 * 1024
MAX_ARRAY = 256 * 1024 * 1024


def rows_of(bundle: Bundle, name: str) -> Iterator[tuple[Place, dict | Problem]]:
    """Each row as an object, or as the problem that it is."""
    with bundle.open(name) as stream:
        found = _READERS[kind(name)](stream, name)
        for number, row in islice(found, bundle.head):
            if not isinstance(row, dict | Problem):
                row = Problem("$", "must be an object with named fields.")
            yield Place(name, number), row


def count_rows(bundle: Bundle) -> int | None:
    """How many rows there are, where counting is cheap: for the progress bar, no more."""
    total = 0
    for name in bundle.names():
        if kind(name) not in ("lines", "table"):
            return None
        with bundle.open(name) as stream:
            while chunk := stream.read(1 << 20):
                total += chunk.count(b"\n")
    return total


def parse(text: bytes | str):
    """A JSON value; RowProblem at `$` where it is none."""
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except UnicodeDecodeError as fault:
        raise RowProblem("$", f"is not UTF-8 (byte {fault.start + 1}).") from None
    except RecursionError:
        raise RowProblem("$", "is nested too deeply.") from None
    except json.JSONDecodeError as fault:
        raise RowProblem("$", f"is not JSON: {fault.msg.lower()} at character {fault.pos + 1}.") from None
    except ValueError as fault:
        raise RowProblem("$", f"is not JSON: {fault}") from None


def _refuse_constant(name: str):
    raise ValueError(f"{name} is not a JSON number.")


def _lines(stream, _name: str):
    number = 0
    while line := stream.readline(MAX_LINE + 1):
        number += 1
        if len(line) > MAX_LINE:
            yield number, Problem("$", f"is longer than {MAX_LINE // 1024**2} MB.")
            while line and not line.endswith(b"\n"):
                line = stream.readline(MAX_LINE)
            continue
        text = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
        if text.strip():
            yield number, _parsed(text)


def _parsed(text):
    try:
        return parse(text)
    except RowProblem as problem:
        return Problem(problem.path, problem.message)


def _array(stream, name: str):
    """The rows of a list one by one, without reading it whole; of anything else, the value that it is."""
    head = stream.peek(64)[:64].removeprefix(b"\xef\xbb\xbf").lstrip()
    if head.startswith(b"["):
        yield from enumerate(_elements(stream, name), start=1)
        return
    text = stream.read(MAX_ARRAY + 1)
    if len(text) > MAX_ARRAY:
        raise Unreadable(f"{name} is one JSON value of more than {MAX_ARRAY // 1024**2} MB. Send JSON lines instead.")
    try:
        value = parse(text.removeprefix(b"\xef\xbb\xbf"))
    except RowProblem as problem:
        raise Unreadable(f"{name} {problem.message}") from None
    if isinstance(value, dict):  # {"train": […]} or one row
        lists = [part for part in value.values() if isinstance(part, list) and part and isinstance(part[0], dict)]
        value = lists[0] if len(value) == 1 and lists else [value]
    if not isinstance(value, list):
        raise Unreadable(f"{name} must hold a list of rows.")
    yield from enumerate(value, start=1)


def _elements(stream, name: str):
    """The elements of a JSON list as they come by, each at most MAX_LINE long."""
    text = _Text(stream, name)
    text.skip("[")
    first = True
    while not text.at("]"):
        if not first:
            text.skip(",")
        yield text.value()
        first = False
    text.skip("]")
    if not text.at(""):
        raise Unreadable(f"{name} is not JSON: something follows the list.")


class _Text:
    """A JSON text, decoded a block at a time: what is ahead, and what was taken is forgotten."""

    def __init__(self, stream, name: str):
        self._stream, self._name = stream, name
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._json = json.JSONDecoder(parse_constant=_refuse_constant)
        self._ahead, self._at, self._more = "", 0, True

    def _read(self, size: int = 1 << 16) -> bool:
        if not self._more:
            return False
        block = self._stream.read(size)
        self._more = bool(block)
        try:
            self._ahead = self._ahead[self._at :] + self._decoder.decode(block, final=not block)
        except UnicodeDecodeError as fault:
            raise Unreadable(f"{self._name} is not UTF-8 ({fault.reason}).") from None
        self._at = 0
        return self._more

    def _seek(self) -> str:
        """The next sign that is no space; empty at the end."""
        while True:
            while self._at < len(self._ahead) and self._ahead[self._at] in " \t\r\n":
                self._at += 1
            if self._at < len(self._ahead):
                return self._ahead[self._at]
            if not self._read():
                return ""

    def at(self, sign: str) -> bool:
        return self._seek() == sign

    def skip(self, sign: str) -> None:
        if self._seek() != sign:
            raise Unreadable(f"{self._name} is not JSON: a list must have {sign} here, or is cut off.")
        self._at += 1

    def value(self):
        """The value that begins here. A longer look ahead each time, so that a long one is not read over and over."""
        self._seek()
        size = 1 << 16
        while True:
            try:
                value, end = self._json.raw_decode(self._ahead, self._at)
            except (RecursionError, ValueError) as fault:
                if isinstance(fault, RecursionError):
                    raise Unreadable(f"{self._name} is nested too deeply.") from None
                if len(self._ahead) - self._at > MAX_LINE:
                    raise Unreadable(f"{self._name} holds a row of more than {MAX_LINE // 1024**2} MB.") from None
                if not self._read(size):
                    raise Unreadable(f"{self._name} is not JSON: {fault}") from None
                size *= 2
                continue
            # A number may go on in the next block.
            if end == len(self._ahead) and self._read(size):
                continue
            self._at = end
            return value


def _table(stream, name: str):
    """Comma or tab separated, the first line names the columns. A row is numbered by the line it begins on."""
    csv.field_size_limit(MAX_LINE)
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
    dialect = "excel-tab" if name.lower().removesuffix(".gz").endswith(".tsv") else "excel"
    rows = csv.reader(text, dialect, strict=True)
    try:
        header = next(rows, [])
        if len(set(header)) < len(header) or not all(header):
            raise Unreadable(f"{name} must begin with a line that names each column, each once.")
        line = rows.line_num
        for values in rows:
            begins, line = line + 1, rows.line_num
            if not values:
                continue
            if len(values) != len(header):
                yield begins, Problem("$", f"has {len(values)} fields; the first line names {len(header)}.")
                continue
            yield begins, dict(zip(header, values, strict=True))
    except csv.Error as fault:
        raise Unreadable(f"{name} line {rows.line_num} is no row of a table: {fault}.") from None
    except UnicodeDecodeError as fault:
        raise Unreadable(f"{name} is not UTF-8 (near line {rows.line_num + 1}: {fault.reason}).") from None
    finally:
        text.detach()


def _parquet(stream, name: str):
    import pyarrow as pa  # here: only this format needs it
    import pyarrow.parquet as pq

    # Parquet is read from its end, so the counted stream becomes memory first.
    try:
        file = pq.ParquetFile(pa.BufferReader(stream.read()))
        unpacked = sum(file.metadata.row_group(n).total_byte_size for n in range(file.metadata.num_row_groups))
        if unpacked > MAX_ARRAY * 8:
            raise Unreadable(f"{name} unpacks to {unpacked // 1024**2:,} MB. Send it in parts.")
        number = 0
        for batch in file.iter_batches(batch_size=500):
            for row in batch.to_pylist():
                number += 1
                yield number, row
    except pa.ArrowException as fault:
        raise Unreadable(f"{name} is not a Parquet file that can be read ({fault}).") from None


_READERS = {"lines": _lines, "array": _array, "parquet": _parquet, "table": _table}
