"""Copies of judged items, to be handed out again unmarked: how consistent somebody is with themselves.

A copy has no slot and yields nothing to train on; it belongs to its original, and each person is given it once.
"""

from django.db import transaction
from django.db.models import Exists, OuterRef

from annotation.models import Item, ItemCompletion, Judgment, Task

AT_ONCE = 50
REPEATED_KINDS = ("person",)


def prepare() -> int:
    """Make copies of the newest judged items of every task that asks for repeats; how many were made."""
    return sum(copy_items(task) for task in Task.objects.filter(repeat_share__gt=0, closed=False))


@transaction.atomic
def copy_items(task: Task) -> int:
    """Up to AT_ONCE copies of items that people judged here and that have none."""
    Task.objects.select_for_update().get(pk=task.pk)
    judged = Judgment.objects.filter(
        item=OuterRef("pk"), outcome=Judgment.Outcome.ANSWER, withdrawn=False, rater__kind__in=REPEATED_KINDS
    )
    copied = Item.objects.filter(repeat_of=OuterRef("pk"))
    originals = Item.objects.filter(
        Exists(judged),
        ~Exists(copied),
        project=task.project_id,
        queue=task.queue,
        published=True,
        put_aside=False,
        kept_out=False,
        gold__isnull=True,
        repeat_of__isnull=True,
    ).order_by("-pk")[:AT_ONCE]
    originals = list(originals)
    copies = Item.objects.bulk_create(
        Item(
            project_id=item.project_id,
            queue=item.queue,
            interface=item.interface,
            prompt_id=item.prompt_id,
            size=item.size,
            overlap=0,
            open_slots=0,
            repeat_of=item,
        )
        for item in originals
    )
    made = {copy.repeat_of_id: copy for copy in copies}
    ItemCompletion.objects.bulk_create(
        ItemCompletion(item=made[entry.item_id], completion_id=entry.completion_id, index=entry.index)
        for entry in ItemCompletion.objects.filter(item__in=originals)
    )
    return len(copies)
