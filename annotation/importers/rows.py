"""Rows of a data file, numbered from 1: JSON lines, a JSON array, or Parquet. Pure."""

import json
from collections.abc import Iterator

from annotation.importers.bundle import Bundle, Unreadable, kind
from annotation.importers.records import Place, Problem, RowProblem

MAX_LINE = 16 * 1024 * 1024
MAX_ARRAY = 256 * 1024 * 1024


def rows_of(bundle: Bundle, name: str) -> Iterator[tuple[Place, dict | Problem]]:
    """Each row as an object, or as the problem that it is."""
    with bundle.open(name) as stream:
        for number, row in _READERS[kind(name)](stream, name):
            if not isinstance(row, dict | Problem):
                row = Problem("$", "must be an object with named fields.")
            yield Place(name, number), row


def count_rows(bundle: Bundle) -> int | None:
    """How many rows there are, where counting is cheap: for the progress bar, no more."""
    total = 0
    for name in bundle.names():
        if kind(name) != "lines":
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


_READERS = {"lines": _lines, "array": _array, "parquet": _parquet}
