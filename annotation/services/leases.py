"""Leases: claiming a slot, holding it with a heartbeat, taking it again after it ran out."""

import json
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from annotation.assignment import credited_ms, lease_until
from annotation.errors import Refused
from annotation.models import Assignment, Item, Project, Sitting
from annotation.services.drawing import draw
from annotation.services.items import settle_slots
from annotation.services.sides import draw_sides
from annotation.services.sittings import lock_sitting, return_expired

DRAFT_LIMIT = 100_000  # characters: a long text, its comment, and the JSON around them


def claim(sitting: Sitting, *, lease_seconds: int) -> Assignment | None:
    """A lease on the next item for this person (services.drawing); None if there is none."""
    now = timezone.now()
    drawn = draw(sitting)
    if drawn is None and return_expired(Q(item__project=sitting.project_id, item__queue=sitting.queue)):
        drawn = draw(sitting)
    if drawn is None:
        return None
    item, rater, order = drawn.item, sitting.rater, drawn.order
    if order is None:
        order = draw_sides(rater, item.size)
    return Assignment.objects.create(
        item=item,
        rater=rater,
        sitting=sitting,
        instruction_id=sitting.guide_id,
        why=drawn.why,
        probability=drawn.probability,
        shown_order=order,
        handed_at=now,
        heartbeat_at=now,
        expires_at=lease_until(now, lease_seconds),
    )


def hold(sitting: Sitting, *, lease_seconds: int) -> None:
    """Renew every lease of a locked sitting, the prefetched ones too."""
    now = timezone.now()
    sitting.assignments.filter(state=Assignment.State.LEASED).update(
        heartbeat_at=now, expires_at=lease_until(now, lease_seconds)
    )


def seen(sitting: Sitting) -> None:
    """Note that somebody is there, and how far they are in the queue."""
    sitting.last_seen_at = timezone.now()
    sitting.save(update_fields=["last_seen_at", "cursor", "cursor_rank", "cursor_at"])


def slot_is_free(item: int) -> bool:
    """Whether the item has a slot to give; if so its row stays locked until the transaction ends."""
    return Item.objects.select_for_update().filter(pk=item, open_slots__gt=0).exists()


def take_again(lease: Assignment, *, lease_seconds: int) -> bool:
    """Lease an item again to the one who had it, if nobody else took the slot meanwhile."""
    if lease.state == Assignment.State.LEASED:
        return True
    if not slot_is_free(lease.item_id):
        return False
    lease.state = Assignment.State.LEASED
    lease.expires_at = lease_until(timezone.now(), lease_seconds)
    lease.save(update_fields=["state", "expires_at"])
    settle_slots([lease.item_id])
    return True


@transaction.atomic
def heartbeat(project: Project, *, by, token: UUID, active_ms=None, draft: dict | None = None) -> str:
    """Somebody is there: hold the sitting's leases, keep the draft, count the time. Returns what became of the lease.

    `held`; `lost` (it ran out and somebody else has the slot; the draft is kept all the same); `answered` (in another
    window); `ended` (the sitting is over; the draft is kept).
    """
    if draft is not None and len(json.dumps(draft, ensure_ascii=False)) > DRAFT_LIMIT:
        raise Refused(f"A draft holds {DRAFT_LIMIT:,} characters.", code="draft_too_long")
    sitting = lock_sitting(project, by=by, token=token)
    if not sitting.ended_at:
        hold(sitting, lease_seconds=project.lease_seconds)
        seen(sitting)
    lease = Assignment.objects.get(token=token)
    skipped = lease.state == Assignment.State.RELEASED and not sitting.ended_at
    if skipped or lease.state == Assignment.State.DONE:
        return "answered"
    lease.active_ms = credited_ms(active_ms, before=lease.active_ms, handed_at=lease.handed_at, now=timezone.now())
    if draft is not None:
        lease.draft = draft
    lease.save(update_fields=["active_ms", "draft"])
    if sitting.ended_at:
        return "ended"
    return "held" if take_again(lease, lease_seconds=project.lease_seconds) else "lost"
