"""Prompts, completions and where they come from."""

import uuid

from django.db import models
from django.utils import timezone

from annotation.models.project import Project


class Source(models.Model):
    """The author of completions: a model, an endpoint, a person, an import, a simulation.

    `key` names it for machines (`checkpoint:<uuid>`); pages and payloads of blind work show neither key nor name.
    """

    class Kind(models.TextChoices):
        MODEL = "model", "Model"
        ENDPOINT = "endpoint", "Endpoint"
        PERSON = "person", "Person"
        IMPORT = "import", "Import"
        SIMULATED = "simulated", "Simulated"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="sources")
    kind = models.CharField(max_length=12, choices=Kind)
    key = models.CharField(max_length=200)
    name = models.CharField(max_length=200)
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["project", "kind", "key"], name="one_source_per_key")]


class ImportJob(models.Model):
    """An upload on its way in: staged in chunks, published by one flag, never half imported."""

    class State(models.TextChoices):
        PROPOSED = "proposed", "To be confirmed"
        QUEUED = "queued", "Queued"
        READING = "reading", "Reading"
        PUBLISHED = "published", "Published"
        FAILED = "failed", "Failed"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="imports")
    format = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    path = models.CharField(max_length=500, help_text="Where the upload lies, under PLUMBLINE_HOME.")
    options = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    rows_total = models.PositiveIntegerField(null=True)
    rows_done = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict)
    errors = models.JSONField(default=list, help_text="[{row, path, message}], the first hundred.")
    error_count = models.PositiveIntegerField(default=0)
    created_by = models.ForeignKey("auth.User", on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    attempt = models.UUIDField(null=True, help_text="Fencing: an older attempt's writes are refused.")
    heartbeat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()


class Prompt(models.Model):
    """A message list that asks for a completion."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="prompts")
    import_job = models.ForeignKey(ImportJob, null=True, blank=True, on_delete=models.CASCADE, related_name="prompts")
    messages = models.JSONField(help_text="[{role, content}], the last turn is the user's.")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the messages.")
    split_key = models.CharField(max_length=64, help_text="SHA-256 of the first user turn: what the split goes by.")
    prompt_set = models.CharField(max_length=80, blank=True, help_text="A named set, for evaluation and training.")
    category = models.CharField(max_length=80, blank=True)
    tags = models.JSONField(default=list)
    reference = models.TextField(blank=True, help_text="The known answer, where there is one.")
    published = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()
        indexes = [
            models.Index(fields=["project", "digest"]),
            models.Index(fields=["project", "prompt_set", "id"]),
            models.Index(fields=["project", "category", "id"], name="prompt_of_category"),
        ]


class Completion(models.Model):
    """One answer to one prompt."""

    prompt = models.ForeignKey(Prompt, on_delete=models.CASCADE, related_name="completions")
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="completions")
    text = models.TextField()
    import_job = models.ForeignKey(
        ImportJob, null=True, blank=True, on_delete=models.CASCADE, related_name="completions"
    )
    digest = models.CharField(max_length=64)
    sampling = models.JSONField(default=dict, help_text="temperature, seed, truncated, ... as they were.")
    improves = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="improvements")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["prompt", "source", "digest"])]
