"""What the masthead says of the workers, on every page."""

from datetime import timedelta

from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from training.models import Worker

SILENT_AFTER = timedelta(seconds=10)


def workers(_request) -> dict:
    """`workers.ready` of `workers.total`; one query, and only if the page shows it."""

    def count() -> dict:
        beats = list(Worker.objects.values_list("heartbeat_at", flat=True))
        now = timezone.now()
        return {"total": len(beats), "ready": sum(now - beat < SILENT_AFTER for beat in beats)}

    return {"workers": SimpleLazyObject(count)}
