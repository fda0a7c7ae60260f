"""Runs a format's row reader over every row of an upload and pins each fault to its row. Pure."""

from collections.abc import Callable, Iterable, Iterator

from annotation.importers.bundle import Bundle
from annotation.importers.records import LeftOut, Place, Problem, Record, RowProblem
from annotation.importers.rows import rows_of

Found = Iterator[tuple[Place, Record | LeftOut | Problem]]
RowReader = Callable[[dict], Iterable[Record | LeftOut]]


def read_each(bundle: Bundle, reader: RowReader, names: Iterable[str] | None = None) -> Found:
    """What `reader` makes of each row."""
    for name in bundle.names() if names is None else names:
        for place, row in rows_of(bundle, name):
            if isinstance(row, Problem):
                yield place, row
                continue
            try:
                made = list(reader(row))
            except RowProblem as problem:
                made = [Problem(problem.path, problem.message)]
            yield from ((place, thing) for thing in made)


def first_rows(bundle: Bundle) -> Iterator[tuple[str, dict | Problem]]:
    """The first row of each file: what tells files of one upload apart, because every copy names them differently."""
    for name in bundle.names():
        for _place, row in rows_of(bundle, name):
            yield name, row
            break
