"""One attempt from claim to end, with a stand-in engine: wishes, deaths, superseded attempts, a full disk."""

import sys
import threading
import time
from pathlib import Path

import pytest

from tests.factories import make_checkpoint, make_run
from training import chunks, launcher
from training.models import MetricChunk, Run
from training.services import attempts, runs, supervision, workers

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def make(project, home, settings, monkeypatch):
    settings.TRAINING = settings.TRAINING | {"poll_seconds": 0.02, "beat_seconds": 0.0, "disk_floor_bytes": 0}
    fake = Path(__file__).with_name("fake_engine.py")
    monkeypatch.setattr(launcher, "PROGRAM", (sys.executable, str(fake)))
    for module in (attempts, runs):
        monkeypatch.setattr(module, "enqueue", lambda *_, **__: None)

    def make(*, steps=20, save_steps=5, **engine):
        run = make_run(project, start=make_checkpoint(project, path=str(home)))
        run.spec |= {"settings": engine, "training": {"max_steps": steps, "save_steps": save_steps}}
        run.save()
        return run

    return make


def losses(run):
    rows = MetricChunk.objects.filter(run=run, key="loss").order_by("index")
    return chunks.join(chunks.unpack(row.points) for row in rows)


def execute(run):
    supervision.execute(run.pk)
    run.refresh_from_db()
    return run


def meanwhile(act):
    """Run `act` in another thread while a run is supervised here."""
    from django.db import connection

    def body():
        try:
            act()
        finally:
            connection.close()

    thread = threading.Thread(target=body)
    thread.start()
    return thread


def wait_for_step(run, step):
    deadline = time.monotonic() + 20
    while Run.objects.values_list("step", flat=True).get(pk=run.pk) < step:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_run_reaches_its_end(make):
    run = execute(make())
    assert (run.state, run.step, run.error) == ("succeeded", 20, "")
    assert losses(run).values.tolist() == [1 / step for step in range(1, 21)]
    assert list(run.checkpoints.order_by("step").values_list("step", "final")) == [
        (5, False), (10, False), (15, False), (20, True),
    ]  # fmt: skip
    assert run.active_seconds > 0


def test_the_second_message_for_the_same_run_does_nothing(make):
    run = execute(make())
    assert execute(run).attempt == 1


def test_a_pause_ends_with_a_checkpoint_and_resume_goes_on_from_there(make, rita):
    run = make(steps=200, save_steps=1000, step_seconds=0.02)
    thread = meanwhile(lambda: (wait_for_step(run, 5), runs.pause_run(Run.objects.get(pk=run.pk), by=rita)))
    execute(run)
    thread.join()
    assert run.state == "paused"
    assert run.finished_at is None
    paused_at = run.checkpoints.get().step
    assert 5 <= paused_at < 200
    run.spec["settings"]["step_seconds"] = 0
    (attempts.folder_of(run) / "spec.json").unlink()
    run.save()
    runs.resume_run(run, by=rita)
    execute(run)
    assert (run.state, run.attempt) == ("succeeded", 2)
    assert losses(run).steps.tolist() == list(range(1, 201))


def test_a_stop_ends_the_run(make, rita):
    run = make(steps=500, step_seconds=0.02)
    thread = meanwhile(lambda: (wait_for_step(run, 3), runs.stop_run(Run.objects.get(pk=run.pk), by=rita)))
    execute(run)
    thread.join()
    assert run.state == "stopped"
    assert run.finished_at is not None


def test_an_engine_that_does_not_listen_is_ended(make, rita, settings):
    settings.TRAINING = settings.TRAINING | {"stop_patience_seconds": 0.2}
    run = make(steps=5, step_seconds=60)
    thread = meanwhile(lambda: (time.sleep(0.5), runs.stop_run(Run.objects.get(pk=run.pk), by=rita)))
    started = time.monotonic()
    execute(run)
    thread.join()
    assert run.state == "stopped"
    assert time.monotonic() - started < 20


