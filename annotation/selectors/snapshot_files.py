"""The files of a frozen snapshot: which can be fetched, a few rows to look at, all in one archive."""

import json
import tempfile
import zipfile
from collections import Counter
from itertools import islice
from pathlib import Path

from django.utils.text import slugify

from annotation.exporters.trainers import CONVERTERS, TITLES, dataset_info
from annotation.models import Snapshot
from annotation.snapshot_format import RUBRIC, SPLITS, canonical_json
from annotation.snapshot_writer import read_rows

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


def trainer_files(snapshot: Snapshot) -> dict[str, str]:
    """Archives of the rows in other trainers' columns, name to words; made when they are asked for."""
    return {f"{name}.zip": TITLES[name] for name, by_format in CONVERTERS.items() if snapshot.format in by_format}


def converted(snapshot: Snapshot, name: str):
    """An archive of `trainer_files`, in a temporary file that goes when it is closed. Rows go by one at a time.

    A row that has no place there is left out and counted in `about.json`.
    """
    tool = name.removesuffix(".zip")
    convert = CONVERTERS[tool][snapshot.format]
    told = {
        "snapshot": snapshot.name,
        "sha256": snapshot.sha256,
        "columns_of": TITLES[tool],
        "rows": {},
        "left_out": {},
    }
    handle = tempfile.TemporaryFile()  # noqa: SIM115 (the response closes it)
    with zipfile.ZipFile(handle, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as bundle:
        for split in SPLITS:
            counts = Counter()
            with bundle.open(f"{split}.jsonl", "w", force_zip64=True) as target:
                for row in read_rows(Path(snapshot.path) / f"{split}.jsonl"):
                    made = convert(row)
                    counts[made is None] += 1
                    if made is not None:
                        target.write(canonical_json(made).encode() + b"\n")
            told["rows"][split], told["left_out"][split] = counts[False], counts[True]
        if tool == "llama_factory":
            slug = slugify(snapshot.name) or "plumbline"
            bundle.writestr("dataset_info.json", json.dumps(dataset_info(slug, snapshot.format, SPLITS), indent=1))
        bundle.writestr("about.json", json.dumps(told, ensure_ascii=False, indent=1))
    handle.seek(0)
    return handle


def archive(snapshot: Snapshot):
    """All files in one zip, in a temporary file that goes when it is closed: memory stays flat."""
    handle = tempfile.TemporaryFile()  # noqa: SIM115 (the response closes it)
    with zipfile.ZipFile(handle, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as bundle:
        for path in sorted(Path(snapshot.path).iterdir()):
            bundle.write(path, f"{Path(snapshot.path).name}/{path.name}")
    handle.seek(0)
    return handle
