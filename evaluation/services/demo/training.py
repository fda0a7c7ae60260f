"""The demo's frozen snapshots, its starting model, and the runs that the first start launches."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import User

from annotation.models import Project, Snapshot
from annotation.services.snapshots import create_snapshot, freeze
from training import catalogue
from training.models import Checkpoint, Run
from training.services.checkpoints import register_model
from training.services.runs import create_run

TINY = Path("training") / "tiny" / "model"
TINY_NAME = "tiny"
PAIRS, CHECKABLE = "orchard-pairs-1", "checkable-1"
PRESET = "tiny"
VERIFIER = "gsm8k"  # reads the last number of a reply: "That makes 12 pots." ends with a word


def freeze_snapshots(project: Project, *, by: User) -> dict[str, Snapshot]:
    """The checkable prompts, and the simulated judgments as pairs (three people a pair: their mean decides)."""
    wanted = {
        CHECKABLE: ("prompt_only", {"prompt_sets": ["checkable"]}, {}),
        PAIRS: ("preference", {"rater_kinds": ["simulated"]}, {"several": "mean"}),
    }
    found = {row.name: row for row in project.snapshots.filter(name__in=wanted)}
    for name, (form, filters, policy) in wanted.items():
        if name not in found:
            found[name] = create_snapshot(project, by=by, name=name, format=form, filters=filters, policy=policy)
        if found[name].state == Snapshot.State.QUEUED:
            freeze(found[name].pk)  # here and not by a worker, which does not run yet
            found[name].refresh_from_db()
    return found


def register_tiny(project: Project, *, by: User) -> Checkpoint:
    """The shipped model. Its folder moves with the program, so that the path is looked at on every start."""
    path = str((settings.BASE_DIR / TINY).resolve())
    model = Checkpoint.objects.filter(project=project, name=TINY_NAME, run=None).first()
    if model is None:
        return register_model(project, by=by, name=TINY_NAME, path=path)
    if model.path != path:
        Checkpoint.objects.filter(pk=model.pk).update(path=path)
        model.path = path
    return model


def launch_runs(project: Project, *, by: User, snapshots: dict[str, Snapshot], model: Checkpoint) -> list[Run]:
    """One short run a method that needs no other run's result, in the order of the loop. Only those never launched.

    Each in a transaction of its own: the broker keeps the order of commits.
    """
    launch = _launcher(project, by=by, model=model)
    wanted = {
        "rm-1": partial(launch, method="reward_bt", snapshot=snapshots[PAIRS], steps=120),
        "dpo-1": partial(launch, method="dpo", snapshot=snapshots[PAIRS], steps=120),
        "grpo-1": partial(
            launch, method="grpo", snapshot=snapshots[CHECKABLE], steps=80, rewards=[{"verifier": VERIFIER}]
        ),
    }
    there = set(project.runs.filter(name__in=wanted).values_list("name", flat=True))
    return [start(name) for name, start in wanted.items() if name not in there]


def _launcher(project: Project, *, by: User, model: Checkpoint) -> Callable[..., Run]:
    def launch(name: str, *, method: str, snapshot: Snapshot, steps: int, rewards=()) -> Run:
        preset = catalogue.method(method)["presets"][PRESET]
        return create_run(
            project,
            by=by,
            name=name,
            method=method,
            settings=preset["settings"],
            training=preset["training"] | {"max_steps": steps, "save_steps": steps // 2},
            snapshot=snapshot,
            start=model,
            rewards=rewards,
        )

    return launch
