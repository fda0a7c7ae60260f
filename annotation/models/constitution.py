"""Constitutions: principles by which models judge and correct, in versions that are never edited."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from annotation.judging.principles import Principle
from annotation.models.project import Project


class Constitution(models.Model):
    """The name under which versions follow each other."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="constitutions")
    name = models.CharField(max_length=80)
    description = models.CharField(max_length=300, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["project", "name"], name="one_constitution_per_name")]

    def __str__(self) -> str:
        return self.name


class ConstitutionVersion(models.Model):
    """Principles as they stand in one version. A change is a new number."""

    constitution = models.ForeignKey(Constitution, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    principles = models.JSONField(help_text="[{key, text, weight, tags, critique, revision}]; keys outlive versions.")
    change_note = models.CharField(max_length=300, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["constitution", "number"], name="one_constitution_version_per_number")
        ]

    def __str__(self) -> str:
        return f"{self.constitution.name}, version {self.number}"

    @property
    def read(self) -> list[Principle]:
        return [Principle.of(row) for row in self.principles]
