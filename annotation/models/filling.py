"""Items made of completions that are there already: chosen, counted, then made in the background."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from annotation.models.project import Project
from annotation.models.task import Task


class Filling(models.Model):
    """One wish for items of `task`. It walks the prompts by id; `cursor` is the last one that is done."""

    class State(models.TextChoices):
        QUEUED = "queued", "Waiting"
        FILLING = "filling", "Adding"
        DONE = "done", "Done"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="fillings")
    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="fillings")
    choice = models.JSONField(default=dict, help_text="What was chosen, as services.fillings.Choice has it.")
    state = models.CharField(max_length=8, choices=State, default=State.QUEUED)
    expected = models.PositiveIntegerField(default=0, help_text="Items, as they were counted before.")
    made = models.PositiveIntegerField(default=0)
    duplicates = models.PositiveIntegerField(default=0, help_text="Were items of the task already.")
    same_text = models.PositiveIntegerField(default=0, help_text="Left out: completions with the same text.")
    cursor = models.BigIntegerField(default=0)
    attempt = models.UUIDField(null=True, help_text="Fencing: an older attempt's writes are refused.")
    heartbeat_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