def test_a_killed_engine_is_started_again_from_its_checkpoint(make):
    run = execute(make(die_at=[7, 12]))
    assert (run.state, run.crashes, run.attempt) == ("queued", 1, 1)
    execute(run)
    assert run.state == "queued"
    execute(run)
    assert (run.state, run.attempt) == ("succeeded", 3)
    assert losses(run).steps.tolist() == list(range(1, 21))
    assert losses(run).values.tolist() == [1 / step for step in range(1, 21)]


def test_dying_again_and_again_without_a_checkpoint_is_a_failure_with_advice(make, settings, monkeypatch):
    settings.TRAINING = settings.TRAINING | {"crash_limit": 2}
    run = make(save_steps=100, die_at=[3])
    for _ in range(3):
        for mark in attempts.folder_of(run).glob("died-*"):
            mark.unlink()
        execute(run)
    assert run.state == "failed"
    assert run.error_kind == "crash"
    assert "3 times" in run.error
    assert "signal 9" in run.error


def test_a_worker_that_leaves_hands_its_run_back(make):
    run = make(steps=500, save_steps=1000, step_seconds=0.02)
    thread = meanwhile(lambda: (wait_for_step(run, 3), workers.leaving.set()))
    try:
        execute(run)
    finally:
        workers.leaving.clear()
    thread.join()
    assert run.state == "queued"
    assert run.crashes == 0
    assert run.checkpoints.count() == 1


def test_a_superseded_attempt_ends_without_a_word(make):
    run = make(steps=500, step_seconds=0.02)

    def take_over():
        wait_for_step(run, 3)
        Run.objects.filter(pk=run.pk).update(state="queued", attempt_token=None)
        attempts.claim(run.pk, worker="other")

    thread = meanwhile(take_over)
    execute(run)
    thread.join()
    run.refresh_from_db()
    assert (run.state, run.worker, run.attempt) == ("starting", "other", 2)


def test_nothing_of_the_site_reaches_the_engines_environment(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://secret")
    monkeypatch.setenv("PLUMBLINE_SECRET_KEY", "secret")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    seen = launcher.environment(token="t", threads=3)
    assert "secret" not in str(seen)
    assert seen["CUDA_VISIBLE_DEVICES"] == "1"
    assert (seen["OMP_NUM_THREADS"], seen["PLUMBLINE_ATTEMPT"]) == ("3", "t")
    assert seen["MALLOC_MMAP_THRESHOLD_"] == "4294967296"  # glibc reads "4G" as four bytes


def test_with_a_full_disk_the_run_waits(make, settings):
    settings.TRAINING = settings.TRAINING | {"disk_floor_bytes": 10**18}
    assert execute(make()).state == "queued"


def test_a_run_directory_that_cannot_be_written_is_said_in_words(make, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(launcher, "write_whole", full)
    run = execute(make())
    assert (run.state, run.error_kind) == ("failed", "disk")
    assert "No space left on device" in run.error
    assert "resume" in run.error


def test_a_model_folder_that_is_gone_is_said_at_once(make, tmp_path):
    run = make()
    run.spec["model"]["path"] = str(tmp_path / "gone")
    run.save()
    execute(run)
    assert (run.state, run.error_kind) == ("failed", "model")
    assert str(tmp_path / "gone") in run.error


def test_a_run_whose_end_was_never_recorded_is_recorded_by_the_next_attempt(make, monkeypatch):
    """The supervisor died between the last event and its record; the engine has nothing more to say."""
    run = make()
    monkeypatch.setattr(supervision, "_conclude", lambda *_: None)
    execute(run)
    assert run.ending["outcome"] == "succeeded"
    Run.objects.filter(pk=run.pk).update(state="queued", attempt_token=None)
    monkeypatch.undo()
    monkeypatch.setattr(launcher, "PROGRAM", (sys.executable, "-c", "pass"))
    execute(run)
    assert (run.state, run.attempt) == ("succeeded", 2)
