"""Uploaded files on their way in: checked for kind and size, kept under names of ours, removed in the end."""

import re
import shutil
from pathlib import Path
from uuid import uuid4

from django.conf import settings

from annotation.errors import Refused
from annotation.importers.bundle import is_data


def keep(files) -> Path:
    """Write `files` (Django's, or anything with `name`, `size` and `chunks()`) into a folder of their own.

    Raises Refused for no file, a wrong kind of file, more bytes than allowed, or no room.
    """
    files = list(files)
    if not files:
        raise Refused("Choose a file to import.", code="no_file")
    for file in files:
        name = _base(file.name)
        if not (is_data(name) or name.lower().endswith(".zip")):
            raise Refused(f"{name} is no data file: .jsonl, .json, .csv, .parquet (also .gz) or .zip.", code="kind")
    size = sum(file.size for file in files)
    if size > settings.IMPORT_MAX_BYTES:
        raise Refused(
            f"The upload has {size / 1024**2:,.0f} MB; {settings.IMPORT_MAX_BYTES // 1024**2:,} MB are taken at most.",
            code="too_large",
            status=413,
        )
    if shutil.disk_usage(settings.HOME).free < 2 * size + 64 * 1024**2:
        raise Refused("There is not enough room on the disk for this upload. Free some, then try again.", code="disk")
    folder = _folder() / uuid4().hex
    folder.mkdir(parents=True)
    for number, file in enumerate(files):
        with (folder / _safe(file.name, number if len(files) > 1 else None)).open("wb") as handle:
            for chunk in file.chunks():
                handle.write(chunk)
    return folder


def remove(path: str | Path) -> None:
    """Only what lies among the uploads is ours to remove."""
    path = Path(path).resolve()
    if path.is_dir() and path.parent == _folder().resolve():
        shutil.rmtree(path, ignore_errors=True)


def _folder() -> Path:
    return Path(settings.UPLOAD_DIR) / "imports"


def _base(name: str) -> str:
    return Path(name.replace("\\", "/")).name


def _safe(name: str, number: int | None) -> str:
    """A file name of ours: no folders, no surprises. Several files keep apart by number."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "_", _base(name)).lstrip(".")[-100:] or "upload"
    return plain if number is None else f"{number:03d}-{plain}"
