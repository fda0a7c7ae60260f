"""A named batch of work: “week 3”."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from annotation.models.labelling import Item
from annotation.models.project import Project


class Batch(models.Model):
    """Judgments given between two days, of the items put in; without items, of all of the project.

    Without days it is all that was ever said of its items.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="batches")
    title = models.CharField(max_length=120)
    note = models.CharField(max_length=300, blank=True)
    since = models.DateField(null=True, blank=True, help_text="The first day.")
    until = models.DateField(null=True, blank=True, help_text="The last day, inclusive.")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["project", "title"], name="one_batch_per_title")]

    def __str__(self) -> str:
        return self.title


class BatchItem(models.Model):
    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="entries")
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="batch_entries")

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["batch", "item"], name="one_entry_per_batch_and_item")]
