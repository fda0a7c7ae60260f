"""A block of work: chosen items, kept for chosen people until a deadline."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from annotation.models.project import Project


class Block(models.Model):
    """Its items are reserved, each as an assignment of a person (`Assignment.block`), and handed out first.

    When the deadline passes, or a lead releases it, what was not answered goes back to everybody.
    """

    class Share(models.TextChoices):
        EACH = "each", "Everybody judges all of it"
        SPLIT = "split", "Each item goes to one of them"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="blocks")
    title = models.CharField(max_length=120)
    share = models.CharField(max_length=6, choices=Share, default=Share.SPLIT)
    raters = models.ManyToManyField("annotation.Rater", related_name="blocks")
    deadline = models.DateTimeField(null=True, blank=True)
    item_count = models.PositiveIntegerField(default=0)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    released_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        ordering = ["pk"]
        indexes = [models.Index(fields=["deadline"], name="block_due", condition=models.Q(released_at=None))]

    def __str__(self) -> str:
        return self.title
