"""Ranks a task's open items by how far an ensemble of reward models is from one mind."""

from collections import defaultdict
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from alignment_site.celery import enqueue
from annotation.chunks import chunked
from annotation.errors import Refused
from annotation.models import ItemCompletion, Task
from annotation.services.ranking import ranked, set_ranks
from annotation.uncertainty import ensemble_spread
from training.models import Checkpoint, CompletionScore

CHUNK = 500
AGAIN_AFTER = timedelta(minutes=15)


def rank_task(task_id: int) -> None:
    """Ask each model of the ensemble for the scores that are missing; once all are there, write the order.

    Rung again while scores are awaited. Does nothing for tasks of another order, or without an ensemble of two.
    """
    task = Task.objects.filter(pk=task_id, order=Task.Order.UNCERTAINTY).first()
    models = list(ensemble_of(task)) if task else []
    if len(models) < 2:
        return
    places = _places(task)
    wanted = {completion for pair in places.values() for completion in pair}
    if _ask(models, wanted):
        return
    scores = _scores(models, wanted)
    ranks = {}
    for item, (first, second) in places.items():
        gaps = [known[first] - known[second] for known in scores.values() if first in known and second in known]
        if len(gaps) > 1:
            ranks[item] = -ensemble_spread(gaps)
    set_ranks(task, ranks)
    ranked(task, {"items": len(ranks), "models": [model.name for model in models]})


def ensemble_of(task: Task):
    """The reward models that the task's order is made by."""
    chosen = task.ranking.get("checkpoints") or []
    return Checkpoint.objects.filter(project=task.project_id, kind=Checkpoint.Kind.REWARD, pk__in=chosen).order_by("pk")


def _places(task: Task) -> dict[int, tuple[int, int]]:
    """First and second completion of each open pair."""
    rows = ItemCompletion.objects.filter(
        item__project=task.project_id,
        item__queue=task.queue,
        item__published=True,
        item__open_slots__gt=0,
        item__size=2,
    )
    found = defaultdict(list)
    for item, completion in rows.order_by("item_id", "index").values_list("item_id", "completion_id").iterator():
        found[item].append(completion)
    return {item: tuple(pair) for item, pair in found.items() if len(pair) == 2}


def _ask(models: list[Checkpoint], wanted: set[int]) -> bool:
    """Ask for what no model has been asked for; whether anything is still awaited."""
    awaited = False
    for model in models:
        known = CompletionScore.objects.filter(checkpoint=model)
        missing = wanted - set(known.values_list("completion_id", flat=True))
        for chunk in chunked(sorted(missing), CHUNK):
            CompletionScore.objects.bulk_create(
                [CompletionScore(completion_id=completion, checkpoint=model) for completion in chunk],
                ignore_conflicts=True,
            )
        if missing or known.filter(value=None, error="").exists():
            awaited = True
            enqueue("training.score", queue="sample", checkpoint_id=model.pk)
    return awaited


def _scores(models: list[Checkpoint], wanted: set[int]) -> dict[int, dict[int, float]]:
    rows = CompletionScore.objects.filter(checkpoint__in=models, value__isnull=False)
    scores = {model.pk: {} for model in models}
    for checkpoint, completion, value in rows.values_list("checkpoint", "completion", "value").iterator():
        if completion in wanted:
            scores[checkpoint][completion] = value
    return scores


def resume_rankings() -> None:
    """Ring for tasks whose order waits for scores, or is old."""
    old = Q(ranked_at=None) | Q(ranked_at__lt=timezone.now() - AGAIN_AFTER)
    for task in Task.objects.filter(old, order=Task.Order.UNCERTAINTY, closed=False):
        if len(task.ranking.get("checkpoints") or []) > 1:
            enqueue("training.rank_task", queue="sample", task_id=task.pk)


def choose_ensemble(task: Task, *, checkpoints: list[Checkpoint]) -> None:
    """Hand the task's items out where these reward models are least sure. Enqueues the making of the order.

    Raises Refused for fewer than two models, or for one that is no reward model of this project.
    """
    if len(checkpoints) < 2:
        raise Refused("An ensemble has at least two reward models, trained with different seeds.", code="ensemble")
    if any(model.project_id != task.project_id or model.kind != Checkpoint.Kind.REWARD for model in checkpoints):
        raise Refused("Choose reward models of this project.", code="ensemble")
    task.order, task.ranked_at = Task.Order.UNCERTAINTY, None
    task.ranking = {"checkpoints": sorted(model.pk for model in checkpoints)}
    task.save(update_fields=["order", "ranked_at", "ranking"])
    enqueue("training.rank_task", queue="sample", task_id=task.pk)
