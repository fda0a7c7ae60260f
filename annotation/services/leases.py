"""Leases: claiming a slot, holding it with a heartbeat, taking it again after it ran out."""

import json
from random import SystemRandom
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from annotation.assignment import credited_ms, draw_order, lease_until
from annotation.errors import Refused
from annotation.models import Assignment, Item, Project, Rater, Sitting
from annotation.services.items import settle_slots
from annotation.services.sittings import lock_sitting, return_expired

DRAFT_LIMIT = 100_000  # characters: a long text, its comment, and the JSON around them
_sides = SystemRandom()


def claim(sitting: Sitting, *, lease_seconds: int) -> Assignment | None:
    """A lease on the next item of the queue that this person has not had; None if there is none.

    Items come in order from the sitting's cursor; at the end it goes round once more, for slots that were given back.
    Nobody else can take the slot: the row is locked where the database can, and the UPDATE is conditional everywhere.
    """
    now = timezone.now()
    item = _next_item(sitting)
    if item is None and return_expired(Q(item__project=sitting.project_id, item__queue=sitting.queue)):
        item = _next_item(sitting)
    if item is None:
        return None
    rater = sitting.rater
    order = draw_order(item.size, rater.left_count, rater.right_count, _sides)
    if item.size == 2:
        side = "left_count" if order[0] == 0 else "right_count"
        Rater.objects.filter(pk=rater.pk).update(**{side: F(side) + 1})
    lease = Assignment.objects.create(
        item=item,
        rater=rater,
        sitting=sitting,
        instruction_id=sitting.guide_id,
        shown_order=order,
        handed_at=now,
        heartbeat_at=now,
        expires_at=lease_until(now, lease_seconds),
    )
    sitting.cursor = item.pk
    return lease


def _next_item(sitting: Sitting) -> Item | None:
    mine = Assignment.objects.filter(item=OuterRef("pk"), rater=sitting.rater_id)
    unseen = (
        Item.objects.filter(
            ~Exists(mine), project=sitting.project_id, queue=sitting.queue, published=True, open_slots__gt=0
        )
        .select_related("prompt")
        .select_for_update(skip_locked=True, of=("self",))
        .order_by("pk")
    )
    for part in (Q(pk__gt=sitting.cursor), Q(pk__lte=sitting.cursor)):
        item = unseen.filter(part).first()
        if item and Item.objects.filter(pk=item.pk, open_slots__gt=0).update(open_slots=F("open_slots") - 1):
            return item
    return None


def hold(sitting: Sitting, *, lease_seconds: int) -> None:
    """Renew every lease of a locked sitting, the prefetched ones too."""
    now = timezone.now()
    sitting.assignments.filter(state=Assignment.State.LEASED).update(
        heartbeat_at=now, expires_at=lease_until(now, lease_seconds)
    )


def seen(sitting: Sitting) -> None:
    """Note that somebody is there, and how far they are in the queue."""
    sitting.last_seen_at = timezone.now()
    sitting.save(update_fields=["last_seen_at", "cursor"])


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
