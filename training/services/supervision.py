"""A worker's evening with one run: claim it, start its engine, store what it says, pass wishes on, see it end."""

import json
import logging
import shutil
import time

from django.conf import settings

from training import launcher
from training.models import Run
from training.services import attempts, events, specs, workers
from training.services.attempts import Superseded, folder_of
from training.states import HELD, RunState

logger = logging.getLogger(__name__)

WISHES = {RunState.STOPPING: "stop", RunState.PAUSING: "pause"}
OUTCOMES = {"succeeded": RunState.SUCCEEDED, "stopped": RunState.STOPPED, "paused": RunState.PAUSED}


def execute(run_id: int) -> None:
    """Supervise one attempt from claim to end. Does nothing if the run is not waiting: a message may come twice."""
    if workers.disk_free_bytes() < settings.TRAINING["disk_floor_bytes"]:
        logger.warning("run %s stays queued: the disk is nearly full", run_id)  # the page says so, looking itself
        return
    run = attempts.claim(run_id, worker=workers.own_name())
    if run is None:
        return
    logger.info("run %s: attempt %s", run.name, run.attempt)
    with workers.busy(f"{run.name} in {run.project.name}", run_id=run.pk):
        try:
            _supervise(run)
        except Superseded:
            logger.warning("run %s: another attempt has it; this one ends without a word", run.name)
        except OSError as error:
            attempts.finish(run, RunState.FAILED, error=_disk_words(error), kind="disk")


def _supervise(run: Run) -> None:
    if missing := specs.missing_folders(run.spec):
        attempts.finish(run, RunState.FAILED, error=_missing_words(missing), kind="model")
        return
    folder = _prepare(run)
    engine = launcher.Engine(
        folder, verb="train", token=str(run.attempt_token), threads=run.spec["training"].get("threads")
    )
    try:
        pid = engine.start()
        attempts.beat(run, pid=pid)
        _watch(run, engine)
        while events.ingest(run.pk, token=run.attempt_token):
            pass
        _conclude(run, engine.exit_code)
    finally:
        engine.kill()


def _prepare(run: Run):
    """The run directory with its spec. Written once; later attempts find it there."""
    folder = folder_of(run)
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "spec.json").exists():
        launcher.write_whole(folder / "spec.json", json.dumps(run.spec, indent=1, ensure_ascii=False))
    return folder


def _watch(run: Run, engine: launcher.Engine) -> None:
    """Until the engine ends: store its events, beat, pass wishes on."""
    timing = settings.TRAINING
    beaten = 0.0
    for alive in engine.watch(every_seconds=timing["poll_seconds"]):
        while events.ingest(run.pk, token=run.attempt_token):
            pass
        if not alive or time.monotonic() - beaten < timing["beat_seconds"]:
            continue
        beaten = time.monotonic()
        state = RunState(attempts.beat(run))
        wish = WISHES.get(state) or ("pause" if workers.leaving.is_set() else None)
        if wish:
            engine.ask(wish, patience_seconds=timing["stop_patience_seconds"])


def _conclude(run: Run, exit_code: int | None) -> None:
    """From the last event of this attempt, and from how the process ended, to the run's next state."""
    last = Run.objects.values_list("ending", flat=True).get(pk=run.pk)
    if last and last["type"] == "failed":
        attempts.finish(run, RunState.FAILED, error=last.get("message", ""), kind=last.get("kind", "bug"))
    elif last and last["type"] == "finished":
        _finished(run, OUTCOMES[last["outcome"]])
    else:
        _died(run, exit_code)


def _finished(run: Run, outcome: RunState) -> None:
    """What the engine reached, unless it paused only because this worker leaves: then the next one goes on."""
    state = Run.objects.values_list("state", flat=True).get(pk=run.pk)
    asked = WISHES.get(RunState(state))
    if outcome == RunState.PAUSED and asked is None:
        attempts.hand_back(run, crashed=False)
    else:
        attempts.finish(run, outcome)


def _died(run: Run, exit_code: int | None) -> None:
    """No last word. A few deaths are survived, from the newest checkpoint; one after the other means a cause."""
    run.refresh_from_db(fields=["crashes", "state"])
    if RunState(run.state) not in HELD:
        return
    if run.crashes < settings.TRAINING["crash_limit"]:
        logger.warning("run %s: its engine ended with %s; next attempt", run.name, exit_code)
        attempts.hand_back(run, crashed=True)
        return
    how = f"signal {-exit_code}" if exit_code is not None and exit_code < 0 else f"exit code {exit_code}"
    attempts.finish(
        run,
        RunState.FAILED,
        kind="crash",
        error=f"The engine died {run.crashes + 1} times without reaching a new checkpoint, the last time by {how}. "
        "The log below ends where it did. Signal 9 usually means that the machine ran out of memory: halve "
        "per_device_train_batch_size, double gradient_accumulation_steps, and clone the run.",
    )


def _missing_words(missing: list[str]) -> str:
    names = " and ".join(missing)
    return (
        f"There is no folder {names} on {workers.own_name()}: it was moved or removed, or lies on another machine's "
        "disk. Put it back and resume, or clone the run with another model."
    )


def _disk_words(error: OSError) -> str:
    free = shutil.disk_usage(settings.HOME).free / 1e9
    return (
        f"The run directory could not be written: {error.strerror or error}. {free:.1f} GB are free under "
        f"{settings.HOME}. Make room, then resume: it goes on from the newest checkpoint."
    )
