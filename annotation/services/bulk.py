"""Changes of many items at once: counted first, done in pieces, undone where that is possible.

Few are done at once, many by a worker; the row is the truth and knows which items it is about and what they were.
"""

import logging
from datetime import timedelta
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from alignment_site.celery import enqueue
from annotation.chunks import chunked
from annotation.errors import Refused
from annotation.item_filters import ItemFilter
from annotation.models import Batch, BatchItem, BulkChange, Item, Project
from annotation.selectors.browse import matching
from annotation.services import blocks
from annotation.services.audit import record
from annotation.services.items import settle_slots
from annotation.services.ranking import prioritise

logger = logging.getLogger(__name__)

AT_ONCE = 2_000
MOST = 500_000
CHUNK = 500
SILENT_AFTER = timedelta(seconds=60)
PRIORITIES = (-1000, 1000)
State, Action = BulkChange.State, BulkChange.Action


class Superseded(Exception):
    """Another attempt has taken this change over."""


@transaction.atomic
def change_items(project: Project, *, by, action: str, filters: dict, options: dict | None = None) -> BulkChange:
    """Do `action` to every item that passes `filters` now. Few are done before this returns, many by a worker.

    `options`: priority takes `priority`; batch takes `batch` (id); assign takes `title`, `people` (user ids), `share`,
    `deadline`. Raises Refused for what does not read, or where no item passes.
    """
    if action not in Action.values:
        raise Refused(f"There is no action “{action}”. There are: {', '.join(Action.values)}.", code="action")
    try:
        wanted = ItemFilter.read(filters)
    except ValueError as fault:
        raise Refused(str(fault), code="filters") from None
    options = _checked(project, action, dict(options or {}))
    ids = list(matching(project, wanted).order_by("pk").values_list("pk", flat=True)[: MOST + 1])
    if not ids:
        raise Refused("No item passes these filters, so there is nothing to change.", code="empty")
    if len(ids) > MOST:
        raise Refused(f"More than {MOST:,} items pass. Narrow the filters and do it in parts.", code="too_many")
    if action == Action.ASSIGN:
        options["block"] = blocks.create_block(project, by=by, items=len(ids), **options).pk
    change = BulkChange.objects.create(
        project=project,
        created_by=by,
        action=action,
        filters=wanted.as_dict(),
        options=_plain(options),
        items=ids,
        total=len(ids),
    )
    after = {"items": len(ids), "filters": change.filters, **change.options}
    record(project, by=by, action=f"items.{action}", target=f"{len(ids):,} items", after=after)
    if len(ids) <= AT_ONCE:
        run_change(change.pk)
        change.refresh_from_db()
    else:
        enqueue("annotation.change_items", change_id=change.pk)
    return change


def _checked(project: Project, action: str, options: dict) -> dict:
    wanted = {"priority": ["priority"], "batch": ["batch"], "assign": ["title", "people", "share", "deadline"]}
    if unknown := set(options) - set(wanted.get(action, [])):
        raise Refused(f"{action} takes no {', '.join(sorted(unknown))}.", code="options")
    if action == Action.PRIORITY:
        value, (low, high) = options.get("priority"), PRIORITIES
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise Refused(f"A priority lies between {low} and {high}; 0 is usual.", code="priority")
    if action == Action.BATCH and not Batch.objects.filter(project=project, pk=options.get("batch") or 0).exists():
        raise Refused("Choose a batch of this project.", code="batch")
    return options


def _plain(options: dict) -> dict:
    told = dict(options)
    if told.get("deadline"):
        told["deadline"] = told["deadline"].isoformat()
    return told


def run_change(change_id: int) -> None:
    """Queued to running to done. A second delivery is a no-op; a killed one goes on where it stopped."""
    waiting = BulkChange.objects.filter(pk=change_id, state=State.QUEUED)
    if not waiting.update(state=State.RUNNING, attempt=uuid4(), heartbeat_at=timezone.now()):
        return
    change = BulkChange.objects.select_related("project").get(pk=change_id)
    step = {
        Action.PRIORITY: _set_priority,
        Action.BATCH: _put_into_batch,
        Action.PUT_BACK: _put_back,
        Action.KEEP_OUT: _keep_out,
        Action.ASSIGN: _assign,
    }[change.action]
    try:
        for ids in chunked(change.items[change.done :], CHUNK):
            with transaction.atomic():
                before = step(change, ids)
                change.before += before
                change.changed += sum(was is not None for was in before)
                change.done += len(ids)
                _beat(change, before=change.before, changed=change.changed, done=change.done)
        _beat(change, state=State.DONE, finished_at=timezone.now())
    except Superseded:
        logger.warning("change %s of items was taken over by another attempt", change_id)
    except Exception:
        wrong = BulkChange.objects.filter(pk=change.pk, attempt=change.attempt, state=State.RUNNING)
        wrong.update(state=State.FAILED, error="The site made a mistake; what was done so far can be undone.")
        raise


