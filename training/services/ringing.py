"""The doorbell, rung again and again: messages get lost, rows do not.

Rings only where an idle worker listens, so that messages never pile up behind a long run.
"""

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from alignment_site.celery import enqueue
from annotation.models import FeedbackJob, GenerationRequest, RubricTrial
from annotation.services import generation, rubric_trials
from training import launcher
from training.models import Checkpoint, JobState, Preflight, Run, Worker
from training.services import alerts, attempts, events, scorers, workers
from training.states import HELD, RunState

JOBS = (
    (GenerationRequest, GenerationRequest.State, generation.wake),
    (FeedbackJob, FeedbackJob.State, lambda job: enqueue("training.feedback", queue="sample", job_id=job.pk)),
    (Preflight, JobState, lambda job: enqueue("training.preflight", queue="sample", preflight_id=job.pk)),
    (RubricTrial, RubricTrial.State, rubric_trials.wake),
)


def ring() -> None:
    """Send silent runs to their next attempt, wake idle workers for what waits, forget workers long dead."""
    requeue_silent_runs()
    warn_of_quiet_runs()
    idle = idle_workers()
    for queue in ("cpu", "gpu"):
        waiting = Run.objects.filter(state=RunState.QUEUED, queue=queue).order_by("id")
        for run_id in waiting.values_list("pk", flat=True)[: idle.get(queue, 0)]:
            enqueue("training.execute_run", queue=queue, run_id=run_id)
    for model, states, wake in JOBS:
        _free_silent(model, states)
        for job in model.objects.filter(state=states.QUEUED).order_by("id")[: idle.get("sample", 0)]:
            wake(job)
    if idle.get("sample"):
        _ring_for_scores()
    workers.forget_old()


def idle_workers() -> dict[str, int]:
    """How many living workers without work listen on each queue."""
    count: dict[str, int] = {}
    alive = timezone.now() - timedelta(seconds=settings.TRAINING["worker_silent_seconds"])
    for queues in Worker.objects.filter(heartbeat_at__gte=alive, doing="").values_list("queues", flat=True):
        for queue in queues:
            count[queue] = count.get(queue, 0) + 1
    return count


def requeue_silent_runs() -> list[Run]:
    """Held runs without a beat go back, their old engine fenced off. Returns them, as they were."""
    limit = timedelta(seconds=settings.TRAINING["run_silent_seconds"])
    silent = Run.objects.filter(state__in=HELD, heartbeat_at__lt=timezone.now() - limit)
    return [run for run in silent if _requeue(run)]


@transaction.atomic
def _requeue(run: Run) -> bool:
    """Only if nobody beat since it was read. An orphan finds a token in `attempt` that is not its own, and stops."""
    still = Run.objects.select_for_update().filter(
        pk=run.pk, attempt_token=run.attempt_token, heartbeat_at=run.heartbeat_at
    )
    if not still.exists():
        return False
    if attempts.folder_of(run).is_dir():
        launcher.write_whole(attempts.folder_of(run) / "attempt", f"fenced-{uuid.uuid4()}")
        while events.ingest(run.pk):  # what the dead supervisor had not stored yet
            pass
        run.refresh_from_db()
    alerts.raise_silent(run)
    return attempts.hand_back(run, crashed=False)


def warn_of_quiet_runs() -> None:
    """Runs whose supervisor beats while their engine says nothing."""
    quiet_seconds = settings.TRAINING["quiet_seconds"]
    now = timezone.now()
    for run in Run.objects.filter(state=RunState.RUNNING):
        last = run.facts.get("last_event_time") or run.facts.get("started_time")
        if last and now.timestamp() - last > quiet_seconds:
            alerts.raise_quiet(run, now.timestamp() - last)


def _free_silent(model, states) -> None:
    """Jobs whose worker died go back to the queue."""
    limit = timedelta(seconds=settings.TRAINING["run_silent_seconds"])
    silent = model.objects.filter(state=states.RUNNING, heartbeat_at__lt=timezone.now() - limit)
    silent.update(state=states.QUEUED, worker="")


def _ring_for_scores() -> None:
    """Reward models with completions waiting that no worker scores already."""
    waiting = Checkpoint.objects.filter(scores__value=None, scores__error="").distinct()
    done_by_somebody = set(Worker.objects.exclude(doing="").values_list("doing", flat=True))
    for checkpoint in waiting:
        if scorers.doing(checkpoint) not in done_by_somebody:
            enqueue("training.score", queue="sample", checkpoint_id=checkpoint.pk)
