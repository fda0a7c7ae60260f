"""Answers asked for together, and the work that they become."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from annotation.models.project import Project
from annotation.models.task import Task


class Gathering(models.Model):
    """So many answers of each of some sources to each of some prompts: a request for every source and try.

    When all have come, they become items of `task`, if one was said; `settled_at` is when, once.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="gatherings")
    task = models.ForeignKey(Task, null=True, on_delete=models.SET_NULL, related_name="+")
    each = models.PositiveSmallIntegerField(default=1, help_text="Answers of each source to each prompt.")
    prompt_count = models.PositiveIntegerField(default=0)
    item_count = models.PositiveIntegerField(default=0)
    settled_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()
