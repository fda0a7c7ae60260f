"""A killed run goes on as if nothing had happened: same curves, same samples, same weights, to the last bit."""

import os
import random
import signal
import subprocess
import sys
import time

import pytest

from tests.engine import tiny
from tests.engine.reading import curves, events, weights
from training.engine import checkpoints
from training.engine.attempt import train
from training.engine.events import read_events

CASES = {
    "sft": {},
    "reward_bt": {},
    "dpo": {"gradient_accumulation_steps": 2},
    # the pause falls into the middle of a rollout, which serves two steps
    "grpo": {
        "settings": {"num_generations": 4, "num_iterations": 2, "max_completion_length": 6},
        "per_device_train_batch_size": 8,
        "gradient_accumulation_steps": 2,
    },
}


def options_of(method, tiny_reward, **more):
    rewards = [{"name": "rm", "kind": "model", "path": str(tiny_reward)}] if method == "grpo" else []
    return {**CASES[method], "rewards": rewards, **more}


def start(directory, **variables):
    with (directory / "engine.log").open("a") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "training.engine", "train", str(directory)],
            stdout=subprocess.DEVNULL,
            stderr=log,
            env={**os.environ, **variables},
        )


@pytest.mark.parametrize("method", CASES)
def test_interrupted_at_any_checkpoint(method, tmp_path, tiny_model, tiny_reward):
    """In one process: pause after each checkpoint and go on."""
    options = options_of(method, tiny_reward, max_steps=7, save_steps=3, logging_steps=2)
    whole = tiny.run_directory(tmp_path / "whole", method, tiny_model, **options)
    parts = tiny.run_directory(tmp_path / "parts", method, tiny_model, **options)
    assert train(whole) == 0
    (parts / "stop").write_text("pause")
    for _part in range(6):
        assert train(parts) == 0
    assert events(parts)[-1]["outcome"] == "paused"
    (parts / "stop").unlink()
    assert train(parts) == 0
    assert events(parts)[-1]["outcome"] == "succeeded"
    assert curves(parts) == curves(whole)
    assert weights(parts)[-1] == weights(whole)[-1]


@pytest.mark.fault
@pytest.mark.parametrize("method", ["dpo", "grpo"])
def test_killed_at_random_steps(method, tmp_path, tiny_model, tiny_reward):
    """In a child that meets SIGKILL wherever it happens to be; one method for each kind of loop."""
    options = options_of(method, tiny_reward, max_steps=60, save_steps=5, sample_prompts=1)
    whole = tiny.run_directory(tmp_path / "whole", method, tiny_model, **options)
    killed = tiny.run_directory(tmp_path / "killed", method, tiny_model, **options)
    assert train(whole) == 0
    chance = random.Random(3)
    for aim in (7, 24, 41):
        child = start(killed)
        while child.poll() is None and not any(event["step"] >= aim for event in events(killed, "metrics")):
            time.sleep(0.005)
        time.sleep(chance.random() * 0.05)
        child.send_signal(signal.SIGKILL)
        child.wait()
    assert start(killed).wait() == 0
    assert any(event["type"] == "rewound" for event in written(killed))
    assert curves(killed) == curves(whole)
    assert weights(killed) == weights(whole)
    assert len(set(weights(whole))) == 12, "every checkpoint differs: something was learnt"


def written(directory):
    """With what was declared void."""
    return list(read_events(directory / "events.jsonl"))


def test_an_event_lost_between_checkpoint_and_telling(tmp_path, tiny_model):
    directory = tiny.run_directory(tmp_path, "sft", tiny_model)
    assert train(directory) == 0
    path = directory / "events.jsonl"
    lines = path.read_text().splitlines(keepends=True)
    cut = next(index for index, line in enumerate(lines) if '"type":"checkpoint"' in line and '"final":true' in line)
    path.write_text("".join(lines[:cut]))
    assert train(directory) == 0
    told = [event for event in events(directory, "checkpoint") if event["final"]]
    assert [event["seq"] for event in told] == [cut]
    assert not any(event["type"] == "rewound" for event in written(directory))


def test_delivered_twice_is_a_no_op(tmp_path, tiny_model):
    directory = tiny.run_directory(tmp_path, "sft", tiny_model)
    assert train(directory) == 0
    before = (directory / "events.jsonl").read_bytes()
    assert train(directory) == 0
    assert (directory / "events.jsonl").read_bytes() == before


def test_a_newer_attempt_takes_over(tmp_path, tiny_model):
    """The older engine stops at its next step and writes nothing more."""
    directory = tiny.run_directory(tmp_path, "sft", tiny_model, max_steps=100_000, save_steps=0, sample_prompts=0)
    (directory / "attempt").write_text("one")
    older = start(directory, PLUMBLINE_ATTEMPT="one")
    while not events(directory, "metrics"):
        time.sleep(0.01)
    (directory / "attempt").write_text("two")
    (directory / "stop").write_text("stop")
    assert train(directory, "two") == 0
    assert older.wait(timeout=10) == 3
    attempts = [event["attempt"] for event in events(directory, "started")]
    assert attempts == ["one", "two"]
    assert train(directory, "one") == 3


def test_dies_with_its_parent(tmp_path, tiny_model):
    directory = tiny.run_directory(tmp_path, "sft", tiny_model, max_steps=100_000, save_steps=0, sample_prompts=0)
    script = (
        "import os, subprocess, sys, time\n"
        "os.environ['PLUMBLINE_ATTEMPT'] = ''\n"
        f"subprocess.Popen([sys.executable, '-m', 'training.engine', 'train', {str(directory)!r}])\n"
        "time.sleep(600)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script])
    while not events(directory, "metrics"):
        time.sleep(0.01)
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    time.sleep(0.3)
    size = (directory / "events.jsonl").stat().st_size
    time.sleep(0.3)
    assert (directory / "events.jsonl").stat().st_size == size


def test_sigterm_pauses(tmp_path, tiny_model):
    directory = tiny.run_directory(tmp_path, "sft", tiny_model, max_steps=100_000, save_steps=0, sample_prompts=0)
    child = start(directory)
    while not events(directory, "metrics"):
        time.sleep(0.01)
    child.send_signal(signal.SIGTERM)
    assert child.wait(timeout=20) == 0
    assert events(directory)[-1]["outcome"] == "paused"


def test_state_stays_with_the_newest_two(tmp_path, tiny_model):
    directory = tiny.run_directory(tmp_path, "sft", tiny_model, max_steps=8, save_steps=2)
    assert train(directory) == 0
    folders = sorted((directory / "checkpoints").iterdir())
    assert [folder.name for folder in folders] == ["step-000002", "step-000004", "step-000006", "step-000008"]
    assert [(folder / checkpoints.STATE).exists() for folder in folders] == [False, False, True, True]
    assert all((folder / checkpoints.WEIGHTS).exists() for folder in folders)
    assert not any(path.suffix in (".pt", ".bin", ".pkl") for folder in folders for path in folder.iterdir())
