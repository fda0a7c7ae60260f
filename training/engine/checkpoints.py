"""Checkpoints: written whole or not at all, found again, thinned out. Safetensors and JSON, never pickle.

A folder is made under a temporary name, synced and renamed, so one that has its name is complete. The optimiser's
state stays with the newest two; weights stay (the site decides which of them nobody needs).
"""

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from training.engine.chat import Encoder
from training.engine.errors import EngineError
from training.engine.nets.folders import parameters

STATES_KEPT = 2
MARGIN_BYTES = 64 * 2**20
WEIGHTS, STATE, STATE_JSON, META = "model.safetensors", "state.safetensors", "state.json", "meta.json"


def name_of(step: int) -> str:
    return f"step-{step:06d}"


def newest(folder: Path) -> Path | None:
    """The newest complete checkpoint that can be resumed from."""
    found = sorted(path for path in Path(folder).glob("step-*") if (path / STATE_JSON).is_file())
    return found[-1] if found else None


def save(
    folder: Path,
    step: int,
    model: nn.Module,
    encoder: Encoder,
    tensors: Mapping[str, Tensor],
    plain: Mapping[str, Any],
    meta: Mapping[str, Any],
) -> Path:
    """The finished folder. Checks for room first: half a checkpoint on a full disk helps nobody."""
    folder.mkdir(parents=True, exist_ok=True)
    check_room(folder, model)
    temporary = folder / f".tmp-{name_of(step)}"
    shutil.rmtree(temporary, ignore_errors=True)
    model.save_pretrained(temporary, safe_serialization=True, max_shard_size="1000GB")
    encoder.tokenizer.save_pretrained(temporary)
    save_file(dict(tensors), temporary / STATE)
    _write_json(temporary / STATE_JSON, plain)
    _write_json(temporary / META, meta)
    for path in [*temporary.iterdir(), temporary]:
        _sync(path)
    final = folder / name_of(step)
    shutil.rmtree(final, ignore_errors=True)  # steps that come again after a kill
    os.replace(temporary, final)
    _sync(folder)
    return final


def load_state(checkpoint: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    return load_file(checkpoint / STATE), json.loads((checkpoint / STATE_JSON).read_text(encoding="utf-8"))


def thin(folder: Path) -> None:
    """Takes the resuming state from all but the newest."""
    for path in sorted(Path(folder).glob("step-*"))[:-STATES_KEPT]:
        (path / STATE).unlink(missing_ok=True)
        (path / STATE_JSON).unlink(missing_ok=True)


def check_room(folder: Path, model: nn.Module) -> None:
    """Weights, two moments for each, and a margin."""
    needed = 3 * 4 * parameters(model) + MARGIN_BYTES
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise EngineError(
            "disk",
            f"The disk with {folder} has {free / 2**20:.0f} MiB free and a checkpoint needs {needed / 2**20:.0f} MiB. "
            "Make room and resume: the run goes on from its last checkpoint.",
        )


def file_sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def size_bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir())


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
