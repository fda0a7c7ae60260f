"""An upload that somebody looks at before it is imported: kept, its format proposed, then confirmed or dropped."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from annotation.errors import Refused
from annotation.importers import COLUMNS, columns
from annotation.importers.bundle import Bundle, Limits, Unreadable
from annotation.importers.detection import Proposal, proposal, sample
from annotation.importers.words import Looked, looked
from annotation.models import ImportJob, Project
from annotation.services import uploads
from annotation.services.audit import record
from annotation.services.imports import check, kept, wake_next

HEAD = 60  # rows of each file that are looked at
FORGOTTEN_AFTER = timedelta(days=7)
State = ImportJob.State


def propose_import(project: Project, *, by, name: str, files) -> ImportJob:
    """Keep `files` and say which format they likely have; nothing is read before somebody confirms it.

    Raises Refused for files that `uploads.keep` refuses, and for an upload that cannot be read at all.
    """
    folder = uploads.keep(files)
    try:
        found = proposal(_bundle(folder))
    except Unreadable as fault:
        uploads.remove(folder)
        raise Refused(str(fault), code="unreadable") from None
    options = {"columns": found.mapping} if found.format == COLUMNS else {}
    return ImportJob.objects.create(
        project=project,
        created_by=by,
        state=State.PROPOSED,
        format=found.format,
        name=name[:200],
        path=str(folder),
        options=options,
    )


def look(
    job: ImportJob, format: str, mapping: dict | None = None, *, show: bool = True
) -> tuple[Proposal, list[Looked], str]:
    """What was proposed and why, the first rows as they will look in `format`, and why none can be shown."""
    try:
        found = proposal(_bundle(job.path))
        rows = sample(_bundle(job.path), format, mapping) if show else []
    except Unreadable as fault:
        return Proposal(job.format, ""), [], str(fault)
    return found, [looked(place, thing) for place, thing in rows], ""


def look_at_files(files, *, format: str = "", mapping: dict | None = None) -> tuple[Proposal, list[Looked]]:
    """The same for files that are not kept. Raises Refused."""
    folder = uploads.keep(files)
    try:
        found = proposal(_bundle(folder))
        chosen, named = format or found.format, mapping or found.mapping
        if chosen == COLUMNS and mapping:
            check(chosen, {"columns": mapping})
        elif chosen == COLUMNS and columns.problems(named or {}):
            return found, []  # nobody has said yet what the columns are
        return found, [looked(place, thing) for place, thing in sample(_bundle(folder), chosen, named)]
    except Unreadable as fault:
        raise Refused(str(fault), code="unreadable") from None
    finally:
        uploads.remove(folder)


def _bundle(path) -> Bundle:
    return Bundle(path, Limits(unpacked_bytes=settings.IMPORT_MAX_UNPACKED_BYTES), head=HEAD)


@transaction.atomic
def confirm_import(job: ImportJob, *, by, format: str, name: str, **options) -> None:
    """Proposed to queued. Raises Refused for a format or columns that do not read, or if it was confirmed already."""
    check(format, options)
    waiting = ImportJob.objects.filter(pk=job.pk, state=State.PROPOSED)
    if not waiting.update(
        state=State.QUEUED, format=format, name=name[:200] or job.name, options=kept(format, options), created_by=by
    ):
        raise Refused("This upload was confirmed or dropped already.", code="state", status=409)
    told = {"format": format, **kept(format, options)}
    record(job.project_id, by=by, action="import.start", target=job, after=told)
    wake_next(job.project_id)


def drop_import(job: ImportJob) -> None:
    """Remove an upload that nobody wants. Raises Refused if it was confirmed meanwhile."""
    if not ImportJob.objects.filter(pk=job.pk, state=State.PROPOSED).delete()[0]:
        raise Refused("This upload was confirmed or dropped already.", code="state", status=409)
    uploads.remove(job.path)


def forget_proposals() -> None:
    """Drop uploads that nobody confirmed for a week."""
    for job in ImportJob.objects.filter(state=State.PROPOSED, created_at__lt=timezone.now() - FORGOTTEN_AFTER):
        if ImportJob.objects.filter(pk=job.pk, state=State.PROPOSED).delete()[0]:
            uploads.remove(job.path)
