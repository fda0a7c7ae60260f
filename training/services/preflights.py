"""The check before a launch: the engine reads the spec and the data in a child, and says what it would see."""

import json
import time
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from alignment_site.celery import enqueue
from training import launcher
from training.models import JobState, Preflight
from training.services import workers

LIMIT_SECONDS = 600
LAST_WORDS = 3


@transaction.atomic
def request_preflight(project, *, by, spec: dict, form: dict) -> Preflight:
    """Ask a worker to look at `spec`; `form` is kept, to launch from or to go back to.

    Enqueues `training.preflight`.
    """
    preflight = Preflight.objects.create(project=project, spec=spec, form=form, created_by=by)
    enqueue("training.preflight", queue="sample", preflight_id=preflight.pk)
    return preflight


def fulfil(preflight_id: int) -> None:
    """Claim it, run the verb, store what it wrote. Does nothing if it is not waiting."""
    name = workers.own_name()
    claimed = Preflight.objects.filter(pk=preflight_id, state=JobState.QUEUED).update(
        state=JobState.RUNNING, worker=name, heartbeat_at=timezone.now()
    )
    if not claimed:
        return
    preflight = Preflight.objects.get(pk=preflight_id)
    with workers.busy(f"check of {preflight.spec.get('name', 'a run')}"):
        result, error = _look(preflight)
    Preflight.objects.filter(pk=preflight_id, state=JobState.RUNNING, worker=name).update(
        state=JobState.FAILED if error else JobState.DONE, result=result, error=error
    )


def _look(preflight: Preflight) -> tuple[dict, str]:
    """(what the engine says, nothing) or (nothing, why it could not say)."""
    folder = Path(settings.HOME) / "preflights" / preflight.uid.hex
    try:
        folder.mkdir(parents=True, exist_ok=True)
        launcher.write_whole(folder / "spec.json", json.dumps(preflight.spec, ensure_ascii=False))
        return _run(preflight, folder)
    except OSError as error:
        return {}, f"The check could not be written to {folder}: {error.strerror or error}. Look at the disk."


def _run(preflight: Preflight, folder: Path) -> tuple[dict, str]:
    engine = launcher.Engine(folder, verb="preflight", threads=preflight.spec["training"].get("threads"))
    started = time.monotonic()
    try:
        engine.start()
        for alive in engine.watch(every_seconds=0.5):
            Preflight.objects.filter(pk=preflight.pk).update(heartbeat_at=timezone.now())
            if alive and time.monotonic() - started > LIMIT_SECONDS:
                return {}, f"The check took longer than {LIMIT_SECONDS / 60:.0f} minutes and was ended."
    finally:
        engine.kill()
    written = folder / "preflight.json"
    if written.exists():
        return json.loads(written.read_text()), ""
    words = " ".join(launcher.last_lines(folder / "engine.log", LAST_WORDS))[:600]
    return {}, f"The check ended with exit code {engine.exit_code} and said nothing. Its last words: {words or 'none'}"
