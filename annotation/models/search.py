"""The bookkeeping of the full-text index; the index itself is the database's own (annotation/search_tables.py)."""

from django.db import models
from django.utils import timezone

from annotation.models.labelling import Item


class ItemText(models.Model):
    """An item that is in the index, as of `revision`: the newest revision of a judgment when it was read."""

    item = models.OneToOneField(Item, primary_key=True, on_delete=models.CASCADE, related_name="text")
    revision = models.BigIntegerField(default=0)

    class Meta:
        default_permissions = ()


class SearchMark(models.Model):
    """How far the index has come in a table that only grows.

    Everything up to `through` is in. What came after is looked at again until it is old enough that no transaction
    can still bring a row with a smaller number.
    """

    name = models.CharField(max_length=20, primary_key=True)
    through = models.BigIntegerField(default=0)
    seen = models.BigIntegerField(default=0)
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()
