"""The files of a frozen snapshot: which can be fetched, a few rows to look at, all in one archive."""

import json
import tempfile
import zipfile
from itertools import islice
from pathlib import Path

from annotation.models import Snapshot
from annotation.snapshot_format import RUBRIC, SPLITS

DOWNLOADS = {
    "snapshot.zip": "Everything, as a zip archive",
    **{f"{split}.jsonl": f"{split}, JSON lines" for split in SPLITS},
    **{f"{split}.parquet": f"{split}, Parquet" for split in SPLITS},
    "lineage.jsonl": "Lineage: which judgments each row stands on",
    "rubric.json": "The rubric: its items, weights and prompts",
    "card.md": "The card, as text",
    "card.json": "The card, for programs",
    "manifest.json": "The manifest: what the hash stands for",
}
_SAMPLE = 5
_WITHIN = 20_000


def stored_file(snapshot: Snapshot, name: str) -> Path | None:
    """A file of DOWNLOADS, if it is still on the disk. Names outside the list are never paths."""
    path = Path(snapshot.path) / name if name in DOWNLOADS else None
    return path if path is not None and path.is_file() else None


def downloads(snapshot: Snapshot) -> dict[str, str]:
    """What of DOWNLOADS this snapshot has, with words."""
    return {name: words for name, words in DOWNLOADS.items() if name != RUBRIC or snapshot.rubric_id}


def sample_rows(snapshot: Snapshot, count: int = _SAMPLE) -> list[dict]:
    """Rows from all over the training split, with the judgments each stands on.

    They are sorted by their text, so neighbours are alike; of a large file only the beginning is gone through.
    """
    rows, lineage = stored_file(snapshot, "train.jsonl"), stored_file(snapshot, "lineage.jsonl")
    if rows is None or lineage is None:
        return []
    step = max(1, min(snapshot.split_counts.get("train", 0), _WITHIN) // count)
    with rows.open() as handle, lineage.open() as traced:
        return [
            {"row": json.loads(row), "lineage": json.loads(told)}
            for row, told in islice(zip(handle, traced, strict=False), 0, count * step, step)
        ]


def archive(snapshot: Snapshot):
    """All files in one zip, in a temporary file that goes when it is closed: memory stays flat."""
    handle = tempfile.TemporaryFile()  # noqa: SIM115 (the response closes it)
    with zipfile.ZipFile(handle, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as bundle:
        for path in sorted(Path(snapshot.path).iterdir()):
            bundle.write(path, f"{Path(snapshot.path).name}/{path.name}")
    handle.seek(0)
    return handle
