"""What we hold, as other tools read it: items with their judgments, and a snapshot's rows. Pure.

Adding one is a function from an item (or a row) to rows there, a line below, and a round trip in the tests.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from annotation.exporters import arena, argilla, helpsteer, label_studio
from annotation.exporters.items import Exported


@dataclass(frozen=True)
class ItemExport:
    """`rows` makes rows of one item; `file` is what they are written to: JSON lines, or for `.json` one list.

    `beside` are further files, name to text.
    """

    name: str
    title: str
    help: str
    file: str
    rows: Callable[[Exported], Iterator[dict]]
    beside: tuple[tuple[str, str], ...] = ()


_ALL = (
    ItemExport(
        "label_studio",
        "Label Studio: tasks with annotations",
        "One JSON list, and the labelling configuration that shows it. AI judges are predictions.",
        "tasks.json",
        label_studio.rows,
        (("label_config.xml", label_studio.CONFIG),),
    ),
    ItemExport(
        "argilla",
        "Argilla: records",
        "Fields, each person’s responses, AI judges’ suggestions.",
        "records.jsonl",
        argilla.rows,
    ),
    ItemExport(
        "arena",
        "Arena: battles",
        "A row for each vote on a pair, sides as they stood. For Bradley-Terry and Elo tools.",
        "battles.jsonl",
        arena.rows,
    ),
    ItemExport(
        "helpsteer",
        "HelpSteer: graded pairs and edits",
        "Preferences from -3 to 3, every voice with its comment; edits beside their originals.",
        "pairs.jsonl",
        helpsteer.rows,
    ),
)
ITEM_EXPORTS: dict[str, ItemExport] = {export.name: export for export in _ALL}
