"""From a run spec to everything a loop works with: threads, device, tokenizer, rows, model."""

import importlib
import os
import random
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers
from torch import nn

from training.engine import records, registry
from training.engine.chat import Encoder
from training.engine.errors import EngineError
from training.engine.loops.report import Bench
from training.engine.nets import folders
from training.engine.preparation import Prepared, prepare
from training.engine.recipe import Recipe
from training.engine.spec import Data, RunSpec

COLUMNS = {
    "preference": ("chosen", "rejected"),
    "prompt_completion": ("completion",),
    "unpaired_preference": ("completion",),
    "prompt_only": (),
}


def pin(spec: RunSpec) -> str:
    """Threads, seeds and device, as the spec says; gives the device."""
    torch.set_num_threads(spec.training.threads)
    transformers.utils.logging.disable_progress_bar()
    random.seed(spec.seed)
    np.random.seed(spec.seed)
    torch.manual_seed(spec.seed)
    wanted = spec.training.device
    if wanted == "cuda" and not torch.cuda.is_available():
        raise EngineError("spec", "This machine has no CUDA device. Choose device auto or cpu, or another worker.")
    return "cuda" if wanted != "cpu" and torch.cuda.is_available() else "cpu"


def algorithm_of(spec: RunSpec, recipe: Recipe) -> Any:
    """The settings dataclass with its values: the algorithm itself."""
    return recipe.algorithm(**{**recipe.fixed, **spec.settings})


def read_splits(spec: RunSpec, recipe: Recipe, encoder: Encoder, names: tuple[str, ...]) -> dict[str, Prepared]:
    """The snapshot's rows, encoded; a snapshot that is not the one of the spec is refused."""
    try:
        _same(spec.data)
        return {
            name: prepare(
                records.read_rows(spec.data.path, name, recipe.data), COLUMNS[recipe.data], encoder, spec.training
            )
            for name in names
        }
    except records.RecordError as error:
        raise EngineError("data", str(error)) from error


def _same(data: Data) -> None:
    """An empty sha256 (a run by hand) is not compared."""
    found = records.digest(data.path)
    if data.sha256 and data.sha256 != found:
        raise records.RecordError(
            f"{data.path} is not the snapshot of this run: its files hash to {found[:12]}…, the run was made for "
            f"{data.sha256[:12]}…. Clone the run and choose the snapshot again."
        )


def load_model(recipe: Recipe, path: str, device: str, encoder: Encoder) -> nn.Module:
    if recipe.produces == "reward":
        return folders.load_reward(path, device, encoder.pad)
    return folders.load_policy(path, device)


def open_bench(
    spec: RunSpec, start: str | Path | None, cache: Path, names: tuple[str, ...] = ("train", "validation")
) -> Bench:
    """`start` is the checkpoint to go on from, or None for the spec's model."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    recipe = registry.recipe(spec.method)
    device = pin(spec)
    path = str(start or spec.model.path)
    encoder = Encoder(folders.load_tokenizer(path))
    splits = read_splits(spec, recipe, encoder, names)
    if not splits["train"].rows:
        raise EngineError("data", _no_rows(splits["train"], spec))
    model = load_model(recipe, path, device, encoder)
    algorithm = algorithm_of(spec, recipe)
    longest = max(row.length for prepared in splits.values() for row in prepared.rows)
    folders.check_fits(model, longest + getattr(algorithm, "max_completion_length", 0), "The longest row")
    return Bench(spec, recipe, algorithm, model, encoder, splits, device, cache)


def open_loop(bench: Bench) -> Any:
    """The loop that the recipe names."""
    return importlib.import_module(f"training.engine.loops.{bench.recipe.loop}").LOOP(bench)


def _no_rows(train: Prepared, spec: RunSpec) -> str:
    if train.dropped:
        return (
            f"All {train.dropped} training rows are longer than max_length, {spec.training.max_length} tokens. "
            "Raise max_length, or set truncation to truncate."
        )
    return "The snapshot has no training rows. Freeze one with more judgments or a wider filter."
