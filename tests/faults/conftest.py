"""Sites that may be killed, and what a run would have been had nothing happened."""

import json
import subprocess
import sys

import pytest
from django.db import connection

from tests import need
from tests.engine import tiny
from tests.factories import make_checkpoint, make_snapshot
from tests.faults.processes import ROOT, Site
from training.services import attempts, runs

STEPS = 40
TRAINING = {
    "max_steps": STEPS,
    "per_device_train_batch_size": 8,
    "learning_rate": 1e-3,
    "logging_steps": 1,
    "save_steps": 5,
    "sample_prompts": 2,
    "sample_steps": 5,
    "sample_length": 8,
    "max_length": 64,
    "threads": 1,
    "device": "cpu",
}
SETTINGS = {"dpo": {"beta": 0.1}, "grpo": {"num_generations": 4, "num_iterations": 2, "max_completion_length": 6}}


@pytest.fixture
def broker(request):
    """SQLite goes with the filesystem broker, PostgreSQL with a Redis of this test's own."""
    if connection.vendor == "sqlite":
        return None
    need.redis_server()
    return request.getfixturevalue("own_redis")


@pytest.fixture
def site(home, broker, transactional_db):
    made = Site(home, broker.url if broker else "filesystem://")
    yield made
    made.end()


@pytest.fixture
def launch(project, rita, home, tiny_model, monkeypatch):
    """`launch("dpo")`: a queued run of forty steps on a tiny model; nobody is told but by the bell."""
    monkeypatch.setattr(runs, "enqueue", lambda *_, **__: None)
    monkeypatch.setattr(attempts, "enqueue", lambda *_, **__: None)

    def make(method: str, **training):
        form, rows = tiny.ROWS[method]
        data = tiny.snapshot(home / f"data-{method}", {"train": rows(24), "validation": rows(8, 1000)})
        return runs.create_run(
            project,
            by=rita,
            name=runs.free_name(project, f"{method}-1"),
            method=method,
            settings=SETTINGS[method],
            training=TRAINING | training,
            snapshot=make_snapshot(project, format=form, **data),
            start=make_checkpoint(project, path=str(tiny_model)),
            rewards=[{"verifier": "exact_answer"}] if method == "grpo" else [],
        )

    return make


@pytest.fixture
def undisturbed(home):
    """`undisturbed(run)`: the events of the same spec, trained by hand in one go."""

    def train(run) -> list[dict]:
        folder = home / "by-hand"
        folder.mkdir()
        (folder / "spec.json").write_text(json.dumps(run.spec))
        command = [sys.executable, "-m", "training.engine", "train", str(folder)]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=300)
        return [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]

    return train


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory):
    return tiny.model_folder(tmp_path_factory.mktemp("models") / "tiny")
