"""What the masthead says of the workers, on every page."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from training.models import Worker

SILENT_AFTER = timedelta(seconds=settings.TRAINING["worker_silent_seconds"])


def workers(_request) -> dict:
    """`workers.ready` of `workers.total`; one query, and only if the page shows it."""

    def count() -> dict:
        beats = list(Worker.objects.values_list("heartbeat_at", flat=True))
        heard = timezone.now() - SILENT_AFTER
        return {"total": len(beats), "ready": sum(beat > heard for beat in beats)}

    return {"workers": SimpleLazyObject(count)}
