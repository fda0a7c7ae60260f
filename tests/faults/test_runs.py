"""Kill what trains, at any moment: nothing is lost, nothing doubled, and the curve is the one it would have been."""

import json
import os
import random
import shutil
import signal

import pytest

from tests.faults.processes import alive, wait_for
from training import chunks
from training.engine.metrics import WALL_CLOCK
from training.models import MetricChunk
from training.services.attempts import folder_of

pytestmark = [pytest.mark.fault, pytest.mark.services, pytest.mark.django_db(transaction=True)]


def stored(run) -> dict[str, list[tuple[float, float]]]:
    """Every point in the database, but for what a clock measured."""
    curves: dict[str, list] = {}
    for row in MetricChunk.objects.filter(run=run).order_by("key", "index"):
        points = chunks.unpack(row.points)
        curves.setdefault(row.key, []).extend(zip(points.steps.tolist(), points.values.tolist(), strict=True))
    return {key: points for key, points in curves.items() if key.removeprefix("eval_") not in WALL_CLOCK}


def logged(events) -> dict[str, list[tuple[float, float]]]:
    curves: dict[str, list] = {}
    for event in events:
        if event["type"] == "metrics":
            for key, value in event["values"].items():
                curves.setdefault(key, []).append((float(event["step"]), float(value)))
    return {key: points for key, points in curves.items() if key.removeprefix("eval_") not in WALL_CLOCK}


def assert_as_if_nothing_had_happened(run, events) -> None:
    """Curves, samples and checkpoints equal those of the undisturbed run to the last digit."""
    assert stored(run) == logged(events)
    wanted = {
        (e["step"], e["index"], e["completion"].replace("\x00", "\N{REPLACEMENT CHARACTER}"))
        for e in events
        if e["type"] == "sample"
    }
    assert set(run.samples.values_list("step", "prompt_index", "completion")) == wanted
    saved = {(e["step"], e["sha256"]) for e in events if e["type"] == "checkpoint"}
    assert {(c.step, c.meta["sha256"]) for c in run.checkpoints.all()} == saved
    assert run.checkpoints.count() == len(saved)


def assert_one_writer_at_a_time(run) -> None:
    """Sequence numbers of the file run without a gap or a repeat: no orphan wrote beside its successor."""
    lines = (folder_of(run) / "events.jsonl").read_text().splitlines()
    assert [json.loads(line)["seq"] for line in lines] == list(range(len(lines)))
    assert run.event_seq == len(lines) - 1


@pytest.mark.parametrize("method", ["dpo", "grpo"])
def test_the_engine_is_killed_at_random_steps(site, launch, undisturbed, method):
    run = launch(method)
    site.start("light", bell=True)
    site.start("cpu")
    rng = random.Random(method)
    for after in sorted(rng.sample(range(2, 16), 2)):
        wait_for(site, run, lambda run, after=after: run.step >= after and run.pid, what=f"step {after}")
        os.kill(run.pid, signal.SIGKILL)
        killed = run.attempt
        wait_for(site, run, lambda run, killed=killed: run.attempt > killed, what="the next attempt")
    wait_for(site, run, lambda run: run.state == "succeeded", what="the end")
    assert run.attempt == 3
    assert_one_writer_at_a_time(run)
    assert_as_if_nothing_had_happened(run, undisturbed(run))


def test_the_worker_is_killed_and_its_orphan_writes_no_more(site, launch, undisturbed):
    run = launch("dpo")
    site.start("light", bell=True)
    site.start("cpu", name="first")
    wait_for(site, run, lambda run: run.step >= 7 and run.pid, what="step 7")
    orphan = run.pid
    site.kill("first")
    site.start("cpu", name="second")
    wait_for(site, run, lambda run: run.worker.startswith("second"), what="the second worker")
    assert not alive(orphan)
    wait_for(site, run, lambda run: run.state == "succeeded", what="the end")
    assert run.alerts.filter(kind="silent").count() == 1
    assert run.alerts.get(kind="silent").cleared_at is not None
    assert_one_writer_at_a_time(run)
    assert_as_if_nothing_had_happened(run, undisturbed(run))


def test_a_worker_hangs_and_comes_back_when_another_has_its_run(site, launch, undisturbed):
    """Nothing dies here: only the token in the run directory tells the old engine, and later its worker, to stop."""
    run = launch("dpo", max_steps=60, sample_steps=1, sample_prompts=8, sample_length=64)
    site.start("light", bell=True)
    site.start("cpu", name="first")
    wait_for(site, run, lambda run: run.step >= 3 and run.pid, what="step 3")
    hung = run.pid
    site.freeze("first")
    site.start("cpu", name="second")
    wait_for(site, run, lambda run: run.worker.startswith("second") and run.pid, what="the second worker")
    wait_for(site, run, lambda _: not alive(hung), what="the end of the first engine", seconds=60)
    site.thaw("first")
    wait_for(site, run, lambda run: run.state == "succeeded", what="the end")
    assert (run.attempt, run.worker.split("@")[0]) == (2, "second")
    assert_one_writer_at_a_time(run)
    assert_as_if_nothing_had_happened(run, undisturbed(run))


def test_the_broker_goes_and_comes_back(site, broker, launch, undisturbed):
    first = launch("dpo")
    site.start("light", bell=True)
    site.start("cpu")
    wait_for(site, first, lambda run: run.step >= 5, what="step 5")
    if broker:
        broker.stop()
    else:
        for folder in ("queue", "control", "processed"):  # every message that waits is lost
            shutil.rmtree(site.home / "broker" / folder)
            (site.home / "broker" / folder).mkdir()
    second = launch("dpo")
    wait_for(site, first, lambda run: run.state == "succeeded", what="the end of the first, without a broker")
    if broker:
        second.refresh_from_db()
        assert second.state == "queued"
        broker.start()
    wait_for(site, second, lambda run: run.state == "succeeded", what="the end of the second")
    assert (first.attempt, second.attempt) == (1, 1)
    for run in (first, second):
        assert_one_writer_at_a_time(run)
    assert_as_if_nothing_had_happened(first, undisturbed(first))
    assert stored(second) == stored(first)


def test_everything_is_killed_at_once_and_started_again(site, launch, undisturbed):
    run = launch("grpo")
    site.start("light", bell=True)
    site.start("cpu")
    wait_for(site, run, lambda run: run.step >= 9, what="step 9")
    site.end()
    wait_for(site, run, lambda run: not alive(run.pid), what="the end of the engine", seconds=20)
    site.start("light", bell=True)
    site.start("cpu")
    wait_for(site, run, lambda run: run.state == "succeeded", what="the end")
    assert run.attempt == 2
    assert_one_writer_at_a_time(run)
    assert_as_if_nothing_had_happened(run, undisturbed(run))
