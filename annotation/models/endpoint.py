"""Models behind an address, which answer over the chat completions protocol."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from annotation.models.content import Source
from annotation.models.project import Project


class Endpoint(models.Model):
    """An address and a model name; its completions are signed by its source. The key is the worker's alone.

    The trial is the last short question that somebody had a worker ask: when, how long it took, or why it failed.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="endpoints")
    source = models.OneToOneField(Source, on_delete=models.CASCADE, related_name="endpoint")
    name = models.CharField(max_length=80)
    base_url = models.CharField(max_length=500, help_text="What /chat/completions is added to.")
    model = models.CharField(max_length=200, help_text="As the endpoint calls it.")
    key_name = models.CharField(max_length=40, blank=True, help_text="PLUMBLINE_ENDPOINT_KEY_<this> of the worker.")
    timeout_seconds = models.PositiveSmallIntegerField(default=60, help_text="Longest silence in an answer.")
    parallel = models.PositiveSmallIntegerField(default=4, help_text="Requests at a time.")
    defaults = models.JSONField(default=dict, help_text="temperature, max_new_tokens, top_p, where nobody says.")
    tried_at = models.DateTimeField(null=True)
    trial_asked_at = models.DateTimeField(null=True, help_text="Set while a trial waits for its answer.")
    trial_seconds = models.FloatField(null=True)
    trial_error = models.TextField(blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["project", "name"], condition=models.Q(retired_at__isnull=True), name="one_endpoint_per_name"
            )
        ]

    def __str__(self) -> str:
        return self.name
