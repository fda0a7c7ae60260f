"""Judges: a model or a rule, what it is asked, and how its answer is read; in versions that are never edited."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from annotation.judging import comparing, verdicts
from annotation.models.constitution import ConstitutionVersion
from annotation.models.content import Source
from annotation.models.labelling import Rater
from annotation.models.project import Project


class Judge(models.Model):
    """The name under which versions follow each other."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="judges")
    name = models.CharField(max_length=80)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["project", "name"], name="one_judge_per_name")]

    def __str__(self) -> str:
        return self.name


class JudgeVersion(models.Model):
    """Everything that makes a verdict what it is. Each version is a rater of its own.

    Either `source` answers (a checkpoint or an endpoint) or `rule` does. `figures` are what its verdicts were worth
    when they were last measured.
    """

    judge = models.ForeignKey(Judge, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    source = models.ForeignKey(Source, null=True, blank=True, on_delete=models.PROTECT, related_name="judge_versions")
    rule = models.CharField(max_length=20, blank=True)
    options = models.JSONField(default=dict, help_text="keywords, max_new_tokens, clamp.")
    mode = models.CharField(max_length=10, choices=list(comparing.MODES.items()))
    combine = models.CharField(max_length=10, choices=list(verdicts.RULES.items()), default="agree")
    system = models.TextField(blank=True)
    template = models.TextField(blank=True)
    constitution = models.ForeignKey(
        ConstitutionVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="judge_versions"
    )
    principles_drawn = models.PositiveSmallIntegerField(default=1, help_text="For each pair; 0 takes all.")
    change_note = models.CharField(max_length=300, blank=True)
    rater = models.OneToOneField(Rater, null=True, on_delete=models.SET_NULL, related_name="judge_version")
    figures = models.JSONField(default=dict)
    measured_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["judge", "number"], name="one_judge_version_per_number")]

    def __str__(self) -> str:
        return f"{self.judge.name}, version {self.number}"
