"""A whole project as files: what an export of everything writes into its folder (docs/export-format.md)."""

from collections.abc import Callable, Iterator
from pathlib import Path

from annotation.bundle_format import BundleWriter
from annotation.models import Project
from annotation.selectors.bundle_rows import TABLES, limits, project_row, refers, table_rows

BEAT_EVERY = 2_000  # rows


def write_project(project: Project, folder: Path, *, people: bool, beat: Callable[[int], None] | None = None) -> dict:
    """Write every table and the manifest into an empty `folder`; returns the manifest. Memory stays flat.

    `people` keeps persons' names; without it they are numbered. `beat` hears how many rows are written, every so
    often. Rows that come in while it writes stay out, so that no row refers to one that is missing; no lock is held.
    """
    writer, done, newest = BundleWriter(folder), 0, limits(project)
    for table in TABLES:
        rows = table_rows(project, table, people=people, newest=newest[table.name])
        done += writer.write(table.name, _counted(rows, done, beat), refers(table))
    return writer.finish(project=project_row(project), people=people)


def _counted(rows: Iterator[dict], before: int, beat: Callable[[int], None] | None) -> Iterator[dict]:
    for number, row in enumerate(rows, start=before + 1):
        if beat and number % BEAT_EVERY == 0:
            beat(number)
        yield row
