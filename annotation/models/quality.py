"""What is known of the data's quality, as of a moment: reports, each rater's figures, items people disagree on."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from annotation.models.labelling import Item, Rater
from annotation.models.project import Project


class QualityReport(models.Model):
    """Figures over the judgments of a project, of one of its queues, or of some days; computed by a worker.

    `body` names nobody; what people are shown by name or pseudonym hangs on RaterFigures and `circles`.
    """

    class State(models.TextChoices):
        QUEUED = "queued", "Queued"
        COMPUTING = "computing", "Computing"
        READY = "ready", "Ready"
        FAILED = "failed", "Failed"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="quality_reports")
    queue = models.CharField(max_length=80, blank=True, help_text="A task's; empty: all of them.")
    since = models.CharField(max_length=10, blank=True, help_text="A date; empty: from the beginning.")
    until = models.CharField(max_length=10, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    error = models.TextField(blank=True)
    judgments_done = models.PositiveIntegerField(default=0)
    judgments_total = models.PositiveIntegerField(default=0)
    through = models.BigIntegerField(default=0, help_text="The newest judgment there was.")
    body = models.JSONField(default=dict)
    circles = models.JSONField(default=list, help_text="Circular triads: [{rater, items}].")
    attempt = models.UUIDField(null=True, help_text="Fencing: only the newest attempt may store its figures.")
    heartbeat_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", help_text="None: by itself."
    )
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["project", "queue", "-id"])]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "queue", "since", "until"],
                condition=models.Q(state__in=["queued", "computing"]),
                name="one_unfinished_report",
            )
        ]


class RaterFigures(models.Model):
    """One rater's part of a report. `weight` is what their word counts for as a label weight, 0 to 1."""

    report = models.ForeignKey(QualityReport, on_delete=models.CASCADE, related_name="raters")
    rater = models.ForeignKey(Rater, on_delete=models.CASCADE, related_name="figures")
    judgments = models.PositiveIntegerField()
    right = models.FloatField(null=True)
    weight = models.FloatField(null=True)
    figures = models.JSONField()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["report", "rater"], name="one_row_per_report_and_rater")]


class Disagreement(models.Model):
    """An item on which people were apart, by how far: 0 not at all, 1 as far as the scale reaches."""

    report = models.ForeignKey(QualityReport, on_delete=models.CASCADE, related_name="disagreements")
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="disagreements")
    score = models.FloatField()
    voices = models.PositiveSmallIntegerField()

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["report", "-score", "id"])]


class SelfDescription(models.Model):
    """What somebody chose to say about themselves. Shown to nobody but them; counted where enough people are."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="self_description")
    age = models.CharField(max_length=20, blank=True)
    gender = models.CharField(max_length=20, blank=True)
    region = models.CharField(max_length=40, blank=True)
    language = models.CharField(max_length=40, blank=True, help_text="First language.")
    education = models.CharField(max_length=20, blank=True)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()
