"""The demo's chats: the tiny model against itself, two samples a turn, about what neighbours ask."""

from django.contrib.auth.models import User
from django.db import transaction

from annotation.models import Project, Prompt, Task
from annotation.services.items import create_items
from annotation.services.tasks import create_task
from training.models import Checkpoint

QUEUE = "task:chats"
TOPICS = 12


@transaction.atomic
def make_chats(project: Project, *, by: User, model: Checkpoint) -> Task | None:
    """A task with some topics; None where there is one already, or no topic to talk about."""
    topics = list(Prompt.objects.filter(project=project, prompt_set="orchard", published=True).order_by("pk")[:TOPICS])
    if not topics or project.tasks.filter(queue=QUEUE).exists():
        return None
    uid = str(model.source.uid)
    task = create_task(
        project,
        by=by,
        interface="chat",
        queue=QUEUE,
        title="Chats",
        question="Which response is better?",
        hint="Ask the tiny model what the topic asks, or anything you like.",
        settings={"first": uid, "second": uid, "max_new_tokens": 60, "temperature": 0.8},
    )
    create_items(project, rows=[(prompt, []) for prompt in topics], queue=QUEUE)
    return task
