"""One change of many items, which can be undone."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from annotation.models.project import Project


class BulkChange(models.Model):
    """What was asked of which items. `items` are fixed when it is asked for, so that it touches what was counted."""

    class Action(models.TextChoices):
        PRIORITY = "priority", "Set the priority"
        BATCH = "batch", "Put into a batch"
        PUT_BACK = "put_back", "Put back into the queue"
        KEEP_OUT = "keep_out", "Keep out"
        ASSIGN = "assign", "Assign to people"

    class State(models.TextChoices):
        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        UNDONE = "undone", "Undone"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="bulk_changes")
    action = models.CharField(max_length=12, choices=Action)
    filters = models.JSONField(default=dict)
    options = models.JSONField(default=dict)
    items = models.JSONField(default=list)
    before = models.JSONField(default=list, help_text="What undoing needs, in the order of `items`.")
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=8, choices=State, default=State.QUEUED)
    error = models.TextField(blank=True)
    attempt = models.UUIDField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["project", "-id"], name="bulk_newest")]
