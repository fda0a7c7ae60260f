"""What people say of themselves: written by nobody but them, forgotten when they ask."""

from django.utils import timezone

from annotation.models import SelfDescription


def describe(*, by, **said) -> SelfDescription:
    """Keep what `by` says of themselves."""
    return SelfDescription.objects.update_or_create(user=by, defaults={**said, "changed_at": timezone.now()})[0]


def forget(*, by) -> None:
    SelfDescription.objects.filter(user=by).delete()
