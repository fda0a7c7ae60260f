"""Labelling as a person does it, for tests: be handed a pair, answer it, let a lease run out, count the slots."""

from datetime import timedelta
from uuid import uuid4

from django.utils import timezone

from annotation.models import Assignment, Item
from annotation.services.items import settle_slots
from annotation.services.labelling import hand_out, submit

FIRST = {"outcome": "answer", "grade": 1}
LAST = {"outcome": "answer", "grade": 8}
SKIP = {"outcome": "skip", "reason": "subject"}
FLAG = {"outcome": "broken", "reason": "broken"}


def give(project, by, lease, payload=FIRST, **fields):
    return submit(project, by=by, token=lease.token, submission=uuid4(), payload=payload, **fields)


def next_lease(project, by, known=(), queue="label"):
    return hand_out(project, by=by, queue=queue, known=tuple(lease.token for lease in known)).lease


def run_out(lease):
    Assignment.objects.filter(pk=lease.pk).update(expires_at=timezone.now() - timedelta(seconds=1))


def slots(items):
    """Slots as they stand; recounting them changes nothing."""
    before = [Item.objects.get(pk=item.pk).open_slots for item in items]
    settle_slots([item.pk for item in items])
    assert [Item.objects.get(pk=item.pk).open_slots for item in items] == before
    return before
