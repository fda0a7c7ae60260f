"""Rubrics: what a good answer is made of, in weighted items, in versions that never change; and their scores."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from annotation.models.content import Completion
from annotation.models.labelling import Judgment, Rater
from annotation.models.project import Project


class Rubric(models.Model):
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="rubrics")
    uid = models.UUIDField(default=uuid.uuid4, help_text="What answers call it by, in whatever installation.")
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["project", "name"], name="one_rubric_per_name"),
            models.UniqueConstraint(fields=["project", "uid"], name="one_rubric_per_uid"),
        ]

    def __str__(self) -> str:
        return self.name


class RubricVersion(models.Model):
    """One state of a rubric. Never edited: a change is a new number, and a score knows what it was given for."""

    rubric = models.ForeignKey(Rubric, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    note = models.CharField(max_length=300, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["rubric", "number"], name="one_rubric_version_per_number")]


class RubricCategory(models.Model):
    """Items for one kind of prompt, and the system prompts that answers of this kind are generated with.

    Goes by the prompt's category; the one without a name takes every prompt that has no category of its own here.
    """

    version = models.ForeignKey(RubricVersion, on_delete=models.CASCADE, related_name="categories")
    name = models.CharField(max_length=80, blank=True)
    position = models.PositiveSmallIntegerField()
    generation_prompt = models.TextField(blank=True)
    improvement_prompt = models.TextField(blank=True)

    class Meta:
        default_permissions = ()
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["version", "name"], name="one_rubric_category_per_name")]


class RubricItem(models.Model):
    """One thing an answer is scored on. `key` is the same in every version that has the item.

    An item that was split is kept, retired and without weight, so that its parts can say what they came from.
    """

    class Kind(models.TextChoices):
        VERIFIABLE = "verifiable", "Verifiable"
        NON_VERIFIABLE = "non_verifiable", "Non-verifiable"

    category = models.ForeignKey(RubricCategory, on_delete=models.CASCADE, related_name="items")
    key = models.UUIDField(default=uuid.uuid4)
    position = models.PositiveSmallIntegerField()
    text = models.TextField()
    weight = models.FloatField()
    kind = models.CharField(max_length=14, choices=Kind)
    verifier = models.CharField(max_length=60, blank=True)
    options = models.JSONField(default=dict)
    critique_prompt = models.TextField(blank=True)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="parts")
    retired = models.BooleanField(default=False)

    class Meta:
        default_permissions = ()
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["category", "key"], name="one_rubric_item_per_key")]
        indexes = [models.Index(fields=["key"])]


class RubricScore(models.Model):
    """What somebody gives a completion on one item: score and confidence in [0, 1], and why.

    Without a rater the item's verifier gave it. Without a score it could not be given; `error` says why. A score that
    stands in a judgment goes when the judgment is withdrawn. `scorer` and `week` repeat what rater and time say, so
    that the history of an item's confidence is read from one index.
    """

    class Scorer(models.TextChoices):
        PERSON = "person", "People"
        JUDGE = "judge", "AI judges"
        SIMULATED = "simulated", "Simulations"
        IMPORTED = "imported", "Imported raters"
        VERIFIER = "verifier", "Verifiers"

    item = models.ForeignKey(RubricItem, on_delete=models.CASCADE, related_name="scores")
    completion = models.ForeignKey(Completion, on_delete=models.CASCADE, related_name="rubric_scores")
    rater = models.ForeignKey(Rater, null=True, blank=True, on_delete=models.PROTECT, related_name="rubric_scores")
    judgment = models.ForeignKey(
        Judgment, null=True, blank=True, on_delete=models.CASCADE, related_name="rubric_scores"
    )
    score = models.FloatField(null=True)
    confidence = models.FloatField(null=True)
    reason = models.TextField(blank=True)
    critique = models.TextField(blank=True, help_text="What a judge wrote before it gave the score.")
    error = models.TextField(blank=True)
    scorer = models.CharField(max_length=10, choices=Scorer)
    scored_at = models.DateTimeField(default=timezone.now)
    week = models.DateField(help_text="The Monday of the week it was given in.")

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["item", "scorer", "week", "confidence"], name="rubric_confidence")]
        constraints = [
            models.UniqueConstraint(
                fields=["item", "completion"], condition=Q(rater__isnull=True), name="one_verifier_score"
            ),
            models.UniqueConstraint(
                fields=["item", "completion", "rater"], condition=Q(judgment__isnull=True), name="one_score_per_rater"
            ),
            models.UniqueConstraint(fields=["judgment", "item", "completion"], name="one_score_per_judgment"),
        ]


class RubricTrial(models.Model):
    """A version tried on some completions: its verifiers run in a worker; people and judges score the same ones."""

    class State(models.TextChoices):
        QUEUED = "queued", "Queued"
        RUNNING = "running", "Checking"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    version = models.ForeignKey(RubricVersion, on_delete=models.CASCADE, related_name="trials")
    prompt_set = models.CharField(max_length=80, blank=True)
    completions = models.ManyToManyField(Completion, related_name="+")
    total = models.PositiveIntegerField(default=0, help_text="Checks to make: verifiable items times completions.")
    done = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    error = models.TextField(blank=True)
    worker = models.CharField(max_length=120, blank=True)
    heartbeat_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
