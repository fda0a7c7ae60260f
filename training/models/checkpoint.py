"""Weights with a past: which run, data and judgments they came from."""

import uuid

from django.db import models
from django.utils import timezone

from annotation.models import Project, Source


class Checkpoint(models.Model):
    """A model folder (safetensors). Saved by a run, or registered from a folder or hub name (then `run` is null)."""

    class Kind(models.TextChoices):
        POLICY = "policy", "Policy"
        REWARD = "reward", "Reward model"

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="checkpoints")
    run = models.ForeignKey("training.Run", null=True, on_delete=models.CASCADE, related_name="checkpoints")
    source = models.OneToOneField(
        Source, null=True, on_delete=models.PROTECT, related_name="checkpoint", help_text="Set for policies."
    )
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.POLICY)
    name = models.CharField(max_length=200)
    step = models.PositiveIntegerField(default=0)
    seq = models.BigIntegerField(default=-1, help_text="The event at which it was saved.")
    path = models.CharField(max_length=500, help_text="A folder on this machine, or a hub name.")
    size_bytes = models.BigIntegerField(default=0)
    meta = models.JSONField(default=dict, help_text="Evaluation figures at this step, tokenisation recipe, hashes.")
    final = models.BooleanField(default=False)
    promoted_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["project", "kind", "-id"])]
