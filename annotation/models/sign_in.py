"""Failed tries to sign in."""

from django.db import models
from django.utils import timezone


class SignInFailure(models.Model):
    """One failure counted against one hashed key: a name, an address, or both."""

    key = models.CharField(max_length=64)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["key", "-at"])]
