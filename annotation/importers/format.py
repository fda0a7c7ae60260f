"""What the site knows of a format: its names, one row as it may look, its reader, and how it is recognised. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from annotation.importers.bundle import Bundle
from annotation.importers.reading import Found, RowReader, read_each


@dataclass(frozen=True)
class Format:
    """`holds`: what a row becomes (judgments, pairs, prompts, project). `example` is one row as it may look.

    `marks` are sets of fields; a first row that has all of one set is likely of this format, and the largest such set
    wins.
    """

    name: str
    title: str
    help: str
    example: str
    holds: str
    read: Callable[[Bundle], Found]
    group: str = "own"
    marks: tuple[frozenset[str], ...] = ()


GROUPS = {
    "own": "Plain rows",
    "tool": "Other tools",
    "set": "Published data sets",
}


def rows(reader: RowReader) -> Callable[[Bundle], Found]:
    """The reader of a format whose rows stand alone."""
    return partial(read_each, reader=reader)


def marks(*sets: str) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(names.split()) for names in sets)
