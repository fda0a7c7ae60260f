"""Batches: named, dated pieces of the work, for their figures to be compared."""

from datetime import date

from django.db import IntegrityError, transaction

from annotation.errors import Refused
from annotation.models import Batch, Project
from annotation.services.audit import record

FIELDS = ("title", "note", "since", "until")


@transaction.atomic
def create_batch(
    project: Project, *, by, title: str, note: str = "", since: date | None = None, until: date | None = None
) -> Batch:
    """A batch, still without items of its own. Raises Refused for a taken title or days the wrong way round."""
    _check(title, since, until)
    values = {"title": title.strip(), "note": note, "since": since, "until": until}
    try:
        with transaction.atomic():
            batch = Batch.objects.create(project=project, created_by=by, **values)
    except IntegrityError:
        raise Refused(f"A batch called “{title}” is there already. Choose another title.", code="taken") from None
    record(project, by=by, action="batch.create", target=batch, after=values)
    return batch


@transaction.atomic
def change_batch(batch: Batch, *, by, **values) -> Batch:
    """Change fields of FIELDS. Raises Refused as `create_batch` does."""
    if unknown := set(values) - set(FIELDS):
        raise TypeError(f"no fields of a batch: {', '.join(sorted(unknown))}")
    before = {name: getattr(batch, name) for name in values}
    for name, value in values.items():
        setattr(batch, name, value)
    _check(batch.title, batch.since, batch.until)
    try:
        with transaction.atomic():
            batch.save(update_fields=list(values))
    except IntegrityError:
        raise Refused(f"A batch called “{batch.title}” is there already.", code="taken") from None
    record(batch.project_id, by=by, action="batch.change", target=batch, before=before, after=values)
    return batch


def _check(title: str, since: date | None, until: date | None) -> None:
    if not title.strip():
        raise Refused("Give the batch a title, such as “week 3”.", code="title")
    if since and until and until < since:
        raise Refused("The last day lies before the first.", code="days")
