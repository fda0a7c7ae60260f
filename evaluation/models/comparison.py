"""A comparison: two to four checkpoints on the same prompts, read side by side, voted on."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from annotation.models import GenerationRequest, Project
from training.models import Checkpoint


class Comparison(models.Model):
    """Its votes are ordinary judgments on items of the queue `compare:<id>`."""

    class State(models.TextChoices):
        GENERATING = "generating", "Generating"
        READY = "ready", "Ready"
        FAILED = "failed", "Failed"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="comparisons")
    name = models.CharField(max_length=120)
    prompt_set = models.CharField(max_length=80, blank=True)
    sampling = models.JSONField(default=dict)
    overlap = models.PositiveSmallIntegerField(default=3, help_text="How many people vote on each pair.")
    scorers = models.ManyToManyField(Checkpoint, related_name="+", blank=True, help_text="Reward models.")
    state = models.CharField(max_length=10, choices=State, default=State.GENERATING)
    error = models.TextField(blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    ready_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["project", "-id"])]

    @property
    def queue(self) -> str:
        return f"compare:{self.pk}"

    @property
    def blind_name(self) -> str:
        """What blind pages call it: people name comparisons after the models."""
        return f"Comparison {self.pk}"


class Entry(models.Model):
    """One checkpoint of a comparison, and the generation that answers for it."""

    comparison = models.ForeignKey(Comparison, on_delete=models.CASCADE, related_name="entries")
    checkpoint = models.ForeignKey(Checkpoint, on_delete=models.PROTECT, related_name="entries")
    request = models.OneToOneField(GenerationRequest, null=True, on_delete=models.SET_NULL, related_name="entry")
    index = models.PositiveSmallIntegerField()

    class Meta:
        default_permissions = ()
        ordering = ["index"]
        constraints = [models.UniqueConstraint(fields=["comparison", "index"], name="one_entry_per_index")]


class Opening(models.Model):
    """Somebody looked behind the names before voting: from then on their votes here are not blind."""

    comparison = models.ForeignKey(Comparison, on_delete=models.CASCADE, related_name="openings")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["comparison", "user"], name="one_opening_per_user")]
