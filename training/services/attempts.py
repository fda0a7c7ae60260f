"""One worker's hold on a run: claimed by a conditional update, fenced by a token, beaten, and handed back.

Messages come twice and late, workers die and come back: whoever writes to a run first proves with its token that
the attempt is still its own.
"""

import uuid
from pathlib import Path

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from alignment_site.celery import enqueue
from training.models import Run
from training.states import HELD, RunState, sources_of


class Superseded(Exception):
    """Another attempt has the run: whatever this one still does must not be written."""


def folder_of(run: Run) -> Path:
    return Path(settings.RUN_DIR) / run.uid.hex


def claim(run_id: int, *, worker: str) -> Run | None:
    """QUEUED to STARTING, for one caller only. None if the run is not waiting any more."""
    now = timezone.now()
    token = uuid.uuid4()
    claimed = Run.objects.filter(pk=run_id, state=RunState.QUEUED).update(
        state=RunState.STARTING,
        attempt=F("attempt") + 1,
        attempt_token=token,
        worker=worker,
        pid=None,
        heartbeat_at=now,
        finished_at=None,
        error="",
        error_kind="",
    )
    if not claimed:
        return None
    # The last word of an earlier attempt is not this one's, but for one: a run whose supervisor died between the end
    # of the training and its record has nothing left to say.
    Run.objects.filter(pk=run_id, attempt_token=token).exclude(ending__outcome="succeeded").update(ending=None)
    Run.objects.filter(pk=run_id, started_at=None).update(started_at=now)
    return Run.objects.select_related("project", "snapshot", "start").get(pk=run_id, attempt_token=token)


def beat(run: Run, *, pid: int | None = None) -> str:
    """Say that this attempt lives. Returns the state, in which a wish to stop or pause shows. Raises Superseded."""
    now = timezone.now()
    seconds = (now - run.heartbeat_at).total_seconds()
    values = {"heartbeat_at": now, "active_seconds": F("active_seconds") + seconds}
    if pid is not None:
        values["pid"] = pid
    if not Run.objects.filter(pk=run.pk, attempt_token=run.attempt_token, state__in=HELD).update(**values):
        raise Superseded
    run.heartbeat_at = now
    return Run.objects.values_list("state", flat=True).get(pk=run.pk)


def finish(run: Run, state: RunState, *, error: str = "", kind: str = "") -> bool:
    """The attempt ended in `state`, if it is still the run's own. Nothing more may be written with its token.

    A run that goes back to the queue enqueues `training.execute_run`.
    """
    held = sources_of(state) & HELD
    moved = Run.objects.filter(pk=run.pk, attempt_token=run.attempt_token, state__in=held).update(
        state=state,
        error=error,
        error_kind=kind,
        pid=None,
        attempt_token=None,
        finished_at=None if state in (RunState.QUEUED, RunState.PAUSED) else timezone.now(),
    )
    if moved and state == RunState.QUEUED:
        enqueue("training.execute_run", queue=run.queue, run_id=run.pk)
    return bool(moved)


def hand_back(run: Run, *, crashed: bool) -> bool:
    """Back into the queue for the next attempt; a run that was being stopped or paused stops or pauses instead."""
    if crashed:
        Run.objects.filter(pk=run.pk, attempt_token=run.attempt_token).update(crashes=F("crashes") + 1)
    asked = {RunState.STOPPING: RunState.STOPPED, RunState.PAUSING: RunState.PAUSED}
    state = Run.objects.values_list("state", flat=True).get(pk=run.pk)
    return finish(run, asked.get(RunState(state), RunState.QUEUED))
