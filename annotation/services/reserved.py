"""Handing out what a block of work keeps for somebody: before anything else of the queue."""

from django.utils import timezone

from annotation.assignment import lease_until
from annotation.models import Assignment, Sitting
from annotation.services.sides import draw_sides

State = Assignment.State


def take_reserved(sitting: Sitting, *, lease_seconds: int) -> Assignment | None:
    """The next reservation of the sitting's person in this queue, as a lease; None where there is none.

    The sitting is locked, so that two tabs take two of them; `sitting.reserved` says without a query whether to look.
    """
    if not getattr(sitting, "reserved", False):
        return None
    waiting = Assignment.objects.filter(
        rater=sitting.rater_id,
        state=State.RESERVED,
        item__queue=sitting.queue,
        item__published=True,
        item__put_aside=False,
        item__kept_out=False,
    )
    lease = waiting.select_related("item__prompt").order_by("block", "pk").first()
    if lease is None:
        return None
    now, rater = timezone.now(), sitting.rater
    order = lease.shown_order
    if not order:
        order = draw_sides(rater, lease.item.size)
    values = {
        "state": State.LEASED,
        "sitting": sitting,
        "instruction_id": sitting.guide_id,
        "shown_order": order,
        "handed_at": now,
        "heartbeat_at": now,
        "expires_at": lease_until(now, lease_seconds),
    }
    if not Assignment.objects.filter(pk=lease.pk, state=State.RESERVED).update(**values):
        return None  # its block went back to everybody a moment ago
    for name, value in values.items():
        setattr(lease, name, value)
    return lease
