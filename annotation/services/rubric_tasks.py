"""Asking people to score by a rubric: a task for the version, an item for each prompt with its answers."""

from collections.abc import Iterable

from django.db import transaction

from annotation.errors import Refused
from annotation.interfaces import rubric
from annotation.models import Completion, Item, Project, RubricVersion, Task
from annotation.services.audit import record
from annotation.services.items import create_items
from annotation.services.tasks import create_task


@transaction.atomic
def ask_people(
    project: Project, *, by, version: RubricVersion, completions: Iterable[Completion], overlap: int = 1
) -> tuple[Task, int]:
    """Put completions into the version's task, those of one prompt together; returns the task and how many items came.

    Makes the task if it is not there. What waits or was judged there already is not asked again. Raises Refused where
    nothing is left to ask.
    """
    task = task_of(project, version) or _make(project, by=by, version=version, overlap=overlap)
    by_prompt: dict = {}
    for completion in completions:
        by_prompt.setdefault(completion.prompt, []).append(completion)
    asked = Item.objects.filter(project=project, queue=task.queue).prefetch_related("entries")
    there = {entry.completion_id for item in asked for entry in item.entries.all()}
    rows = []
    for prompt, answers in by_prompt.items():
        fresh = [answer for answer in answers if answer.pk not in there]
        rows += [(prompt, fresh[at : at + rubric.COMPLETIONS[1]]) for at in range(0, len(fresh), rubric.COMPLETIONS[1])]
    if not rows:
        raise Refused("People are asked about these answers already.", code="asked")
    made = create_items(project, rows=rows, queue=task.queue, overlap=overlap, kind=rubric.NAME)
    record(project, by=by, action="rubric.ask", target=version.rubric, after={"items": len(made), "people": overlap})
    return task, len(made)


def task_of(project: Project, version: RubricVersion) -> Task | None:
    return project.tasks.filter(queue=_queue(version)).first()


def _queue(version: RubricVersion) -> str:
    return f"task:rubric-{version.rubric.uid.hex[:12]}-{version.number}"


def _make(project: Project, *, by, version: RubricVersion, overlap: int) -> Task:
    return create_task(
        project,
        by=by,
        interface=rubric.NAME,
        queue=_queue(version),
        title=f"{version.rubric.name}, version {version.number}"[:120],
        question="How far is each of these true?",
        hint="Score every item for itself, then say how sure you are of the score.",
        overlap=overlap,
        settings={"rubric": {"id": version.pk}},
    )
