"""Requests for completions. Annotation owns them; training fulfils them by task name."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from annotation.models.content import Completion, Prompt, Source
from annotation.models.project import Project


class GenerationRequest(models.Model):
    """Answers of one source to a list of prompts, made by a worker on the queue `sample`."""

    class State(models.TextChoices):
        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"

    ENDED = (State.DONE, State.FAILED, State.CANCELLED)

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="generation_requests")
    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="generation_requests")
    sampling = models.JSONField(default=dict, help_text="temperature, max_new_tokens, seed.")
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    stream = models.BooleanField(default=False, help_text="Answers can be read while they are written.")
    gathering = models.ForeignKey("annotation.Gathering", null=True, on_delete=models.SET_NULL, related_name="requests")
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)
    worker = models.CharField(max_length=120, blank=True)
    heartbeat_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()


class GenerationRow(models.Model):
    request = models.ForeignKey(GenerationRequest, on_delete=models.CASCADE, related_name="rows")
    prompt = models.ForeignKey(Prompt, on_delete=models.CASCADE, related_name="+")
    completion = models.ForeignKey(Completion, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["request", "prompt"], name="one_row_per_prompt")]
