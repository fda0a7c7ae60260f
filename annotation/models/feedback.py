"""Work that models do for us: comparing, criticising and revising, deliberating, debating, finding principles."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from annotation.models.constitution import ConstitutionVersion
from annotation.models.content import Prompt, Source
from annotation.models.judge import JudgeVersion
from annotation.models.labelling import Item
from annotation.models.project import Project


class FeedbackJob(models.Model):
    """One job on the queue `sample`; its rows are the truth, so that it stops and goes on anywhere."""

    class Kind(models.TextChoices):
        COMPARE = "compare", "Judging"
        CRITIQUE = "critique", "Critique and revision"
        DELIBERATION = "deliberation", "Deliberation"
        DEBATE = "debate", "Debate"
        INVERSE = "inverse", "Inverse constitution"
        RUBRIC = "rubric", "Scoring by a rubric"

    class State(models.TextChoices):
        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="feedback_jobs")
    kind = models.CharField(max_length=12, choices=Kind)
    judge = models.ForeignKey(JudgeVersion, null=True, on_delete=models.CASCADE, related_name="jobs")
    writer = models.ForeignKey(Source, null=True, on_delete=models.PROTECT, related_name="feedback_jobs")
    constitution = models.ForeignKey(ConstitutionVersion, null=True, on_delete=models.PROTECT, related_name="jobs")
    options = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0, help_text="Rows that ended, however they did.")
    error = models.TextField(blank=True)
    figures = models.JSONField(default=dict)
    worker = models.CharField(max_length=120, blank=True, help_text="The attempt that holds it.")
    heartbeat_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["project", "kind", "-id"])]


class FeedbackRow(models.Model):
    """One thing asked about, with everything that was said: `steps` is kept whole, also where nothing came of it.

    `place` is the order of a pair (1 shows the second first). `value` is in true order.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        DONE = "done", "Done"
        UNREAD = "unread", "Could not be read"
        REFUSED = "refused", "No answer"

    job = models.ForeignKey(FeedbackJob, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField()
    part = models.CharField(max_length=12, blank=True, help_text="The stage of a job that has several.")
    prompt = models.ForeignKey(Prompt, null=True, on_delete=models.CASCADE, related_name="+")
    item = models.ForeignKey(Item, null=True, on_delete=models.CASCADE, related_name="feedback_rows")
    place = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    steps = models.JSONField(default=list)
    value = models.FloatField(null=True)
    result = models.JSONField(default=dict)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["job", "state", "number"])]
        constraints = [models.UniqueConstraint(fields=["job", "number"], name="one_feedback_row_per_number")]
