"""Measuring a judge: its figures are kept with its version, so that a page reads one row."""

from django.db.models import Count, Q
from django.utils import timezone

from annotation.judging.measures import report
from annotation.models import FeedbackRow, JudgeVersion
from annotation.selectors.verdicts import judged, people_kinds, rows_of

State = FeedbackRow.State


def measure(version: JudgeVersion) -> dict:
    """Figures over everything this version has judged, as of now. Writes them to the version."""
    counts = rows_of(version).aggregate(
        asked=Count("pk", filter=~Q(state=State.WAITING)),
        unread=Count("pk", filter=Q(state=State.UNREAD)),
        refused=Count("pk", filter=Q(state=State.REFUSED)),
        pairs_asked=Count("item", filter=~Q(state=State.WAITING), distinct=True),
    )
    found = report(list(judged(version)))
    found |= counts | {
        "dropped": counts["pairs_asked"] - found["pairs"],
        "simulated": people_kinds(version) == ("simulated",),
    }
    JudgeVersion.objects.filter(pk=version.pk).update(figures=found, measured_at=timezone.now())
    version.figures = found
    return found
