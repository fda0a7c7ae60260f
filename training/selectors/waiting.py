"""Why nothing happens, and what to do: no worker, a full disk, a silent supervisor, a queue that is long.

Looked at when asked, never stored: a full disk can record nothing about itself.
"""

import shutil
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from annotation.listening import Silence
from training.models import Run, Worker
from training.states import HELD, RunState
from training.words import duration, size


@dataclass(frozen=True)
class Notice:
    """State, title and what to do about it; `command` where one helps."""

    state: str
    title: str
    text: str
    command: str = ""


def notices(run: Run) -> list[Notice]:
    """What stands between this run and its next step."""
    found = [notice for notice in (low_disk(),) if notice]
    if run.state == RunState.QUEUED:
        since = timezone.now() - (run.heartbeat_at or run.created_at)
        notice = no_worker(run.queue, since.total_seconds()) or _busy(run)
        found += [notice] if notice else []
    elif run.state in HELD and (notice := _silent(run)):
        found.append(notice)
    return found


def no_worker(queue: str, waited_seconds: float = 0.0) -> Notice | None:
    """A notice if no living worker listens on the queue."""
    workers = [worker for worker in Worker.objects.all() if queue in worker.queues]
    if any(alive(worker) for worker in workers):
        return None
    heard = max(workers, key=lambda worker: worker.heartbeat_at, default=None)
    last = (
        f"The last one, {heard.name}, was heard from {duration(_age(heard))} ago. "
        if heard
        else f"None has ever listened on the queue {queue}. "
    )
    waited = f"Queued for {duration(waited_seconds)}: no" if waited_seconds >= 1 else "No"
    return Notice(
        "warn",
        f"{waited} worker is running for {queue}",
        f"{last}Start one with the command below on a machine that sees this database, or let it wait: it starts by "
        "itself as soon as a worker is there.",
        f"celery -A alignment_site worker -Q {queue} -P solo -n {queue}@%h",
    )


def silence(queue: str) -> Silence | None:
    """The same, for pages that know no workers."""
    notice = no_worker(queue)
    return Silence(notice.title, notice.text, notice.command) if notice else None


def low_disk() -> Notice | None:
    """A notice if the disk under PLUMBLINE_HOME is nearly full."""
    free, floor = shutil.disk_usage(settings.HOME).free, settings.TRAINING["disk_floor_bytes"]
    if free >= floor:
        return None
    return Notice(
        "bad",
        f"The disk is nearly full: {' '.join(size(free))} are left",
        f"Runs start only while {' '.join(size(floor))} are free under {settings.HOME}, and go on by themselves then. "
        "Delete what is not needed there: old run folders hold optimiser state and checkpoints.",
    )


def alive(worker: Worker) -> bool:
    return _age(worker) < settings.TRAINING["worker_silent_seconds"]


def _busy(run: Run) -> Notice | None:
    """Every worker of the queue has something to do: said with what, so that waiting is not a mystery."""
    living = [worker for worker in Worker.objects.all() if run.queue in worker.queues and alive(worker)]
    if not living or any(not worker.doing for worker in living):
        return None
    before = Run.objects.filter(state=RunState.QUEUED, queue=run.queue, pk__lt=run.pk).count()
    ahead = f"{before} {'run is' if before == 1 else 'runs are'} ahead of it in the queue. " if before else ""
    names = ", ".join(worker.name for worker in living)
    return Notice("", f"Waiting for {names}", f"{ahead}Every worker on {run.queue} is busy; one run a device.")


def _silent(run: Run) -> Notice | None:
    if run.heartbeat_at is None:
        return None
    silent = timezone.now() - run.heartbeat_at
    if silent < timedelta(seconds=settings.TRAINING["worker_silent_seconds"]):
        return None
    limit = settings.TRAINING["run_silent_seconds"]
    return Notice(
        "warn",
        f"No sign of life from {run.worker or 'its worker'} for {duration(silent.total_seconds())}",
        f"After {duration(limit)} of silence the run goes back to the queue, and on from its newest checkpoint when a "
        "worker is free. Nothing that was logged is lost.",
    )


def _age(worker: Worker) -> float:
    return (timezone.now() - worker.heartbeat_at).total_seconds()
