"""Asking a reward model what it says of completions."""

from collections.abc import Iterable

from django.db import transaction

from alignment_site.celery import enqueue
from annotation.errors import Refused
from annotation.models import Completion
from training.models import Checkpoint, CompletionScore


@transaction.atomic
def request_scores(*, checkpoint: Checkpoint, completions: Iterable[Completion]) -> None:
    """Ask `checkpoint`, a reward model, for its score of each completion that it has not scored.

    What failed before is asked again. Enqueues `training.score`, which scores every row of the checkpoint that waits.
    Raises Refused for a checkpoint that is no reward model.
    """
    if checkpoint.kind != Checkpoint.Kind.REWARD:
        raise Refused(f"{checkpoint.name} is not a reward model, so it has no scores to give.", code="no_reward_model")
    ids = {completion.pk for completion in completions}
    CompletionScore.objects.filter(checkpoint=checkpoint, completion__in=ids, value=None).update(error="")
    CompletionScore.objects.bulk_create(
        [CompletionScore(checkpoint=checkpoint, completion_id=pk) for pk in sorted(ids)],
        batch_size=500,
        ignore_conflicts=True,
    )
    enqueue("training.score", queue="sample", checkpoint_id=checkpoint.pk)
