"""The order in which a task's items are handed out, made in the background and walked by services.drawing.

An order is a rank for each item, the lowest first. `sequence` ranks all alike, so that ids decide. For `uncertainty`
another app measures (training asks its reward models) and hands the spread of each item in.
"""

import random
from collections import defaultdict
from collections.abc import Mapping

from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.utils import timezone

from alignment_site.celery import enqueue
from annotation.chunks import chunked
from annotation.models import Item, Judgment, Task
from annotation.uncertainty import split_share

CHUNK = 500


def ask_for_order(task: Task) -> None:
    """Queue the making of the task's order."""
    enqueue("annotation.rank_task", task_id=task.pk)
    if task.order == Task.Order.UNCERTAINTY:
        enqueue("training.rank_task", queue="sample", task_id=task.pk)


def rank_task(task_id: int) -> None:
    """Make the order of a task anew, where it can be made from what annotation knows. Safe to run twice."""
    task = Task.objects.filter(pk=task_id).first()
    if task is None:
        return
    items = _items(task)
    if task.order == Task.Order.SEQUENCE:
        items.exclude(rank=0).update(rank=0)
    elif task.order == Task.Order.PRIORITY:
        items.update(rank=-F("priority"))
    elif task.order == Task.Order.RANDOM:
        rng = random.Random(f"{task.pk}:{task.ranked_at}")
        set_ranks(task, {pk: rng.random() for pk in items.values_list("pk", flat=True)})
    elif task.order == Task.Order.DISAGREEMENT:
        set_ranks(task, {pk: -split_share(said) for pk, said in _said(task).items()})
    else:
        return
    ranked(task, {"items": items.count()})


def _items(task: Task):
    return Item.objects.filter(project=task.project_id, queue=task.queue, published=True)


def _said(task: Task) -> dict[int, list[int]]:
    """Strengths given so far, by open item."""
    rows = Judgment.objects.filter(
        item__project=task.project_id,
        item__queue=task.queue,
        item__open_slots__gt=0,
        withdrawn=False,
        strength__isnull=False,
    )
    said = defaultdict(list)
    for item, strength in rows.values_list("item", "strength").iterator():
        said[item].append(strength)
    return said


def set_ranks(task: Task, ranks: Mapping[int, float]) -> None:
    """Write ranks by item id, in short transactions, so that nobody who labels waits."""
    for chunk in chunked(ranks.items(), CHUNK):
        wanted = dict(chunk)
        with transaction.atomic():
            items = list(Item.objects.filter(pk__in=wanted, project=task.project_id).only("pk", "rank"))
            for item in items:
                item.rank = wanted[item.pk]
            Item.objects.bulk_update(items, ["rank"])


def prioritise(items: list[int], priority: int) -> None:
    """Set the priority of items; where a task goes by it, their place in its order follows at once."""
    changed = Item.objects.filter(pk__in=items).exclude(priority=priority)
    by_priority = Task.objects.filter(order=Task.Order.PRIORITY, project=OuterRef("project"), queue=OuterRef("queue"))
    moved = changed.filter(Exists(by_priority))
    tasks = set(moved.values_list("project", "queue").distinct())
    moved.update(rank=-float(priority))
    changed.update(priority=priority)
    for project, queue in tasks:
        Task.objects.filter(project=project, queue=queue).update(ranked_at=timezone.now())


def ranked(task: Task, facts: dict) -> None:
    """Say that the order is new: who labels starts again at its top."""
    kept = {name: value for name, value in task.ranking.items() if name == "checkpoints"}
    Task.objects.filter(pk=task.pk).update(ranked_at=timezone.now(), ranking={**kept, **facts, "order": task.order})
