"""Snapshots: asked for in a request, frozen in the background, never changed after.

A folder is written under a name that nobody reads and renamed when it is complete; the row says `frozen` only after
that. A killed freeze starts again from nothing and comes to the same bytes.
"""

import json
import logging
import os
import shutil
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from alignment_site.celery import enqueue
from annotation import snapshot_format as form
from annotation.errors import Refused
from annotation.models import Judgment, Project, RubricVersion, Snapshot
from annotation.policy import Policy
from annotation.selectors.label_weights import weighed
from annotation.selectors.rubrics import frozen
from annotation.selectors.snapshot_preview import named
from annotation.selectors.snapshot_source import chosen_judgments, chosen_prompts, picked_items, picked_prompts
from annotation.services.audit import record
from annotation.snapshot_card import Tally, markdown
from annotation.snapshot_filters import Filters
from annotation.snapshot_rows import Rows
from annotation.snapshot_writer import SnapshotWriter, write_parquet

logger = logging.getLogger(__name__)

SILENT_AFTER = timedelta(seconds=60)
FREE_BYTES = 256 * 1024 * 1024
State = Snapshot.State


class Superseded(Exception):
    """Another attempt has taken this snapshot over."""


class Empty(Exception):
    """Nothing came out; the text is for people."""


@transaction.atomic
def create_snapshot(
    project: Project,
    *,
    by,
    name: str,
    format: str,
    filters: dict | None = None,
    policy: dict | None = None,
    rubric: RubricVersion | None = None,
) -> Snapshot:
    """A snapshot of what there is now; queues its freezing. With `rubric` that version is frozen beside the rows.

    Raises Refused for an unknown format, a filter or policy that does not read, a taken name, no judgments, or weights
    that there are none of.
    """
    if rubric is not None and rubric.rubric.project_id != project.pk:
        raise Refused("This rubric belongs to another project.", code="other_project")
    if format not in Snapshot.Format.values:
        raise Refused(f"There is no format “{format}”. There are: {', '.join(Snapshot.Format.values)}.", code="format")
    try:
        wanted, how = Filters.read(filters or {}), Policy.read(policy or {})
    except ValueError as fault:
        raise Refused(str(fault), code="invalid") from None
    newest = Judgment.objects.filter(item__project=project).aggregate(newest=Max("pk"))["newest"] or 0
    wanted = Filters.read({**wanted.as_dict(), "through": newest})
    chosen = chosen_prompts(project, wanted) if format == "prompt_only" else chosen_judgments(project, wanted)
    if not chosen.exists():
        what = "prompt" if format == "prompt_only" else "judgment"
        raise Refused(f"No {what} passes these filters. Take in more kinds, sets or days.", code="empty")
    how = weighed(project, how)
    try:
        with transaction.atomic():
            snapshot = Snapshot.objects.create(
                project=project,
                created_by=by,
                name=name,
                format=format,
                filters=wanted.as_dict(),
                policy=how.as_dict(),
                rubric=rubric,
            )
    except IntegrityError:
        raise Refused(f"A snapshot named “{name}” exists already. Names are for good, choose another one.",
                      code="taken") from None  # fmt: skip
    after = {"format": format, "filters": snapshot.filters, "policy": snapshot.policy}
    record(project, by=by, action="snapshot.create", target=snapshot, after=after)
    enqueue("annotation.freeze_snapshot", snapshot_id=snapshot.pk)
    return snapshot


def freeze(snapshot_id: int) -> None:
    """Queued to freezing to frozen or failed. A second delivery is a no-op."""
    snapshot = _claim(snapshot_id)
    if snapshot is None:
        return
    folder = Path(settings.SNAPSHOT_DIR) / f".tmp-{snapshot.pk}-{snapshot.attempt.hex}"
    try:
        _sweep(snapshot)
        if shutil.disk_usage(settings.HOME).free < FREE_BYTES:
            raise Empty("There is not enough room on the disk to freeze it. Free some, then try again.")
        folder.mkdir(parents=True)
        card, told = _write(snapshot, folder)
        _publish(snapshot, folder, card, told)
    except Superseded:
        logger.warning("snapshot %s was taken over by another attempt", snapshot_id)
    except Empty as reason:
        _fail(snapshot, str(reason))
    except Exception:
        _fail(snapshot, "The site made a mistake while freezing. Nothing was kept; the details are in its log.")
        raise
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@transaction.atomic
def try_again(snapshot: Snapshot, *, by) -> None:
    """Queue a failed snapshot once more."""
    again = Snapshot.objects.filter(pk=snapshot.pk, state=State.FAILED)
    if not again.update(state=State.QUEUED, error=""):
        raise Refused("Only a snapshot that failed can be tried again.", code="state", status=409)
    record(snapshot.project_id, by=by, action="snapshot.retry", target=snapshot)
    logger.info("%s tries snapshot %s again", by, snapshot.pk)
    enqueue("annotation.freeze_snapshot", snapshot_id=snapshot.pk)


def _claim(snapshot_id: int) -> Snapshot | None:
    waiting = Snapshot.objects.filter(pk=snapshot_id, state=State.QUEUED)
    if not waiting.update(state=State.FREEZING, attempt=uuid4(), heartbeat_at=timezone.now(), items_done=0):
        return None
    return Snapshot.objects.select_related("project").get(pk=snapshot_id)