def _beat(change: BulkChange, **fields) -> None:
    mine = BulkChange.objects.filter(pk=change.pk, attempt=change.attempt, state=State.RUNNING)
    if not mine.update(heartbeat_at=timezone.now(), **fields):
        raise Superseded


# Each step changes items and says of each what it was; None where nothing changed.


def _of(ids: list[int], *columns: str) -> dict[int, tuple]:
    rows = Item.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk").values_list("pk", *columns)
    return {pk: values for pk, *values in rows}


def _set_priority(change: BulkChange, ids: list[int]) -> list:
    new, was = change.options["priority"], _of(ids, "priority")
    prioritise(ids, new)
    return [was[pk][0] if pk in was and was[pk][0] != new else None for pk in ids]


def _put_into_batch(change: BulkChange, ids: list[int]) -> list:
    batch = change.options["batch"]
    there = set(BatchItem.objects.filter(batch=batch, item__in=ids).values_list("item", flat=True))
    still = _of(ids)
    new = [pk for pk in ids if pk not in there and pk in still]
    BatchItem.objects.bulk_create([BatchItem(batch_id=batch, item_id=pk) for pk in new], ignore_conflicts=True)
    chosen = set(new)
    return [1 if pk in chosen else None for pk in ids]


def _put_back(_change: BulkChange, ids: list[int]) -> list:
    return _stand(ids, put_aside=False, kept_out=False)


def _keep_out(_change: BulkChange, ids: list[int]) -> list:
    return _stand(ids, put_aside=False, kept_out=True)


def _stand(ids: list[int], *, put_aside: bool, kept_out: bool) -> list:
    was = _of(ids, "put_aside", "kept_out")
    moving = [pk for pk in ids if pk in was and was[pk] != [put_aside, kept_out]]
    Item.objects.filter(pk__in=moving).update(put_aside=put_aside, kept_out=kept_out)
    settle_slots(moving)
    chosen = set(moving)
    return [was[pk] if pk in chosen else None for pk in ids]


def _assign(change: BulkChange, ids: list[int]) -> list:
    reserved = blocks.reserve(change.options["block"], ids, first=change.done)
    return [1 if pk in reserved else None for pk in ids]


@transaction.atomic
def undo_change(change: BulkChange, *, by) -> int:
    """Put the changed items back to what they were; how many. What was judged meanwhile stays.

    Raises Refused unless the change is done (or failed half way), or if it was undone already.
    """
    over = BulkChange.objects.filter(pk=change.pk, state__in=(State.DONE, State.FAILED))
    if not over.update(state=State.UNDONE, finished_at=timezone.now()):
        raise Refused("Only a change that is done can be undone, and once.", code="state", status=409)
    change.refresh_from_db()
    was = [(pk, before) for pk, before in zip(change.items, change.before, strict=False) if before is not None]
    if change.action == Action.ASSIGN:
        blocks.release_block(project=change.project, block=change.options["block"], by=by)
    elif change.action == Action.BATCH:
        for part in chunked((pk for pk, _ in was), CHUNK):
            BatchItem.objects.filter(batch=change.options["batch"], item__in=part).delete()
    elif change.action == Action.PRIORITY:
        for value in sorted({before for _, before in was}):
            for part in chunked((pk for pk, before in was if before == value), CHUNK):
                prioritise(part, value)
    else:
        for aside, out in sorted({tuple(before) for _, before in was}):
            for part in chunked((pk for pk, before in was if tuple(before) == (aside, out)), CHUNK):
                Item.objects.filter(pk__in=part).update(put_aside=aside, kept_out=out)
                settle_slots(part)
    record(change.project_id, by=by, action="items.undo", target=f"{len(was):,} items", after={"change": change.action})
    return len(was)


def resume_changes() -> None:
    """Beat: changes whose worker fell silent go on."""
    silent = timezone.now() - SILENT_AFTER
    BulkChange.objects.filter(state=State.RUNNING, heartbeat_at__lt=silent).update(state=State.QUEUED, attempt=None)
    for pk in BulkChange.objects.filter(state=State.QUEUED).values_list("pk", flat=True):
        enqueue("annotation.change_items", change_id=pk)
