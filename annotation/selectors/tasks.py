"""The tasks of a project: which work there is, and how far each is."""

from dataclasses import dataclass

from django.db.models import Count, Q

from annotation.interfaces import interface
from annotation.models import Item, Project, Task


def task_of(project: Project, queue: str) -> Task:
    """The task of a queue. Queues of other apps (comparisons) are judged as the project's pairs are."""
    tasks = {task.queue: task for task in project.tasks.filter(queue__in=[queue, "label"])}
    first = tasks.get("label")
    pairs = first if first and first.interface == "pairwise" else Task(project=project, queue=queue)
    return tasks.get(queue, pairs)


def open_tasks(project: Project) -> list[Task]:
    """The tasks that items can join."""
    return list(project.tasks.filter(closed=False))


def way_of(task: Task):
    """The task's interface and its settings."""
    way = interface(task.interface)
    return way, way.settings(task.settings)


@dataclass(frozen=True)
class Progress:
    """A task with its items: how many there are, still open, and judgments that stand."""

    task: Task
    items: int
    open: int
    judgments: int

    @property
    def way(self):
        return interface(self.task.interface)


def tasks_of(project: Project) -> list[Progress]:
    """Every task with its figures; three queries."""
    counts = {
        queue: (items, waiting)
        for queue, items, waiting in Item.objects.filter(project=project, published=True)
        .order_by()
        .values_list("queue")
        .annotate(n=Count("pk"), waiting=Count("pk", filter=Q(open_slots__gt=0)))
    }
    said = dict(
        Item.objects.filter(project=project, published=True, judgments__withdrawn=False)
        .order_by()
        .values_list("queue")
        .annotate(n=Count("judgments"))
    )
    return [Progress(task, *counts.get(task.queue, (0, 0)), said.get(task.queue, 0)) for task in project.tasks.all()]
