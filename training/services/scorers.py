"""Scores every completion that waits for one reward model."""

import logging
import uuid
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from training.models import Checkpoint, CompletionScore
from training.services import workers
from training.services.resident import EngineFailed, of_this_worker

logger = logging.getLogger(__name__)

AT_ONCE = 2000
EVERY_SECONDS = 0.5


def doing(checkpoint: Checkpoint) -> str:
    """What a worker's row says while it scores, by which the bell knows that somebody does."""
    return f"scores by {checkpoint.name} (reward model {checkpoint.pk})"


def waiting(checkpoint_id: int):
    return CompletionScore.objects.filter(checkpoint=checkpoint_id, value=None, error="")


def fulfil(checkpoint_id: int) -> None:
    """Score what waits, until nothing does. A score that is there is never written again."""
    checkpoint = Checkpoint.objects.filter(pk=checkpoint_id).first()
    if checkpoint is None or not waiting(checkpoint_id).exists():
        return
    with workers.busy(doing(checkpoint)):
        try:
            while rows := list(waiting(checkpoint_id).select_related("completion__prompt").order_by("pk")[:AT_ONCE]):
                _score(checkpoint, rows)
        except EngineFailed as error:
            waiting(checkpoint_id).update(error=str(error), scored_at=timezone.now())


def _score(checkpoint: Checkpoint, rows: list[CompletionScore]) -> None:
    folder = Path(settings.GENERATION_DIR) / f"scores-{checkpoint.uid.hex}" / uuid.uuid4().hex[:8]
    document = {
        "model": checkpoint.path,
        "rows": [
            {"id": row.pk, "messages": row.completion.prompt.messages, "completion": row.completion.text}
            for row in rows
        ],
    }
    left = {row.pk for row in rows}
    for answers in of_this_worker.ask("score", folder, document, every_seconds=EVERY_SECONDS):
        for answer in answers:
            CompletionScore.objects.filter(pk=answer["id"], value=None).update(
                value=answer["score"], scored_at=timezone.now()
            )
            left.discard(answer["id"])
    if left:
        raise EngineFailed(f"{len(left)} of {len(rows)} answers came back without a score.")
