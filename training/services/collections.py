"""Labels on a model: two answers of a checkpoint to each prompt of a set, then items for people to judge."""

from django.db import transaction
from django.utils import timezone

from annotation.errors import Refused
from annotation.models import GenerationRequest, Prompt
from annotation.services.generation import request_generation
from annotation.services.items import create_items
from training.models import Checkpoint, Collection

SEEDS = (1, 2)
MAX_NEW_TOKENS = 256


@transaction.atomic
def collect_labels(checkpoint: Checkpoint, *, by, prompt_set: str, count: int, temperature: float = 1.0) -> Collection:
    """Ask for two answers to each of the first `count` prompts of the set. Enqueues `training.generate`, twice.

    When both are there, their pairs go into the labelling queue; identical answers teach nothing and are left out.
    """
    if checkpoint.source is None:
        raise Refused("Only a policy writes answers; this is a reward model.", code="not_a_policy")
    prompts = list(_prompts(checkpoint.project, prompt_set)[:count])
    if not prompts:
        raise Refused("There are no prompts in this set. Choose another, or import some.", code="no_prompts")
    sampling = {"temperature": temperature, "max_new_tokens": MAX_NEW_TOKENS}
    first, second = (
        request_generation(
            checkpoint.project, source=checkpoint.source, prompts=prompts, sampling=sampling | {"seed": seed}, by=by
        )
        for seed in SEEDS
    )
    return Collection.objects.create(checkpoint=checkpoint, first=first, second=second, created_by=by)


@transaction.atomic
def finish_ready(request: GenerationRequest) -> None:
    """If `request` completes a collection, make its items, once."""
    collection = (
        Collection.objects.select_for_update(of=("self",))
        .filter(finished_at=None, first__state=GenerationRequest.State.DONE, second__state=GenerationRequest.State.DONE)
        .filter(pk__in=Collection.objects.filter(first=request) | Collection.objects.filter(second=request))
        .select_related("first__project")
        .first()
    )
    if collection is None:
        return
    others = {row.prompt_id: row.completion for row in collection.second.rows.select_related("completion")}
    pairs = [
        (row.prompt, [row.completion, others[row.prompt_id]])
        for row in collection.first.rows.select_related("prompt", "completion").order_by("pk")
        if row.completion and others.get(row.prompt_id) and row.completion.pk != others[row.prompt_id].pk
    ]
    items = create_items(collection.first.project, rows=pairs)
    Collection.objects.filter(pk=collection.pk).update(item_count=len(items), finished_at=timezone.now())


def _prompts(project, prompt_set: str):
    return Prompt.objects.filter(project=project, prompt_set=prompt_set, published=True).order_by("id")
