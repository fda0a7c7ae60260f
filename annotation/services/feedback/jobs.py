"""Jobs asked for, called off, tried again. Every one enqueues `training.feedback`, which finds who answers."""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from alignment_site.celery import enqueue
from annotation.chunks import chunked
from annotation.errors import Refused
from annotation.models import FeedbackJob, FeedbackRow, JudgeVersion
from annotation.services.audit import record
from annotation.services.feedback import comparing

State = FeedbackJob.State
ENDED = (State.DONE, State.FAILED, State.CANCELLED)
MOST_ITEMS = 100_000


@transaction.atomic
def request_judging(
    version: JudgeVersion,
    *,
    by,
    queue: str = "",
    prompt_set: str = "",
    with_people: bool = False,
    most: int = 1000,
    seed: int = 0,
) -> FeedbackJob:
    """Have a judge compare the pairs that it has not judged: of a queue and a prompt set, or of all.

    Raises Refused if there is nothing to judge, or for a judge that is retired.
    """
    if version.judge.retired_at is not None:
        raise Refused("This judge is retired. Make another one.", code="retired", status=409)
    if not 1 <= most <= MOST_ITEMS:
        raise Refused(f"Between 1 and {MOST_ITEMS:,} pairs; 1,000 is usual.", code="most")
    items = list(comparing.open_items(version, queue=queue, prompt_set=prompt_set, with_people=with_people)[:most])
    if not items:
        raise Refused(
            "There is no pair here that this version has not judged. Choose another queue or prompt set, or import "
            "pairs first.",
            code="nothing_to_judge",
        )
    options = {"queue": queue, "prompt_set": prompt_set, "with_people": with_people, "most": most, "seed": seed}
    job = FeedbackJob(project=version.judge.project, kind=FeedbackJob.Kind.COMPARE, judge=version, options=options)
    return start(job, comparing.rows_for(items), by=by)


def start(job: FeedbackJob, rows: Iterable[FeedbackRow], *, by) -> FeedbackJob:
    """Write the job with its rows and ring for a worker. Call inside a transaction."""
    job.created_by = by
    job.save()
    job.total = add_rows(job, rows)
    job.save(update_fields=["total"])
    words = f"{job.get_kind_display()} {job.pk}"
    record(job.project_id, by=by, action="feedback.start", target=words, after={"rows": job.total})
    enqueue("training.feedback", queue="sample", job_id=job.pk)
    return job


def add_rows(job: FeedbackJob, rows: Iterable[FeedbackRow]) -> int:
    """Write rows to a job; returns how many."""
    count = 0
    for chunk in chunked(rows, 1000):
        for row in chunk:
            row.job = job
        count += len(FeedbackRow.objects.bulk_create(chunk))
    return count


@transaction.atomic
def cancel_job(job: FeedbackJob, *, by) -> None:
    """Nothing more is asked; what was answered stays. Raises Refused if it has ended."""
    live = FeedbackJob.objects.filter(pk=job.pk).exclude(state__in=ENDED)
    if not live.update(state=State.CANCELLED, finished_at=timezone.now()):
        raise Refused("This has ended already.", code="ended", status=409)
    record(job.project_id, by=by, action="feedback.cancel", target=f"{job.get_kind_display()} {job.pk}")


@transaction.atomic
def retry_job(job: FeedbackJob, *, by) -> None:
    """Go on with what waits, and ask again what got no answer or none that could be read.

    Raises Refused while it runs, or if nothing is left to ask.
    """
    held = FeedbackJob.objects.select_for_update().get(pk=job.pk)
    if held.state not in ENDED:
        raise Refused("It runs, or waits to. Cancel it first.", code="running", status=409)
    dropped = held.rows.filter(state__in=(FeedbackRow.State.UNREAD, FeedbackRow.State.REFUSED))
    dropped.update(state=FeedbackRow.State.WAITING, steps=[], value=None, result={}, ended_at=None)
    waiting = held.rows.filter(state=FeedbackRow.State.WAITING).count()
    if not waiting and held.state == State.DONE:
        raise Refused("Every row has its answer: there is nothing to ask again.", code="nothing_left", status=409)
    held.state, held.error, held.finished_at = State.QUEUED, "", None
    held.done = held.rows.count() - waiting
    held.save(update_fields=["state", "error", "finished_at", "done"])
    record(job.project_id, by=by, action="feedback.retry", target=f"{job.get_kind_display()} {job.pk}")
    enqueue("training.feedback", queue="sample", job_id=job.pk)
