"""The reference: a frozen model, and its log-probabilities of rows that never change, computed once.

The cache is keyed by content (weights, token ids in their order) and kept beside the run; it is always computed over
the same rows in the same order, so a resumed run finds or makes the very same numbers.
"""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import nn

from training.engine.feeds.pairs import side_by_side
from training.engine.nets import heads
from training.engine.preparation import Encoded
from training.engine.training_settings import TrainingSettings
from training.engine.windows import split


class CachedReference:
    """Sums of log-probabilities of both answers of each pair under a frozen model."""

    def __init__(self, model: nn.Module, pad: int, device: str, training: TrainingSettings, weights: str):
        self.model, self.pad, self.device, self.weights = model, pad, device, weights
        self.dtype, self.batch_size = training.dtype, training.per_device_train_batch_size
        self.known: dict[int, list[float]] = {}  # id of the row object: rows live as long as the run

    def sums(self, row: Encoded) -> list[float]:
        return self.known[id(row)]

    def prepare(self, rows: list[Encoded], folder: Path) -> Iterator[int]:
        """Fills the cache, yielding the number of rows done so far."""
        path = Path(folder) / f"reference-{self._key(rows)}.safetensors"
        if path.exists():
            values = load_file(path)["sums"]
            yield len(rows)
        else:
            values = torch.zeros(len(rows), 2)
            for done, part in self._compute(rows):
                values[done] = part
                yield len(done)
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary = path.with_suffix(".tmp")
            save_file({"sums": values}, temporary)
            os.replace(temporary, path)
        self.known.update({id(row): sums for row, sums in zip(rows, values.tolist(), strict=True)})

    @torch.no_grad()
    def _compute(self, rows: list[Encoded]) -> Iterator[tuple[list[int], torch.Tensor]]:
        order = sorted(range(len(rows)), key=lambda index: (-rows[index].length, index))
        for part in split(order, self.batch_size):
            tokens = side_by_side([rows[index] for index in part], self.pad, self.device)
            sums = heads.completions(self.model, tokens, dtype=self.dtype).sums
            yield part, torch.stack(sums.chunk(2), dim=1).cpu()

    def _key(self, rows: list[Encoded]) -> str:
        digest = hashlib.sha256(f"{self.weights}:{self.dtype}:{self.batch_size}".encode())
        for row in rows:
            for turn in row.turns:
                digest.update(repr((turn.prompt, turn.completion)).encode())
        return digest.hexdigest()[:32]