def _beat(snapshot: Snapshot, **fields) -> None:
    mine = Snapshot.objects.filter(pk=snapshot.pk, attempt=snapshot.attempt, state=State.FREEZING)
    if not mine.update(heartbeat_at=timezone.now(), **fields):
        raise Superseded


def _write(snapshot: Snapshot, folder: Path) -> tuple[dict, dict]:
    """All files of the folder; the card and the manifest."""
    filters, policy = Filters.read(snapshot.filters), Policy.read(snapshot.policy)
    tally = Tally(snapshot.format)
    rows = Rows(snapshot.format, policy, snapshot.project.split_salt, tally)
    writer = SnapshotWriter(folder, unique=policy.merges(snapshot.format))
    fill = _fill_prompts if snapshot.format == "prompt_only" else _fill
    fill(snapshot, filters, rows, writer)
    files = writer.finish()
    if not sum(facts["rows"] for facts in files.values()):
        raise Empty("Nothing came out: under this policy none of the judgments yields a row of this format.")
    told = form.manifest(
        name=snapshot.name,
        format=snapshot.format,
        policy=policy.as_dict(),
        filters=filters.as_dict(),
        files=files,
        rubric=_write_rubric(snapshot, folder),
    )
    _beat(snapshot)
    write_parquet(folder, told["columns"])
    tally.settle({split: facts["rows"] for split, facts in files.items()}, writer.repeats)
    card = named(tally.card())
    _json(folder / "manifest.json", told)
    _json(folder / "card.json", card)
    page = markdown(snapshot.name, told["sha256"], card, policy.as_dict(), filters.as_dict())
    (folder / "card.md").write_text(page)
    return card, told


def _fill(snapshot: Snapshot, filters: Filters, rows: Rows, writer: SnapshotWriter) -> None:
    chosen = chosen_judgments(snapshot.project, filters)
    _beat(snapshot, items_total=chosen.values("item").distinct().count())
    done = 0
    for items in picked_items(snapshot.project, filters, texts=True):
        for item in items:
            for split, plan in rows.of_item(item):
                lineage = {"judgments": sorted(plan.judgments), "prompt": item.prompt.id, "item": item.id}
                writer.add(split, rows.written(item.prompt, item.answers, plan), lineage)
        done += len(items)
        _beat(snapshot, items_done=done)


def _fill_prompts(snapshot: Snapshot, filters: Filters, rows: Rows, writer: SnapshotWriter) -> None:
    _beat(snapshot, items_total=chosen_prompts(snapshot.project, filters).count())
    done = 0
    for prompts in picked_prompts(snapshot.project, filters, texts=True):
        for prompt in prompts:
            row = form.prompt_row(prompt.messages, prompt.reference)
            writer.add(rows.of_prompt(prompt), row, {"judgments": [], "prompt": prompt.id})
        done += len(prompts)
        _beat(snapshot, items_done=done)


def _write_rubric(snapshot: Snapshot, folder: Path) -> dict | None:
    """The rubric beside the rows, canonical like them; what the manifest says of it."""
    if snapshot.rubric_id is None:
        return None
    told = frozen(snapshot.rubric)
    path = folder / form.RUBRIC
    path.write_text(form.canonical_json(told) + "\n", encoding="utf-8")
    facts = {"rubric": told["rubric"], "version": told["version"]}
    return {**facts, "bytes": path.stat().st_size, "sha256": form.file_sha256(path)}


def _json(path: Path, value: dict) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n")


def _publish(snapshot: Snapshot, folder: Path, card: dict, told: dict) -> None:
    """Rename, then say so. A folder that is there already is an earlier attempt's, and must be the same."""
    for path in folder.iterdir():
        with path.open("rb") as handle:
            os.fsync(handle.fileno())
        path.chmod(0o444)
    target = Path(settings.SNAPSHOT_DIR) / f"{snapshot.pk:06d}-{told['sha256'][:12]}"
    _beat(snapshot)
    try:
        folder.rename(target)
    except OSError:
        if not target.is_dir() or form.verify(target):
            raise
    frozen = Snapshot.objects.filter(pk=snapshot.pk, attempt=snapshot.attempt, state=State.FREEZING)
    frozen.update(
        state=State.FROZEN,
        sha256=told["sha256"],
        path=str(target),
        row_count=card["rows"],
        judgment_count=card["judgments"],
        split_counts=card["splits"],
        card=card,
        error="",
        frozen_at=timezone.now(),
    )


def _fail(snapshot: Snapshot, reason: str) -> None:
    mine = Snapshot.objects.filter(pk=snapshot.pk, attempt=snapshot.attempt, state=State.FREEZING)
    mine.update(state=State.FAILED, error=reason)


def _sweep(snapshot: Snapshot) -> None:
    """Throw away what killed attempts left."""
    for left in Path(settings.SNAPSHOT_DIR).glob(f".tmp-{snapshot.pk}-*"):
        shutil.rmtree(left, ignore_errors=True)


def resume_snapshots() -> None:
    """Put snapshots whose worker fell silent back into the queue, and ring for those that wait."""
    silent = timezone.now() - SILENT_AFTER
    Snapshot.objects.filter(state=State.FREEZING, heartbeat_at__lt=silent).update(state=State.QUEUED, attempt=None)
    for pk in Snapshot.objects.filter(state=State.QUEUED).values_list("pk", flat=True):
        enqueue("annotation.freeze_snapshot", snapshot_id=pk)
