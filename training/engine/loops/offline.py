"""The loop over a fixed data set: SFT, reward models, direct alignment."""

import math
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from training.engine.feeds import feed_for
from training.engine.learner import Learner
from training.engine.loops.report import Bench, Evaluation, Report
from training.engine.loops.stepping import update
from training.engine.meters import Last, Meters
from training.engine.nets import folders
from training.engine.preparation import Encoded
from training.engine.references import CachedReference
from training.engine.watching import Watched
from training.engine.windows import Windows, split


class OfflineLoop:
    def __init__(self, bench: Bench):
        self.bench = bench
        training = bench.spec.training
        self.rows = bench.splits["train"].rows
        self.held_out = bench.splits["validation"].rows[: training.eval_rows or None]
        lengths = tuple(row.length for row in self.rows)
        self.windows = Windows(lengths, training.window_rows, bench.spec.seed)
        self.total_steps = training.max_steps
        if training.max_steps < 0:
            self.total_steps = math.ceil(training.num_train_epochs * self.windows.per_epoch)
        bench.learner = Learner(bench.model, training, self.total_steps)
        self.feed = feed_for(type(bench.algorithm), bench.model, bench.encoder, training, bench.device)
        self.reference = self._reference() if bench.recipe.reference else None
        self.watched = Watched(bench, self.reference.model if self.reference else None)

    def prepare(self) -> Iterator[str]:
        """What must be known before the first step; yields a line of progress now and then."""
        if self.reference is None:
            return
        self.feed.reference = self.reference
        rows = self._rows_of_the_run() + self.held_out
        done = 0
        for count in self.reference.prepare(rows, self.bench.cache):
            done += count
            yield f"Reference log-probabilities: {done} of {len(rows)} rows."

    def steps(self, start: int) -> Iterator[Report]:
        """Steps start + 1, start + 2, … up to the last."""
        training = self.bench.spec.training
        for step in range(start, self.total_steps):
            rows = [self.rows[index] for index in self.windows.at(step)]
            meters = Meters()
            detail = (step + 1) % training.logging_steps == 0
            trouble = update(self.bench.learner, step, self._losses(rows, detail, meters), meters)
            tokens = sum(len(turn.prompt) + len(turn.completion) for row in rows for turn in row.turns)
            yield Report(step + 1, self.windows.epochs(step + 1), meters, tokens, tokens, trouble)

    @torch.no_grad()
    def evaluate(self) -> Evaluation:
        """The same loss and metrics over the held-out rows, as one window."""
        if not self.held_out:
            return Evaluation({})
        meters = Meters()
        total = 0.0
        scores: list[float] = []
        window = self.feed.window(self.held_out)
        rows = sorted(self.held_out, key=lambda row: -row.length)
        for part in split(rows, self.bench.spec.training.per_device_train_batch_size):
            batch = self.feed.batch(list(part), detail=True)
            loss, metrics = self.bench.algorithm.loss(batch, window)
            total += float(loss)
            meters.add(metrics)
            if self.bench.recipe.produces == "reward":
                scores += torch.cat([batch.chosen, batch.rejected]).tolist()
        meters.add({"loss": (total, 1), "rows": Last(len(rows))})
        return Evaluation(meters.read(), _normalisation(scores))

    def longest_rows(self) -> list[Encoded]:
        """The step that needs most memory, were they to meet."""
        return sorted(self.rows, key=lambda row: -row.length)[: self.windows.window_rows]

    def rehearse(self) -> int:
        """Forward and backward on the longest rows, without an update; gives their tokens."""
        rows = self.longest_rows()
        if self.reference is not None:
            self.reference.known.update({id(row): [0.0, 0.0] for row in rows})
            self.feed.reference = self.reference
        for loss, _metrics in self._losses(rows, False, Meters()):
            loss.backward()
        self.bench.learner.forget()
        return sum(len(turn.prompt) + len(turn.completion) for row in rows for turn in row.turns)

    def epochs(self, step: int) -> float:
        return self.windows.epochs(step)

    def samples(self) -> Iterator[dict[str, Any]]:
        return self.watched.look()

    def distance(self) -> dict[str, float]:
        """KL to the reference where the policy is looked at: offline methods sample nothing themselves."""
        return self.watched.distance()

    def tensors(self) -> dict[str, Tensor]:
        return self.bench.learner.tensors()

    def restore(self, tensors: dict[str, Tensor]) -> None:
        self.bench.learner.restore(tensors)

    def _losses(self, rows: list[Encoded], detail: bool, meters: Meters) -> Iterator[tuple[Tensor, dict[str, Any]]]:
        window = self.feed.window(rows)
        for part in split(rows, self.bench.spec.training.per_device_train_batch_size):
            loss = self.bench.algorithm.loss(self.feed.batch(list(part), detail=detail), window)
            meters.add({"data/pad_frac": self.feed.padding})
            yield loss

    def _rows_of_the_run(self) -> list[Encoded]:
        """In file order, those that some step will read."""
        if self.total_steps >= self.windows.per_epoch:
            return list(self.rows)
        wanted = {index for step in range(self.total_steps) for index in self.windows.at(step)}
        return [self.rows[index] for index in sorted(wanted)]

    def _reference(self) -> CachedReference:
        bench = self.bench
        path = (bench.spec.reference or bench.spec.model).path
        model = folders.load_policy(path, bench.device).requires_grad_(False)
        weights = folders.weights_sha256(path)
        return CachedReference(model, bench.encoder.pad, bench.device, bench.spec.training, weights)


def _normalisation(scores: list[float]) -> dict[str, float] | None:
    """Mean and spread of a reward model's scores on held-out answers."""
    if len(scores) < 2:
        return None
    values = torch.tensor(scores, dtype=torch.float64)
    return {"mean": float(values.mean()), "std": float(values.std()) or 1.0}


LOOP = OfflineLoop
