"""Tables of an exported project as CSV or Parquet, and all of it as one zip archive. Pure; memory stays flat.

A cell that is a list or an object holds it as JSON, in both forms, so that one reader reads every table.
"""

import csv
import hashlib
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

from annotation.snapshot_format import canonical_json

FORMS = ("jsonl", "csv", "parquet")
_BATCH_ROWS = 2_000
_BLOCK = 1 << 20


def convert(folder: Path, form: str, tables: list[dict], beat: Callable[[], None] = lambda: None) -> list[dict]:
    """Rewrite `NAME.jsonl` of each table as `NAME.<form>`; what the manifest says of them, with the new hashes."""
    if form == "jsonl":
        return tables
    write = {"csv": _write_csv, "parquet": _write_parquet}[form]
    told = []
    for table in tables:
        source, target = folder / f"{table['name']}.jsonl", folder / f"{table['name']}.{form}"
        write(source, target, _columns(source), beat)
        source.unlink()
        told.append({**table, "bytes": target.stat().st_size, "sha256": digest_of(target)})
        beat()
    return told


def archive(folder: Path, target: Path, beat: Callable[[], None] = lambda: None) -> str:
    """All files of `folder` in one zip; its SHA-256. The same files make the same bytes."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=4, allowZip64=True) as bundle:
        for path in sorted(folder.iterdir(), key=lambda path: (path.name != "manifest.json", path.name)):
            entry = zipfile.ZipInfo(path.name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            entry._compresslevel = 4
            with path.open("rb") as source, bundle.open(entry, "w", force_zip64=True) as handle:
                while block := source.read(_BLOCK):
                    handle.write(block)
                    beat()
    return digest_of(target)


def digest_of(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as handle:
        while block := handle.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _rows(path: Path) -> Iterator[dict]:
    with path.open("rb") as handle:
        for line in handle:
            yield json.loads(line)


def _columns(path: Path) -> list[str]:
    first = next(_rows(path), {})
    return sorted(first, key=lambda name: (name != "id", name))


def cell(value):
    """A value as one cell."""
    return canonical_json(value) if isinstance(value, dict | list) else value


def _write_csv(source: Path, target: Path, columns: list[str], beat) -> None:
    with target.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.writer(handle)
        writer.writerow(columns)
        for number, row in enumerate(_rows(source), start=1):
            writer.writerow([_csv_cell(row[name]) for name in columns])
            if number % _BATCH_ROWS == 0:
                beat()


def _csv_cell(value):
    if value is None:
        return ""
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else cell(value)


def _write_parquet(source: Path, target: Path, columns: list[str], beat) -> None:
    import pyarrow as pa  # here: forty megabytes that most processes never need
    import pyarrow.parquet as pq

    schema = pa.schema([(name, kind) for name, kind in _kinds(source, columns, pa).items()])
    with pq.ParquetWriter(target, schema, compression="zstd") as writer:
        batch = []
        for row in _rows(source):
            batch.append({name: cell(row[name]) for name in columns})
            if len(batch) >= _BATCH_ROWS:
                writer.write_batch(pa.RecordBatch.from_pylist(batch, schema=schema))
                batch = []
                beat()
        if batch:
            writer.write_batch(pa.RecordBatch.from_pylist(batch, schema=schema))


def _kinds(source: Path, columns: list[str], pa) -> dict:
    """The type of each column, of all its values: a column that is empty everywhere is text."""
    seen: dict[str, set] = {name: set() for name in columns}
    for row in _rows(source):
        for name in columns:
            seen[name].add(type(row[name]))
    found = {}
    for name, types in seen.items():
        types -= {type(None)}
        if types == {bool}:
            found[name] = pa.bool_()
        elif types == {int}:
            found[name] = pa.int64()
        elif types and types <= {int, float}:
            found[name] = pa.float64()
        else:
            found[name] = pa.string()
    return found
