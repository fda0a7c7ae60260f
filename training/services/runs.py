"""What people do with runs: create, stop, pause, resume, clone. Every move asks training/states.py."""

import logging
import uuid

from django.db import transaction
from django.utils import timezone

from alignment_site.celery import enqueue
from annotation.errors import Refused
from annotation.services.audit import record
from training.models import Checkpoint, Run
from training.services import specs
from training.states import HELD, RunState, sources_of

logger = logging.getLogger(__name__)

QUEUES = ("cpu", "gpu")
WORDS = {RunState.SUCCEEDED: "finished", RunState.STARTING: "starting"}


@transaction.atomic
def create_run(
    project,
    *,
    by,
    name: str,
    method: str,
    settings: dict,
    training: dict,
    snapshot,
    start,
    rewards=(),
    seed: int = 42,
    prompts=None,
    reference=None,
    queue: str = "cpu",
    cloned_from: Run | None = None,
) -> Run:
    """A queued run. `rewards` are {checkpoint or verifier, weight, name}. Enqueues `training.execute_run`.

    Raises Refused with every problem and its path if the spec is not whole or the name is taken.
    """
    if queue not in QUEUES:
        raise Refused("There is no such queue.", problems=[{"path": "queue", "message": "must be cpu or gpu"}])
    if Run.objects.filter(project=project, name=name).exists():
        message = f"is taken: this project has a run {name}. Choose another, for instance {free_name(project, name)}."
        raise Refused("The name is taken.", code="name_taken", problems=[{"path": "name", "message": message}])
    uid = uuid.uuid4()
    document = specs.build(
        uid=uid.hex,
        name=name,
        method=method,
        settings=settings,
        training=training,
        snapshot=snapshot,
        start=start,
        rewards=rewards,
        seed=seed,
        prompts=prompts,
        reference=reference,
    )
    run = Run.objects.create(
        uid=uid,
        project=project,
        name=name,
        method=method,
        spec=document,
        snapshot=snapshot,
        start=start,
        seed=seed,
        queue=queue,
        cloned_from=cloned_from,
        created_by=by,
        total_steps=max(0, document["training"]["max_steps"]),
    )
    run.rewarded_by.set([reward["checkpoint"] for reward in rewards if reward.get("checkpoint")])
    after = {"method": method, "settings": settings, "snapshot": getattr(snapshot, "name", "")}
    record(project, by=by, action="run.create", target=run, after=after)
    enqueue("training.execute_run", queue=queue, run_id=run.pk)
    logger.info("run %s (%s): created by %s", run.pk, name, by)
    return run


def free_name(project, wished: str) -> str:
    """`wished` with the first number that no run of the project has."""
    stem = wished.rstrip("0123456789").rstrip("-") or wished
    taken = set(Run.objects.filter(project=project, name__startswith=stem).values_list("name", flat=True))
    number = 1
    while f"{stem}-{number}" in taken:
        number += 1
    return f"{stem}-{number}"


@transaction.atomic
def stop_run(run: Run, *, by) -> Run:
    """A held run finishes its step, writes a checkpoint and ends; a waiting one ends at once."""
    return _wish(run, held=RunState.STOPPING, waiting=RunState.STOPPED, verb="stopped", by=by)


@transaction.atomic
def pause_run(run: Run, *, by) -> Run:
    """As stop, but meant to go on: the run leaves its worker and stays resumable in one click."""
    return _wish(run, held=RunState.PAUSING, waiting=RunState.PAUSED, verb="paused", by=by)


@transaction.atomic
def resume_run(run: Run, *, by) -> Run:
    """Back into the queue; the next attempt goes on from the newest checkpoint. Enqueues `training.execute_run`."""
    moved = Run.objects.filter(pk=run.pk, state__in=[RunState.PAUSED, RunState.STOPPED, RunState.FAILED]).update(
        state=RunState.QUEUED, error="", error_kind="", finished_at=None, crashes=0, worker="", pid=None
    )
    if not moved:
        raise _refused(run, "resumed")
    enqueue("training.execute_run", queue=run.queue, run_id=run.pk)
    record(run.project_id, by=by, action="run.resume", target=run)
    logger.info("run %s (%s): resumed by %s", run.pk, run.name, by)
    run.refresh_from_db()
    return run


def clone_arguments(run: Run) -> dict:
    """What `create_run` was called with, to start from: settings, rows and a free name."""
    spec = run.spec
    by_path = {checkpoint.path: checkpoint for checkpoint in run.rewarded_by.all()}
    return {
        "name": free_name(run.project, run.name),
        "method": run.method,
        "settings": dict(spec["settings"]),
        "training": dict(spec["training"]),
        "snapshot": run.snapshot,
        "start": run.start,
        "rewards": [_reward_row(reward, by_path) for reward in spec["rewards"]],
        "seed": run.seed,
        "queue": run.queue,
        "prompts": _snapshot_at(run.project, spec["prompts"]),
        "reference": _checkpoint_at(run.project, spec["reference"]),
    }


@transaction.atomic
def clone_run(run: Run, *, by, **changes) -> Run:
    """A new run with the same arguments but for `changes` (settings and training are merged key by key)."""
    arguments = clone_arguments(run)
    for key in ("settings", "training"):
        arguments[key] |= changes.pop(key, {})
    return create_run(run.project, by=by, cloned_from=run, **arguments | changes)


def _reward_row(reward: dict, by_path: dict) -> dict:
    row = {"name": reward["name"], "weight": reward["weight"]}
    if reward["kind"] == "model":
        return row | {"checkpoint": by_path[reward["path"]]}
    return row | {"verifier": reward["verifier"]}


def _snapshot_at(project, data: dict | None):
    return project.snapshots.filter(sha256=data["sha256"], path=data["path"]).first() if data else None


def _checkpoint_at(project, model: dict | None):
    return Checkpoint.objects.filter(project=project, path=model["path"]).first() if model else None


_ACTIONS = {"stopped": "stop", "paused": "pause"}


def _wish(run: Run, *, held: RunState, waiting: RunState, verb: str, by) -> Run:
    """Move to the state that asks a worker, or straight to the end where no worker has the run."""
    now = timezone.now()
    asked = Run.objects.filter(pk=run.pk, state__in=sources_of(held) & HELD).update(state=held)
    if not asked:
        idle = sources_of(waiting) - HELD
        finished = {"finished_at": now} if waiting == RunState.STOPPED else {}
        asked = Run.objects.filter(pk=run.pk, state__in=idle).update(state=waiting, **finished)
    if not asked:
        raise _refused(run, verb)
    record(run.project_id, by=by, action=f"run.{_ACTIONS[verb]}", target=run)
    logger.info("run %s (%s): %s by %s", run.pk, run.name, verb, by)
    run.refresh_from_db()
    return run


def _refused(run: Run, verb: str) -> Refused:
    state = Run.objects.values_list("state", flat=True).get(pk=run.pk)
    return Refused(f"{run.name} is {WORDS.get(state, state)}: it cannot be {verb}.", code="wrong_state", status=409)
