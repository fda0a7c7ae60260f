"""Snapshot folders drawn from the demo world, without a database: what the tiny model and the figures train on."""

from collections.abc import Iterable
from pathlib import Path

from annotation.snapshot_format import SPLITS, canonical_json, file_sha256, manifest

User = list[dict]


def asked(prompt: str) -> User:
    return [{"role": "user", "content": prompt}]


def write_folder(folder: Path, *, name: str, form: str, splits: dict[str, Iterable[dict]]) -> dict:
    """Write rows by split as a frozen snapshot; returns what a run spec says of it."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {}
    for split in SPLITS:
        path = folder / f"{split}.jsonl"
        lines = sorted(canonical_json(row) for row in splits.get(split, ()))
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        files[split] = {"rows": len(lines), "bytes": path.stat().st_size, "sha256": file_sha256(path)}
    facts = manifest(name=name, format=form, policy={}, filters={}, files=files)
    (folder / "manifest.json").write_text(canonical_json(facts), encoding="utf-8")
    return {"path": str(folder.resolve()), "sha256": facts["sha256"], "format": form}
