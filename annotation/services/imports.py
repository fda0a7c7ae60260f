"""Imports: an upload is kept, read in the background in chunks, and published by one flag, or not at all.

One import of a project is read at a time, so that nothing is ever counted as a duplicate of rows that are not
published yet. Whoever reads holds the job's `attempt`; each chunk is written only if it still does, so a worker that
was thought dead cannot write into the attempt after it.
"""

import logging
from datetime import timedelta
from itertools import islice
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from alignment_site.celery import enqueue
from annotation.errors import Refused
from annotation.importers import COLUMNS, FORMATS, PROJECT, columns, found_in
from annotation.importers.bundle import Bundle, Limits, Unreadable
from annotation.importers.records import LeftOut, Place, Problem, Record
from annotation.importers.rows import count_rows
from annotation.models import Completion, ImportJob, Item, ItemCompletion, Judgment, JudgmentRevision, Project, Prompt
from annotation.services import uploads
from annotation.services.audit import record
from annotation.services.import_project import ProjectImport
from annotation.services.import_rows import Stage, stage
from annotation.services.table_statistics import MUCH, analyze

logger = logging.getLogger(__name__)

CHUNK = 200
ERRORS_KEPT = 100
SILENT_AFTER = timedelta(seconds=60)
OPTIONS = ("prompt_set", "skip_bad_rows", "judge_here", "task", "columns")
State = ImportJob.State


class Superseded(Exception):
    """Another attempt has taken this import over."""


def start_import(project: Project, *, by, format: str, name: str, files, **options) -> ImportJob:
    """Keep the uploaded `files` and queue their import. Raises Refused for an unknown format, or as `uploads.keep`."""
    check(format, options)
    return _queue(project, by=by, format=format, name=name, path=uploads.keep(files), options=options)


def import_path(project: Project, *, by, format: str, name: str, path: Path, **options) -> ImportJob:
    """Import a file or folder of this machine here and now, where it lies. For commands, not for pages."""
    check(format, options)
    job = _queue(project, by=by, format=format, name=name, path=Path(path).resolve(), options=options, wake=False)
    run_import(job.pk)
    job.refresh_from_db()
    return job


def check(format: str, options: dict) -> None:
    """Raises Refused for an unknown format, or columns that do not make sense."""
    if format not in FORMATS:
        raise Refused(f"There is no format “{format}”. There are: {', '.join(FORMATS)}.", code="format")
    if unknown := set(options) - set(OPTIONS):
        raise TypeError(f"no options of an import: {', '.join(sorted(unknown))}")
    if format == COLUMNS and (wrong := columns.problems(options.get("columns") or {})):
        problems = [{"path": f"columns.{role}", "message": message} for role, message in wrong.items()]
        raise Refused(" ".join(wrong.values()), code="columns", problems=problems)


def kept(format: str, options: dict) -> dict:
    """The options as they are stored: without what was not chosen."""
    chosen = {key: value for key, value in options.items() if value}
    return {**chosen, "judge_here": True} if FORMATS[format].holds == "pairs" else chosen


@transaction.atomic
def _queue(project: Project, *, by, format: str, name: str, path: Path, options: dict, wake: bool = True) -> ImportJob:
    job = ImportJob.objects.create(
        project=project, created_by=by, format=format, name=name[:200], path=str(path), options=kept(format, options)
    )
    record(project, by=by, action="import.start", target=job, after={"format": format, **job.options})
    if wake:
        enqueue("annotation.run_import", job_id=job.pk)
    return job


def run_import(job_id: int) -> None:
    """Queued to reading to published or failed. A second delivery, or another import under way, makes it a no-op."""
    job = _claim(job_id)
    if job is None:
        return
    try:
        _discard(job)
        staging = Stage(job)
        if _read(staging):
            _publish(staging)
            uploads.remove(job.path)
        else:
            _fail(job)
    except Superseded:
        logger.warning("import %s was taken over by another attempt", job_id)
    except Unreadable as fault:
        _fail(job, [{"file": "", "row": None, "path": "", "message": str(fault)}])
    except Exception:
        _fail(job, [{"file": "", "row": None, "path": "", "message": "The site made a mistake while importing. "
                     "Nothing was imported; the details are in the server's log."}])  # fmt: skip
        raise
    finally:
        wake_next(job.project_id)


def _claim(job_id: int) -> ImportJob | None:
    attempt = uuid4()
    with transaction.atomic():
        job = ImportJob.objects.filter(pk=job_id).first()
        if job is None:
            return None
        Project.objects.select_for_update().get(pk=job.project_id)  # two imports of a project claim in turn
        busy = ImportJob.objects.filter(project=job.project_id, state=State.READING).exists()
        if busy or not ImportJob.objects.filter(pk=job_id, state=State.QUEUED).update(
            state=State.READING,
            attempt=attempt,
            heartbeat_at=timezone.now(),
            rows_done=0,
            counts={},
            errors=[],
            error_count=0,
        ):
            return None
    return ImportJob.objects.select_related("project").get(pk=job_id)


def _beat(job: ImportJob, **fields) -> None:
    """Say that this attempt lives, and write `fields`. Raises Superseded if it is no longer the one."""
    mine = ImportJob.objects.filter(pk=job.pk, attempt=job.attempt, state=State.READING)
    if not mine.update(heartbeat_at=timezone.now(), **fields):
        raise Superseded


