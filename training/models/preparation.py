"""What precedes a run and what follows from a checkpoint: checks before launch, labels collected on a model."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from annotation.models import Project
from training.models.checkpoint import Checkpoint


class JobState(models.TextChoices):
    QUEUED = "queued", "Queued"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"


class Preflight(models.Model):
    """A run that is not yet one: the form as it was sent, the spec made of it, and what the engine says of it."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="preflights")
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    form = models.JSONField(help_text="The fields as sent, to launch from or to go back to.")
    spec = models.JSONField()
    state = models.CharField(max_length=10, choices=JobState, default=JobState.QUEUED)
    result = models.JSONField(default=dict, help_text="preflight.json (docs/run-directory.md).")
    error = models.TextField(blank=True)
    worker = models.CharField(max_length=120, blank=True)
    heartbeat_at = models.DateTimeField(null=True)
    run = models.ForeignKey("training.Run", null=True, on_delete=models.SET_NULL, related_name="preflights")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()


class Collection(models.Model):
    """Labels on a model: two answers of a checkpoint to each prompt, then items to judge."""

    checkpoint = models.ForeignKey(Checkpoint, on_delete=models.CASCADE, related_name="collections")
    first = models.OneToOneField("annotation.GenerationRequest", on_delete=models.CASCADE, related_name="+")
    second = models.OneToOneField("annotation.GenerationRequest", on_delete=models.CASCADE, related_name="+")
    item_count = models.PositiveIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()
