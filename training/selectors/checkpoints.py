"""Checkpoints with their past and what came of them."""

from django.db.models import Count, F, QuerySet

from annotation.models import Prompt
from training.models import Checkpoint, Collection, Run


def with_runs(project) -> QuerySet[Checkpoint]:
    """Promoted ones first, then newest."""
    rows = Checkpoint.objects.filter(project=project).select_related("run")
    return rows.order_by(F("promoted_at").desc(nulls_last=True), "-id")[:500]


def siblings(checkpoint: Checkpoint) -> QuerySet[Checkpoint]:
    """Others of the same run, newest first."""
    if checkpoint.run is None:
        return Checkpoint.objects.none()
    return checkpoint.run.checkpoints.exclude(pk=checkpoint.pk).order_by("-step")


def children(checkpoint: Checkpoint) -> QuerySet[Run]:
    """Runs that start from it or are rewarded by it."""
    runs = Run.objects.filter(start=checkpoint) | Run.objects.filter(rewarded_by=checkpoint)
    return runs.distinct().order_by("-id")[:50]


def collections(checkpoint: Checkpoint) -> QuerySet[Collection]:
    return checkpoint.collections.select_related("first", "second", "created_by").order_by("-id")[:20]


def prompt_sets(project) -> list[tuple[str, int]]:
    """Names of the published prompt sets and how many prompts each holds."""
    prompts = Prompt.objects.filter(project=project, published=True).order_by("prompt_set")
    return list(prompts.values_list("prompt_set").annotate(count=Count("id")))
