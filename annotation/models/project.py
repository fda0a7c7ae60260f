"""A project: the wall everything hangs on, and the people who may touch it."""

import secrets

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.functional import cached_property


class Reveal(models.TextChoices):
    SITTING = "sitting", "When the sitting ends"
    VOTE = "vote", "After each vote (nothing can be undone then)"


class PayUnit(models.TextChoices):
    HOUR = "hour", "An hour of active time"
    ITEM = "item", "An item answered"


def new_salt() -> str:
    return secrets.token_hex(16)


class Project(models.Model):
    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    lease_seconds = models.PositiveIntegerField(default=600, help_text="How long an item is held for a silent page.")
    sitting_goal = models.PositiveSmallIntegerField(default=60, help_text="Items in one sitting.")
    reveal = models.CharField(max_length=10, choices=Reveal, default=Reveal.SITTING)
    pay = models.DecimalField(
        max_digits=10,
        decimal_places=4,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text="What an hour or an item costs.",
    )
    pay_unit = models.CharField(max_length=4, choices=PayUnit, default=PayUnit.HOUR)
    pay_currency = models.CharField(max_length=12, blank=True, help_text="As it reads: EUR, USD.")
    split_salt = models.CharField(max_length=32, default=new_salt, editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        permissions = [("create_project", "Can create projects")]
        default_permissions = ()

    def __str__(self) -> str:
        return self.name

    @cached_property
    def first_task(self):
        """The work that a project begins with, in the queue `label`."""
        return self.tasks.get(queue="label")


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
