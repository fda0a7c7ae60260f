"""Keys with which a product hands in what its own users said of a completion, and can do nothing else."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from annotation.models.project import Project


class CaptureKey(models.Model):
    """Only the hash of the key is kept. Browsers may use it from `origins`; servers from anywhere."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="capture_keys")
    name = models.CharField(max_length=80)
    begins = models.CharField(max_length=12, help_text="Its first letters, to tell keys apart.")
    key_sha256 = models.CharField(max_length=64, unique=True)
    origins = models.JSONField(default=list, help_text="Such as https://app.example.org.")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    taken = models.PositiveIntegerField(default=0, help_text="Events that were stored.")
    minute = models.DateTimeField(null=True, help_text="Of the newest call; `in_minute` counts the calls in it.")
    in_minute = models.PositiveIntegerField(default=0)

    class Meta:
        default_permissions = ()
