"""Items without responses: topics, system turns and prompts, for talks and demonstrations."""

import logging

from django.db import transaction

from annotation.errors import Refused
from annotation.models import Item, Prompt, Task
from annotation.services.content import PromptRow, get_or_create_prompts
from annotation.services.items import create_items

logger = logging.getLogger(__name__)
MOST = 5000


@transaction.atomic
def add_topics(task: Task, *, by, topics: str = "", prompt_set: str = "", system: str = "") -> int:
    """An item for each line of `topics` and each prompt of the set that the task has not yet. Returns how many.

    With `system` and no topic, one item whose prompt is the system turn alone. Raises Refused for more than MOST.
    """
    lines = list(dict.fromkeys(line.strip() for line in topics.splitlines() if line.strip()))
    before = [{"role": "system", "content": system.strip()}] if system.strip() else []
    rows = [PromptRow([*before, {"role": "user", "content": line}]) for line in lines]
    if before and not lines and not prompt_set:
        rows = [PromptRow(before)]
    if len(rows) > MOST:
        raise Refused(f"{len(rows):,} topics are more than can be added at once; {MOST:,} are.", code="too_many")
    prompts = get_or_create_prompts(task.project, rows)
    if prompt_set:
        there = Prompt.objects.filter(project=task.project, prompt_set=prompt_set, published=True).order_by("pk")
        prompts += list(there[: MOST + 1])
        if len(prompts) > MOST:
            raise Refused(f"This set has more than {MOST:,} prompts, the most that can be added at once.", code="many")
    known = set(Item.objects.filter(project=task.project, queue=task.queue).values_list("prompt", flat=True))
    fresh = {prompt.pk: prompt for prompt in prompts if prompt.pk not in known}
    items = create_items(
        task.project, rows=[(prompt, []) for prompt in fresh.values()], queue=task.queue, kind=task.interface, by=by
    )
    logger.info("%s added %d items to task %s of project %s", by, len(items), task.queue, task.project.slug)
    return len(items)
