"""What was changed in a project, by whom, from what to what. Rows are added and never touched again."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from annotation.models.project import Project


class AppendOnly(models.QuerySet):
    """Refuses to change or delete; a project that goes takes its rows along."""

    def update(self, **_values):
        raise TypeError("The audit log is append-only.")

    def delete(self):
        raise TypeError("The audit log is append-only.")


class AuditEntry(models.Model):
    """One change. `by` is null where the site did it itself; `by_name` stays readable when somebody is renamed."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="audit_entries")
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    by_name = models.CharField(max_length=150, blank=True)
    action = models.CharField(max_length=60, help_text="`area.verb`, such as `settings.change`.")
    target = models.CharField(max_length=200, blank=True, help_text="What was changed, in words.")
    target_key = models.CharField(max_length=80, blank=True, help_text="`task:7`: the row, where there is one.")
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)

    objects = AppendOnly.as_manager()

    class Meta:
        default_permissions = ()
        indexes = [
            models.Index(fields=["project", "-id"], name="audit_newest"),
            models.Index(fields=["project", "action", "-id"], name="audit_of_action"),
        ]

    def save(self, *args, **kwargs):
        if self.pk is not None:
            raise TypeError("The audit log is append-only.")
        super().save(*args, **kwargs)

    def delete(self, *_args, **_kwargs):
        raise TypeError("The audit log is append-only.")
