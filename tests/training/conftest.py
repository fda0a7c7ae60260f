"""A run with a past: what its page shows, as the engine would have written it."""

import uuid

import pytest
from django.utils import timezone

from tests.factories import make_checkpoint, make_run, make_snapshot
from tests.training.event_files import EventFile
from training import catalogue
from training.services import events


@pytest.fixture
def spoken(project, home):
    """`spoken(steps=30, ...)`: a GRPO run that logged so many steps, with samples, a checkpoint and its file."""

    def make(*, steps: int = 30, state: str = "running", **fields):
        method = catalogue.method("grpo")
        reward = make_checkpoint(project, kind="reward", name=f"rm-{uuid.uuid4().hex[:4]}")
        run = make_run(
            project,
            method="grpo",
            snapshot=fields.pop("snapshot", None) or make_snapshot(project, format="prompt_only"),
            state="starting",
            attempt_token=uuid.uuid4(),
            heartbeat_at=timezone.now(),
            worker="gpu@box",
            **fields,
        )
        run.spec |= {
            "settings": {row["name"]: row["default"] for row in method["settings"]},
            "training": {row["name"]: row["default"] for row in catalogue.training_settings()} | {"kl_budget": 8.0},
            "rewards": [{"name": "rm", "kind": "model", "path": reward.path, "weight": 1.0}],
            "prompts": None,
            "reference": None,
        }
        run.save()
        run.rewarded_by.add(reward)
        file = EventFile(run)
        file.started(total_steps=100)
        for step in range(1, steps + 1):
            log(file, step)
        if steps >= 20:
            file.checkpoint(20)
        events.ingest(run.pk)
        run.refresh_from_db()
        if state != "running":
            run.state, run.attempt_token = state, None
            run.save()
        run.file = file
        return run

    return make


def log(file: EventFile, step: int) -> None:
    """One step of a quiet run."""
    file.metrics(
        step,
        reward=0.1 * step,
        reward_std=0.5,
        rewards__rm__mean=0.1 * step,
        objective__kl=0.05 * step,
        loss=1.0 / step,
        completions__mean_length=20.0,
        num_tokens=100.0 * step,
        step_time=0.5,
    )
    if step % 10 == 0:
        for index in range(2):
            file.sample(step, index, completion=f"reply {index} at {step}", total=step / 10, rm=step / 10)
