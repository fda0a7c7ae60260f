"""A run: a method, its typed settings, a snapshot, a starting model and a seed, on its way through the states."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from annotation.models import Project, Snapshot
from training.states import RunState


class Run(models.Model):
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="runs")
    name = models.CharField(max_length=120)
    method = models.CharField(max_length=60, help_text="A recipe of the catalogue.")
    spec = models.JSONField(help_text="The RunSpec, as written to spec.json (docs/run-directory.md).")
    snapshot = models.ForeignKey(Snapshot, null=True, on_delete=models.PROTECT, related_name="runs")
    start = models.ForeignKey("training.Checkpoint", on_delete=models.PROTECT, related_name="started_runs")
    rewarded_by = models.ManyToManyField("training.Checkpoint", related_name="rewarded_runs", blank=True)
    cloned_from = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="clones")
    seed = models.PositiveIntegerField(default=42)
    queue = models.CharField(max_length=10, default="cpu")

    state = models.CharField(
        max_length=10, choices=[(s.value, s.name.title()) for s in RunState], default=RunState.QUEUED
    )
    attempt = models.PositiveIntegerField(default=0)
    attempt_token = models.UUIDField(null=True, help_text="Fencing: an older attempt's engine stops when it changes.")
    worker = models.CharField(max_length=120, blank=True)
    pid = models.IntegerField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True, help_text="For people: what happened and what to do.")
    error_kind = models.CharField(max_length=40, blank=True)

    step = models.PositiveIntegerField(default=0)
    total_steps = models.PositiveIntegerField(default=0)
    tokens = models.BigIntegerField(default=0)
    latest = models.JSONField(default=dict, help_text="The newest value of each metric.")
    event_seq = models.BigIntegerField(default=-1, help_text="The last event stored.")
    event_offset = models.BigIntegerField(default=0, help_text="Where in events.jsonl it ended.")
    rewound_seq = models.BigIntegerField(default=-1, help_text="The last event that voided others; curves start over.")
    crashes = models.PositiveSmallIntegerField(default=0, help_text="Engine deaths since the last checkpoint.")
    ending = models.JSONField(null=True, help_text="The last word of this attempt's engine: finished or failed.")
    facts = models.JSONField(default=dict, help_text="What the engine said when it started: device, rows, parameters.")
    peak_memory_bytes = models.BigIntegerField(default=0)

    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    active_seconds = models.FloatField(default=0)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["project", "name"], name="one_run_per_name")]
        indexes = [models.Index(fields=["project", "-id"]), models.Index(fields=["state", "heartbeat_at"])]


class MetricChunk(models.Model):
    """A few hundred points of one metric, packed: float64 steps, values, times and seqs (training/chunks.py).

    A million points are some two thousand rows. The open chunk of a metric is the one with the highest `index`.
    """

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="chunks")
    key = models.CharField(max_length=120)
    index = models.PositiveIntegerField()
    count = models.PositiveIntegerField()
    first_step = models.PositiveIntegerField()
    last_step = models.PositiveIntegerField()
    last_seq = models.BigIntegerField()
    points = models.BinaryField()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["run", "key", "index"], name="one_chunk_per_index")]


class Sample(models.Model):
    """A completion logged while training, with its rewards by source."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="samples")
    step = models.PositiveIntegerField()
    seq = models.BigIntegerField(default=-1, help_text="The event it came with.")
    prompt_index = models.PositiveIntegerField()
    prompt = models.JSONField()
    completion = models.TextField()
    reference = models.TextField(blank=True)
    rewards = models.JSONField(default=dict)
    values = models.JSONField(default=dict, help_text="length_tokens, kl, terminated, ...")

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["run", "step", "prompt_index"], name="one_sample_per_prompt")]


class Alert(models.Model):
    """Something is wrong with a run: what, since when, the evidence, the likely cause, what to do."""

    class Kind(models.TextChoices):
        NOT_A_NUMBER = "not_a_number", "Not a number"
        KL_BUDGET = "kl_budget", "KL over budget"
        SILENT = "silent", "Run gone silent"

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="alerts")
    kind = models.CharField(max_length=20, choices=Kind)
    step = models.PositiveIntegerField()
    metric = models.CharField(max_length=120, blank=True)
    evidence = models.JSONField(default=dict)
    title = models.CharField(max_length=200)
    cause = models.TextField()
    advice = models.TextField()
    raised_at = models.DateTimeField(default=timezone.now)
    cleared_at = models.DateTimeField(null=True)
    seen_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["run", "kind", "step"], name="one_alert_per_kind_and_step")]


class Worker(models.Model):
    """A Celery worker, as its own thread says every few seconds (a busy solo pool answers no ping)."""

    name = models.CharField(max_length=120, unique=True)
    queues = models.JSONField(default=list)
    device = models.CharField(max_length=60, blank=True)
    run = models.ForeignKey(Run, null=True, on_delete=models.SET_NULL, related_name="+")
    doing = models.CharField(max_length=200, blank=True)
    memory_bytes = models.BigIntegerField(default=0)
    memory_total_bytes = models.BigIntegerField(default=0)
    disk_free_bytes = models.BigIntegerField(default=0)
    started_at = models.DateTimeField(default=timezone.now)
    heartbeat_at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()
