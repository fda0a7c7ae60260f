"""Weights with a past: stored from a run's events, or registered from a folder or hub name."""

import logging
import re
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from annotation.errors import Refused
from annotation.models import Source
from annotation.services.audit import record
from training.models import Checkpoint, Run

logger = logging.getLogger(__name__)

HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*\Z")


@transaction.atomic
def store(run: Run, event: dict) -> Checkpoint:
    """The row of a checkpoint a run has saved. The same step again (after a rewind) overwrites its own row."""
    path = Path(settings.RUN_DIR) / run.uid.hex / event["path"]
    checkpoint, _ = Checkpoint.objects.update_or_create(
        run=run,
        step=event["step"],
        kind=event["kind"],
        defaults={
            "project": run.project,
            "name": f"{run.name} at {event['step']:,}",
            "seq": event["seq"],
            "path": str(path),
            "size_bytes": event["size_bytes"],
            "meta": {"sha256": event["sha256"], "metrics": event.get("metrics", {}), "method": run.method},
            "final": event.get("final", False),
        },
    )
    _give_source(checkpoint)
    return checkpoint


@transaction.atomic
def register_model(project, *, by, name: str, path: str, kind: str = Checkpoint.Kind.POLICY) -> Checkpoint:
    """A model from outside: a folder on this machine with safetensors weights, or a hub name.

    Raises Refused if the folder is not a model, or holds only pickled weights.
    """
    name, path = name.strip(), path.strip()
    problems = []
    if not name:
        problems.append({"path": "name", "message": "Give it a name; people choose it by that."})
    elif Checkpoint.objects.filter(project=project, name=name).exists():
        problems.append({"path": "name", "message": f"{name} is taken in this project. Choose another name."})
    size, trouble = _look_at(path)
    if trouble:
        problems.append({"path": "path", "message": trouble})
    if problems:
        raise Refused(problems[0]["message"], code="model", problems=problems)
    path = str(Path(path).expanduser().resolve()) if size is not None else path
    checkpoint = Checkpoint.objects.create(
        project=project, kind=kind, name=name, path=path, size_bytes=size or 0, final=True
    )
    _give_source(checkpoint)
    record(project, by=by, action="checkpoint.register", target=checkpoint, after={"path": path, "kind": str(kind)})
    logger.info("checkpoint %s (%s): registered by %s", checkpoint.pk, name, by)
    return checkpoint


@transaction.atomic
def promote(checkpoint: Checkpoint, *, by) -> Checkpoint:
    """Marked as one to build on: offered first, and never cleared away."""
    checkpoint.promoted_at = checkpoint.promoted_at or timezone.now()
    checkpoint.save(update_fields=["promoted_at"])
    record(checkpoint.project_id, by=by, action="checkpoint.promote", target=checkpoint)
    logger.info("checkpoint %s (%s): promoted by %s", checkpoint.pk, checkpoint.name, by)
    return checkpoint


@transaction.atomic
def demote(checkpoint: Checkpoint, *, by) -> Checkpoint:
    checkpoint.promoted_at = None
    checkpoint.save(update_fields=["promoted_at"])
    record(checkpoint.project_id, by=by, action="checkpoint.demote", target=checkpoint)
    logger.info("checkpoint %s (%s): promotion withdrawn by %s", checkpoint.pk, checkpoint.name, by)
    return checkpoint


def _give_source(checkpoint: Checkpoint) -> None:
    """A policy signs the completions it writes: its Source, made once and renamed with it."""
    if checkpoint.kind != Checkpoint.Kind.POLICY or checkpoint.source_id:
        return
    checkpoint.source = Source.objects.get_or_create(
        project=checkpoint.project,
        kind=Source.Kind.MODEL,
        key=f"checkpoint:{checkpoint.uid}",
        defaults={"name": checkpoint.name},
    )[0]
    checkpoint.save(update_fields=["source"])


def _look_at(path: str) -> tuple[int | None, str]:
    """(bytes of the weights, nothing) for a model folder, (None, nothing) for a hub name, else what is wrong."""
    folder = Path(path).expanduser()
    if not path:
        return None, "Name a folder on the server, or a model on the hub, for instance Qwen/Qwen3-0.6B."
    if not folder.is_dir():
        if HUB_NAME.match(path):
            return None, ""
        return None, f"There is no folder {path} on the server, and it does not look like a hub name (owner/model)."
    if not (folder / "config.json").exists():
        return None, f"{path} holds no config.json, so it is not a model folder."
    weights = sorted(folder.glob("*.safetensors"))
    if not weights:
        pickled = any(folder.glob("*.bin")) or any(folder.glob("*.pt"))
        advice = "Only pickled weights are there, which can run code when read. " if pickled else ""
        return None, f"{path} holds no *.safetensors file. {advice}Save it with safe_serialization=True."
    return sum(file.stat().st_size for file in weights), ""