def _read(staging: Stage) -> bool:
    """Stage everything; once a row is wrong only go on looking for others. True if all may be published."""
    job = staging.job
    bundle = Bundle(Path(job.path), Limits(unpacked_bytes=settings.IMPORT_MAX_UNPACKED_BYTES))
    if job.format == PROJECT:
        return _read_project(staging, bundle)
    _beat(job, rows_total=count_rows(bundle))
    found = found_in(bundle, job.format, job.options.get("columns"))
    rows, last = 0, None
    while chunk := list(islice(found, CHUNK)):
        for place, _ in chunk:
            rows, last = rows + (place != last), place  # one row may yield several records
        _note(job, staging, chunk)
        records = [thing for _, thing in chunk if isinstance(thing, Record)]
        with transaction.atomic():
            if records and (not job.error_count or job.options.get("skip_bad_rows")):
                stage(staging, records)
            _beat(job, rows_done=rows, counts=dict(staging.counts), errors=job.errors, error_count=job.error_count)
    if job.error_count and not (job.options.get("skip_bad_rows") and rows > job.error_count):
        return False
    _count(staging, rows)
    return True


def _read_project(staging: Stage, bundle: Bundle) -> bool:
    """Stage an export of everything, table by table."""
    job = staging.job
    staging.whole = ProjectImport(job, bundle)
    _beat(job, rows_total=staging.whole.reader.count)

    def note(problems: list, rows: int) -> None:
        _note(job, staging, problems)
        _beat(job, rows_done=rows, errors=job.errors, error_count=job.error_count)

    sound = staging.whole.stage(note)
    if sound:
        _count(staging, staging.whole.reader.count)
    return sound


def _count(staging: Stage, rows: int) -> None:
    staging.counts["rows"] = rows
    for name in ("prompts", "completions", "items", "judgments"):
        staging.counts[name] = _staged(staging.job)[name].count()


def _staged(job: ImportJob) -> dict:
    """Everything that names the import, in the order in which it may be deleted."""
    return {
        "judgments": Judgment.objects.filter(import_job=job),
        "places": ItemCompletion.objects.filter(item__import_job=job),
        "items": Item.objects.filter(import_job=job),
        "completions": Completion.objects.filter(import_job=job),
        "prompts": Prompt.objects.filter(import_job=job),
    }


def _note(job: ImportJob, staging: Stage, chunk: list[tuple[Place, object]]) -> None:
    """Keep the first problems and reasons with their rows, count the rest."""
    for place, thing in chunk:
        if isinstance(thing, Problem):
            job.error_count += 1
            if len(job.errors) < ERRORS_KEPT:
                job.errors.append({"file": place.file, "row": place.row, "path": thing.path, "message": thing.message})
        elif isinstance(thing, LeftOut):
            staging.counts[f"left out: {thing.reason}"] += 1


@transaction.atomic
def _publish(staging: Stage) -> None:
    """The one flag: everything of the import becomes visible in one short transaction."""
    job = staging.job
    _beat(job)
    Prompt.objects.filter(import_job=job).update(published=True)
    Item.objects.filter(import_job=job).update(published=True)
    if staging.whole:
        staging.whole.publish()
    else:
        Judgment.objects.filter(import_job=job).update(withdrawn=False)
    if staging.counts["rows"] >= MUCH:
        analyze(Prompt, Completion, Item, ItemCompletion, Judgment, JudgmentRevision)
    ImportJob.objects.filter(pk=job.pk).update(
        state=State.PUBLISHED,
        counts=dict(+staging.counts),
        rows_done=staging.counts["rows"],
        finished_at=timezone.now(),
    )
    record(job.project, by=job.created_by, action="import.publish", target=job, after=dict(+staging.counts))


def _fail(job: ImportJob, errors: list[dict] | None = None) -> None:
    """Take back what was staged, then say why."""
    if errors:
        job.errors, job.error_count = errors, len(errors)
    try:
        _beat(job, errors=job.errors, error_count=job.error_count)
        _discard(job)
        with transaction.atomic():
            _beat(job, state=State.FAILED, finished_at=timezone.now())
            after = {"wrong_rows": job.error_count}
            record(job.project_id, by=job.created_by, action="import.fail", target=job, after=after)
    except Superseded:
        return
    uploads.remove(job.path)


def _discard(job: ImportJob) -> None:
    """Delete what this import staged, now or in an attempt before, a thousand rows at a time."""
    for rows in _staged(job).values():
        while ids := list(rows.values_list("pk", flat=True)[:1000]):
            with transaction.atomic():
                rows.model.objects.filter(pk__in=ids).delete()
                _beat(job)


def wake_next(project_id: int) -> None:
    """Ring for the project's oldest import that waits."""
    waiting = ImportJob.objects.filter(project=project_id, state=State.QUEUED).order_by("pk").first()
    if waiting:
        enqueue("annotation.run_import", job_id=waiting.pk)


def resume_imports() -> None:
    """Put imports whose worker fell silent back into the queue, and ring for those that nobody heard of."""
    silent = timezone.now() - SILENT_AFTER
    for job in ImportJob.objects.filter(state=State.READING, heartbeat_at__lt=silent):
        gone = ImportJob.objects.filter(pk=job.pk, state=State.READING, attempt=job.attempt, heartbeat_at__lt=silent)
        gone.update(state=State.QUEUED, attempt=None)
    for project_id in ImportJob.objects.filter(state=State.QUEUED).values_list("project", flat=True).distinct():
        wake_next(project_id)
