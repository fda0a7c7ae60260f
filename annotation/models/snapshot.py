"""A frozen dataset."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from annotation.models.project import Project
from annotation.models.rubric import RubricVersion


class Snapshot(models.Model):
    """A filter over judgments and a policy, made into files that never change (docs/snapshot-format.md)."""

    class State(models.TextChoices):
        QUEUED = "queued", "Queued"
        FREEZING = "freezing", "Freezing"
        FROZEN = "frozen", "Frozen"
        FAILED = "failed", "Failed"

    class Format(models.TextChoices):
        PREFERENCE = "preference", "Pairs: prompt, chosen, rejected, margin"
        UNPAIRED = "unpaired_preference", "Thumbs: prompt, completion, label"
        PROMPT_COMPLETION = "prompt_completion", "Demonstrations: prompt, completion"
        PROMPT_ONLY = "prompt_only", "Prompts, with references where known"
        RANKED = "ranked", "Rankings: prompt, completions, ranks"
        STEPWISE = "stepwise_supervision", "Steps: prompt, completions, labels"
        RATED = "rated", "Ratings: prompt, completion, rating"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="snapshots")
    name = models.CharField(max_length=120)
    format = models.CharField(max_length=24, choices=Format)
    filters = models.JSONField(default=dict)
    policy = models.JSONField(default=dict, help_text="How graded answers become rows: strength, ties, both-bad.")
    rubric = models.ForeignKey(
        RubricVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        help_text="Frozen with it, as rubric.json.",
    )  # fmt: skip
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    error = models.TextField(blank=True)
    sha256 = models.CharField(max_length=64, blank=True, help_text="Of the canonical files; see the manifest.")
    path = models.CharField(max_length=500, blank=True)
    row_count = models.PositiveIntegerField(default=0)
    judgment_count = models.PositiveIntegerField(default=0)
    split_counts = models.JSONField(default=dict)
    card = models.JSONField(default=dict, help_text="The data card: counts, agreement, bias, lengths, lineage.")
    items_done = models.PositiveIntegerField(default=0)
    items_total = models.PositiveIntegerField(default=0)
    attempt = models.UUIDField(null=True, help_text="Fencing: only the newest attempt may publish its folder.")
    heartbeat_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    frozen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["project", "name"], name="one_snapshot_per_name")]
