"""An export of everything, on its way out or ready to be downloaded."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from annotation.models.project import Project


class Export(models.Model):
    """All rows of a project, or those of chosen items, as one zip archive (docs/export-format.md)."""

    class State(models.TextChoices):
        QUEUED = "queued", "Queued"
        WRITING = "writing", "Writing"
        READY = "ready", "Ready"
        FAILED = "failed", "Failed"
        REMOVED = "removed", "Removed"

    class Form(models.TextChoices):
        JSONL = "jsonl", "JSON lines: an empty project takes it in again"
        CSV = "csv", "CSV: one table a file, for spreadsheets"
        PARQUET = "parquet", "Parquet: one table a file, for data frames"
        LABEL_STUDIO = "label_studio", "Label Studio: tasks with annotations, and their configuration"
        ARGILLA = "argilla", "Argilla: records with responses and suggestions"
        ARENA = "arena", "Arena battles: a row for each vote on a pair"
        HELPSTEER = "helpsteer", "HelpSteer: graded pairs with every voice, and edits"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="exports")
    form = models.CharField(max_length=20, choices=Form, default=Form.JSONL)
    people = models.BooleanField(default=False, help_text="Persons stand under their names.")
    filters = models.JSONField(default=dict, help_text="Which items; empty for all there is.")
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    rows_done = models.PositiveIntegerField(default=0)
    rows_total = models.PositiveIntegerField(default=0)
    tables = models.JSONField(default=list, help_text="[{name, rows}], once it is ready.")
    path = models.CharField(max_length=500, blank=True)
    size_bytes = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True, help_text="Of the archive.")
    error = models.TextField(blank=True)
    attempt = models.UUIDField(null=True, help_text="Fencing: only the newest attempt may publish its archive.")
    heartbeat_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["project", "-id"], name="export_newest")]
