"""Exports of everything: asked for in a request, written in the background, downloaded by those who may.

As with snapshots, the row is the truth: whoever writes holds its `attempt`, a folder that nobody reads becomes an
archive by one rename, and a killed export starts again from nothing.
"""

import json
import logging
import os
import shutil
from datetime import timedelta
from pathlib import Path
from time import monotonic
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from alignment_site.celery import enqueue
from annotation.bundle_format import MANIFEST
from annotation.errors import Refused
from annotation.export_forms import archive, convert
from annotation.exporters import ITEM_EXPORTS
from annotation.models import Export, Project
from annotation.selectors.bundle_rows import row_count
from annotation.selectors.exported_items import item_count
from annotation.services.audit import record
from annotation.services.bundle_export import write_project
from annotation.services.tool_export import write_for_tool

logger = logging.getLogger(__name__)

SILENT_AFTER = timedelta(seconds=60)
KEPT = timedelta(days=14)
BEAT_EVERY_SECONDS = 2
FREE_BYTES = 256 * 1024 * 1024
State = Export.State


class Superseded(Exception):
    """Another attempt has taken this export over."""


@transaction.atomic
def create_export(project: Project, *, by, form: str = "jsonl", people: bool = False) -> Export:
    """An export of what there is when a worker takes it; queues its writing.

    `people` keeps persons' names: callers let in only those who may see them. Raises Refused for an unknown form.
    """
    if form not in Export.Form.values:
        raise Refused(f"There is no form “{form}”. There are: {', '.join(Export.Form.values)}.", code="form")
    export = Export.objects.create(project=project, created_by=by, form=form, people=people)
    record(project, by=by, action="export.create", target=export, after={"form": form, "names": people})
    enqueue("annotation.write_export", export_id=export.pk)
    return export


def write_export(export_id: int) -> None:
    """Queued to writing to ready or failed. A second delivery is a no-op."""
    export = _claim(export_id)
    if export is None:
        return
    folder = Path(settings.EXPORT_DIR) / f".tmp-{export.pk}-{export.attempt.hex}"
    try:
        _sweep(export)
        if shutil.disk_usage(settings.HOME).free < FREE_BYTES:
            _fail(export, "There is not enough room on the disk to write it. Free some, then try again.")
            return
        folder.mkdir(parents=True)
        _publish(export, *_written(export, folder))
    except Superseded:
        logger.warning("export %s was taken over by another attempt", export_id)
    except Exception:
        _fail(export, "The site made a mistake while exporting. Nothing was kept; the details are in its log.")
        raise
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _claim(export_id: int) -> Export | None:
    waiting = Export.objects.filter(pk=export_id, state=State.QUEUED)
    if not waiting.update(state=State.WRITING, attempt=uuid4(), heartbeat_at=timezone.now(), rows_done=0):
        return None
    return Export.objects.select_related("project").get(pk=export_id)


class _Pulse:
    """Says every few seconds that this attempt lives and how far it is. Raises Superseded if it is not the one."""

    def __init__(self, export: Export):
        self._export, self._next, self._done = export, 0.0, 0

    def __call__(self, done: int | None = None) -> None:
        self._done = self._done if done is None else done
        if monotonic() >= self._next:
            _beat(self._export, rows_done=self._done)
            self._next = monotonic() + BEAT_EVERY_SECONDS


def _beat(export: Export, **fields) -> None:
    mine = Export.objects.filter(pk=export.pk, attempt=export.attempt, state=State.WRITING)
    if not mine.update(heartbeat_at=timezone.now(), **fields):
        raise Superseded


def _written(export: Export, folder: Path) -> tuple[Path, list[dict], str]:
    """The archive, not yet under its name; what its tables hold; its hash."""
    pulse, bundle, tables = _Pulse(export), folder / "export.zip", folder / "tables"
    tables.mkdir()
    if export.form in ITEM_EXPORTS:
        _beat(export, rows_total=item_count(export.project))
        told = write_for_tool(export.project, tables, form=export.form, people=export.people, beat=pulse)
        return bundle, told, archive(tables, bundle, pulse)
    _beat(export, rows_total=row_count(export.project))
    told = write_project(export.project, tables, people=export.people, beat=pulse)
    if export.form != "jsonl":
        told |= {"kind": f"plumbline-{export.form}", "tables": convert(tables, export.form, told["tables"], pulse)}
        (tables / MANIFEST).write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n")
    return bundle, told["tables"], archive(tables, bundle, pulse)


def _publish(export: Export, bundle: Path, tables: list[dict], digest: str) -> None:
    """Rename, then say so."""
    with bundle.open("rb") as handle:
        os.fsync(handle.fileno())
    size, target = bundle.stat().st_size, Path(settings.EXPORT_DIR) / f"{export.pk:06d}-{digest[:12]}.zip"
    _beat(export)
    bundle.rename(target)
    rows = sum(table["rows"] for table in tables)
    mine = Export.objects.filter(pk=export.pk, attempt=export.attempt, state=State.WRITING)
    mine.update(
        state=State.READY,
        path=str(target),
        tables=[{"name": table["name"], "rows": table["rows"]} for table in tables],
        rows_done=rows,
        rows_total=rows,
        size_bytes=size,
        sha256=digest,
        finished_at=timezone.now(),
    )


def _fail(export: Export, reason: str) -> None:
    mine = Export.objects.filter(pk=export.pk, attempt=export.attempt, state=State.WRITING)
    mine.update(state=State.FAILED, error=reason, finished_at=timezone.now())


def _sweep(export: Export) -> None:
    """Throw away what killed attempts left."""
    for left in Path(settings.EXPORT_DIR).glob(f".tmp-{export.pk}-*"):
        shutil.rmtree(left, ignore_errors=True)


@transaction.atomic
def retry_export(export: Export, *, by) -> None:
    """Queue a failed export once more."""
    again = Export.objects.filter(pk=export.pk, state=State.FAILED)
    if not again.update(state=State.QUEUED, error="", finished_at=None):
        raise Refused("Only an export that failed can be tried again.", code="state", status=409)
    record(export.project_id, by=by, action="export.create", target=export, after={"again": True})
    enqueue("annotation.write_export", export_id=export.pk)


@transaction.atomic
def remove_export(export: Export, *, by) -> None:
    """Take the archive from the disk; the row stays and says that it was there. Raises Refused while it is written."""
    over = Export.objects.filter(pk=export.pk, state__in=(State.READY, State.FAILED))
    if not over.update(state=State.REMOVED):
        raise Refused("Only an export that is ready or failed can be removed.", code="state", status=409)
    record(export.project_id, by=by, action="export.remove", target=export)
    transaction.on_commit(lambda: _unlink(export))


def note_download(export: Export, *, by) -> None:
    """Who took the data out stands in the audit log."""
    record(export.project_id, by=by, action="export.download", target=export, after={"sha256": export.sha256})


def _unlink(export: Export) -> None:
    if export.path:
        Path(export.path).unlink(missing_ok=True)


def resume_exports() -> None:
    """Beat: exports whose worker fell silent go back into the queue, what waits is rung for, old archives go."""
    now = timezone.now()
    silent = Export.objects.filter(state=State.WRITING, heartbeat_at__lt=now - SILENT_AFTER)
    silent.update(state=State.QUEUED, attempt=None)
    for pk in Export.objects.filter(state=State.QUEUED).values_list("pk", flat=True):
        enqueue("annotation.write_export", export_id=pk)
    for export in Export.objects.filter(state=State.READY, finished_at__lt=now - KEPT):
        if Export.objects.filter(pk=export.pk, state=State.READY).update(state=State.REMOVED):
            _unlink(export)
