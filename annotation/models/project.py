"""A project: the wall everything hangs on, and the people who may touch it."""

import secrets

from django.conf import settings
from django.db import models
from django.utils import timezone


class Scale(models.IntegerChoices):
    """How many cells the graded answer has. Odd scales hold a tie."""

    BINARY = 2, "2 steps: A or B"
    FIVE = 5, "5 steps, with a tie"
    SEVEN = 7, "7 steps, with a tie"
    EIGHT = 8, "8 steps, no tie"


class Reveal(models.TextChoices):
    SITTING = "sitting", "When the sitting ends"
    VOTE = "vote", "After each vote (nothing can be undone then)"


def new_salt() -> str:
    return secrets.token_hex(16)


class Project(models.Model):
    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    question = models.CharField(max_length=200, default="Which reply is better?")
    hint = models.CharField(max_length=300, blank=True)
    scale = models.PositiveSmallIntegerField(choices=Scale, default=Scale.EIGHT)
    overlap = models.PositiveSmallIntegerField(default=1, help_text="How many people judge each item.")
    lease_seconds = models.PositiveIntegerField(default=600, help_text="How long an item is held for a silent page.")
    sitting_goal = models.PositiveSmallIntegerField(default=60, help_text="Items in one sitting.")
    reveal = models.CharField(max_length=10, choices=Reveal, default=Reveal.SITTING)
    split_salt = models.CharField(max_length=32, default=new_salt, editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        permissions = [("create_project", "Can create projects")]
        default_permissions = ()

    def __str__(self) -> str:
        return self.name


class Instruction(models.Model):
    """One version of the guide that annotators read. Never edited: a change is a new number."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="instructions")
    number = models.PositiveIntegerField()
    text = models.TextField(help_text="Markdown.")
    change_note = models.CharField(max_length=300, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["project", "number"], name="one_instruction_per_number")]
