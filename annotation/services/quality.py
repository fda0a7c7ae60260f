"""Quality reports: asked for, computed by a worker, stored whole or not at all."""

import logging
import math
from datetime import timedelta
from uuid import uuid4

from django.db import IntegrityError, transaction
from django.db.models import Exists, Max, OuterRef
from django.utils import timezone

from alignment_site.celery import enqueue
from annotation.errors import Refused
from annotation.models import Disagreement, Judgment, Project, QualityReport, RaterFigures
from annotation.quality.gathering import Gathering
from annotation.quality.report import Report, report
from annotation.selectors.quality_source import originals, weighed_items, weighed_judgments

logger = logging.getLogger(__name__)

SILENT_AFTER = timedelta(seconds=120)
REFRESH_AFTER = timedelta(minutes=30)  # a report is computed by itself no oftener than this
GROWN_BY = 0.1  # and only when there is so much more to weigh
LEAST_NEW = 25
State = QualityReport.State
_UNFINISHED = (State.QUEUED, State.COMPUTING)


class Superseded(Exception):
    """Another attempt has taken this report over."""


def request_report(project: Project, *, by, queue: str = "", since: str = "", until: str = "") -> QualityReport:
    """A report over what there is now; the one that is already under way, if there is one. Queues its computing.

    Raises Refused for days that do not read or nothing to weigh. `by` is None where nobody asked.
    """
    scope = {"queue": queue, "since": since, "until": until}
    try:
        chosen = weighed_judgments(project, **scope)
    except ValueError:
        raise Refused("Days are written like 2026-11-21.", code="invalid") from None
    through = chosen.aggregate(newest=Max("pk"))["newest"]
    if through is None:
        raise Refused(
            "There is nothing to weigh yet: no answer of an ended sitting, among those asked for.", code="empty"
        )
    try:
        with transaction.atomic():
            made = QualityReport.objects.create(project=project, created_by=by, through=through, **scope)
    except IntegrityError:
        return QualityReport.objects.get(project=project, state__in=_UNFINISHED, **scope)
    enqueue("annotation.compute_quality", report_id=made.pk)
    return made


def compute(report_id: int) -> None:
    """Queued to computing to ready or failed. A second delivery is a no-op."""
    row = _claim(report_id)
    if row is None:
        return
    try:
        _publish(row, report(_gather(row)))
    except Superseded:
        logger.warning("quality report %s was taken over by another attempt", report_id)
    except Exception:
        _mine(row).update(
            state=State.FAILED,
            error="The site made a mistake while computing it; the details are in its log.",
            finished_at=timezone.now(),
        )
        raise


def _claim(report_id: int) -> QualityReport | None:
    waiting = QualityReport.objects.filter(pk=report_id, state=State.QUEUED)
    if not waiting.update(state=State.COMPUTING, attempt=uuid4(), heartbeat_at=timezone.now(), judgments_done=0):
        return None
    return QualityReport.objects.select_related("project").get(pk=report_id)


def _mine(row: QualityReport):
    return QualityReport.objects.filter(pk=row.pk, attempt=row.attempt, state=State.COMPUTING)


def _beat(row: QualityReport, **fields) -> None:
    if not _mine(row).update(heartbeat_at=timezone.now(), **fields):
        raise Superseded


def _gather(row: QualityReport) -> Gathering:
    scope = {"queue": row.queue, "since": row.since, "until": row.until}
    total = weighed_judgments(row.project, **scope).filter(pk__lte=row.through).count()
    _beat(row, judgments_total=total)
    gathered = Gathering(originals(row.project))
    for items in weighed_items(row.project, through=row.through, **scope):
        for subject, heard in items:
            gathered.add(subject, heard)
        _beat(row, judgments_done=gathered.judgments)
    return gathered


def _publish(row: QualityReport, told: Report) -> None:
    """Everything in one transaction. Items of older reports over the same are dropped: only the newest is browsed."""
    with transaction.atomic():
        _beat(row, state=State.COMPUTING)
        RaterFigures.objects.bulk_create(
            [
                RaterFigures(
                    report=row,
                    rater_id=pk,
                    judgments=figures["judgments"],
                    right=(figures["reliability"] or {}).get("right"),
                    weight=(figures["reliability"] or {}).get("weight"),
                    figures=figures,
                )
                for pk, figures in told.people.items()
            ],
            batch_size=200,
        )
        Disagreement.objects.bulk_create(
            [Disagreement(report=row, item_id=found.item, score=found.score, voices=found.voices)
             for found in told.disagreements],
            batch_size=500,
        )  # fmt: skip
        older = QualityReport.objects.filter(
            project=row.project_id, queue=row.queue, since=row.since, until=row.until, pk__lt=row.pk
        )
        Disagreement.objects.filter(report__in=older).delete()
        _mine(row).update(state=State.READY, body=told.body, circles=told.circles, error="", finished_at=timezone.now())


def resume_reports() -> None:
    """Put reports whose worker fell silent back into the queue, and ring for those that wait."""
    silent = timezone.now() - SILENT_AFTER
    QualityReport.objects.filter(state=State.COMPUTING, heartbeat_at__lt=silent).update(
        state=State.QUEUED, attempt=None
    )
    for pk in QualityReport.objects.filter(state=State.QUEUED).values_list("pk", flat=True):
        enqueue("annotation.compute_quality", report_id=pk)


def refresh_reports() -> None:
    """Beat: ask for a report of each project that has grown by a tenth since its last one, or has none yet."""
    whole = QualityReport.objects.filter(project=OuterRef("pk"), queue="", since="", until="")
    recent = whole.filter(created_at__gt=timezone.now() - REFRESH_AFTER)
    for project in Project.objects.filter(~Exists(recent)):
        newest = QualityReport.objects.filter(project=project, queue="", since="", until="").order_by("-pk").first()
        known = (newest.through, newest.judgments_total) if newest else (0, 0)
        newer = Judgment.objects.filter(pk__gt=known[0], item__project=project, withdrawn=False)
        least = max(LEAST_NEW, math.ceil(GROWN_BY * known[1]))
        if newer.order_by("pk")[:least].count() < least:
            continue
        try:
            request_report(project, by=None)
        except Refused:  # all of it in sittings that still run
            continue
