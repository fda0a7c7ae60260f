"""A project's items and judgments as another tool's files (docs/export-format.md)."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path

from annotation.exporters import ITEM_EXPORTS
from annotation.models import Project
from annotation.selectors.exported_items import exported_items
from annotation.snapshot_format import canonical_json

MANIFEST = "manifest.json"


def write_for_tool(
    project: Project, folder: Path, *, form: str, people: bool, beat: Callable[[int], None] = lambda _: None
) -> list[dict]:
    """Write the files of `form` (a name of ITEM_EXPORTS) into an empty `folder`; what they hold. Memory stays flat."""
    export = ITEM_EXPORTS[form]
    rows = (row for item in exported_items(project, people=people) for row in export.rows(item))
    count = _write(folder / export.file, rows, beat)
    for name, text in export.beside:
        (folder / name).write_text(text)
    tables = [{"name": export.file, "rows": count}]
    told = {"kind": f"plumbline-{form}", "title": export.title, "people": people, "tables": tables}
    (folder / MANIFEST).write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n")
    return tables


def _write(path: Path, rows: Iterable[dict], beat: Callable[[int], None]) -> int:
    """JSON lines, or for `.json` one list."""
    listed, count = path.suffix == ".json", 0
    with path.open("w") as handle:
        handle.write("[\n" if listed else "")
        for row in rows:
            handle.write((",\n" if listed and count else "") + canonical_json(row) + ("" if listed else "\n"))
            count += 1
            beat(count)
        handle.write("\n]\n" if listed else "")
    return count
