"""Endpoints as pages show them."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, QuerySet
from django.utils import timezone

from annotation.listening import Silence, silence_of
from annotation.models import Endpoint, Project

SAID_AFTER = timedelta(seconds=3)  # a worker usually answers within one


def endpoints_of(project: Project) -> QuerySet[Endpoint]:
    """Those that are not retired, by name."""
    return Endpoint.objects.filter(project=project, retired_at=None).select_related("source").order_by("name")


@dataclass(frozen=True)
class Listing:
    """The page of endpoints. `waiting` while a trial is on its way, `silence` why none will come back."""

    endpoints: list[Endpoint]
    retired: list[Endpoint]
    waiting: bool
    silence: Silence | None


def listing(project: Project) -> Listing:
    rows = Endpoint.objects.filter(project=project).annotate(written=Count("source__completions")).order_by("name")
    current = [row for row in rows if row.retired_at is None]
    asked = [row.trial_asked_at for row in current if row.trial_asked_at]
    late = any(timezone.now() - when > SAID_AFTER for when in asked)
    return Listing(
        endpoints=current,
        retired=[row for row in rows if row.retired_at is not None],
        waiting=bool(asked),
        silence=silence_of("sample") if late else None,
    )
