"""What reward models say of completions."""

from django.db import models
from django.utils import timezone

from annotation.models import Completion
from training.models.checkpoint import Checkpoint


class CompletionScore(models.Model):
    """One reward model's number for one completion. Asked for while `value` and `error` are empty; asked once."""

    completion = models.ForeignKey(Completion, on_delete=models.CASCADE, related_name="scores")
    checkpoint = models.ForeignKey(Checkpoint, on_delete=models.CASCADE, related_name="scores")
    value = models.FloatField(null=True)
    error = models.TextField(blank=True)
    asked_at = models.DateTimeField(default=timezone.now)
    scored_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["completion", "checkpoint"], name="one_score_per_completion_and_model")
        ]
        indexes = [
            models.Index(
                fields=["checkpoint", "id"], name="scores_to_do", condition=models.Q(value__isnull=True, error="")
            )
        ]
