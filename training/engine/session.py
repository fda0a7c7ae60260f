"""One attempt at a run: listens to the loop, writes events, saves checkpoints, looks for a stop.

What it says and when is docs/run-directory.md. It may be killed at any moment: everything it needs to go on lies in
the newest checkpoint, and events past that checkpoint are declared void by `rewound`.
"""

import json
import time
from pathlib import Path
from typing import Any

import torch

from training.engine import checkpoints, measures
from training.engine.errors import EngineError
from training.engine.events import EventWriter
from training.engine.loops.report import Bench, Report
from training.engine.meters import Meters
from training.engine.metrics import EVAL
from training.engine.nets import folders
from training.engine.opening import open_bench, open_loop
from training.engine.rundir import RunDirectory
from training.engine.spec import RunSpec

PROGRESS_SECONDS = 5.0


class Session:
    def __init__(self, directory: RunDirectory, writer: EventWriter, spec: RunSpec):
        self.directory, self.writer, self.spec = directory, writer, spec
        self.meters = Meters()
        self.tokens = 0
        self.step = 0
        self.skipped = 0
        self.figures: dict[str, float] = {}
        self.normalisation: dict[str, float] | None = None
        self.saved_step: int | None = None

    def run(self) -> None:
        """To the end, to a stop, or to an exception."""
        resumed = checkpoints.newest(self.directory.checkpoints)
        self.bench = open_bench(self.spec, resumed, self.directory.cache)
        self.loop = open_loop(self.bench)
        if resumed is not None:
            self._resume(resumed)
        checkpoints.check_room(self.directory.path, self.bench.model)
        self._started(resumed)
        self._prepare()
        if resumed is None:
            self._evaluate()
            self._show_samples()
        self.clock = measures.Clock(self.bench.device)
        for report in self.clock.timed(self.loop.steps(self.step)):
            self.directory.still_mine()
            self._after(report)
            stop = self.directory.stop_wanted()
            if stop and self.step < self.loop.total_steps:
                self._save(final=False)
                self._finished(stop)
                return
        self._save(final=True)
        self._finished("succeeded")

    def _after(self, report: Report) -> None:
        """Everything that is due after a step."""
        training, total = self.spec.training, self.loop.total_steps
        self.step = report.step
        self.tokens += report.tokens
        self.meters.merge(report.meters)
        last = self.step == total
        if report.trouble:
            self._trouble(report)
        if last or self.step % training.logging_steps == 0:
            self._log(report)
        if _due(self.step, training.sample_steps or training.logging_steps) or last:
            self._show_samples()
        saving = _due(self.step, training.save_steps)
        if last or saving or _due(self.step, training.eval_steps):
            self._evaluate()
        if saving and not last:
            self._save(final=False)

    def _log(self, report: Report) -> None:
        values = {**self.meters.read(), "num_tokens": self.tokens, **self.clock.read()}
        if self.skipped:
            values["data/skipped_steps"] = self.skipped
        self.writer.write("metrics", step=self.step, epoch=round(report.epoch, 6), values=values)
        self.meters.clear()

    def _trouble(self, report: Report) -> None:
        self.skipped += 1
        if self.spec.training.on_not_a_number == "skip":
            return
        self._log(report)
        evidence = report.trouble
        raise EngineError(
            "not_a_number",
            f"At step {evidence['step']} the loss was {evidence['loss']:g} and the gradient norm "
            f"{evidence['grad_norm']:g} at a learning rate of {evidence['learning_rate']:g}. The step was not taken, "
            "and the last checkpoint is sound. Lower learning_rate or max_grad_norm and clone the run, or set "
            "on_not_a_number to skip.",
            [{"path": key, "message": f"{value}"} for key, value in evidence.items()],
        )

    def _evaluate(self) -> None:
        made = self.loop.evaluate()
        self.figures = {f"{EVAL}{key}": value for key, value in made.values.items()}
        self.normalisation = made.normalisation or self.normalisation
        if self.figures:
            self.writer.write("metrics", step=self.step, epoch=self._epoch(), values=self.figures)

    def _show_samples(self) -> None:
        for sample in self.loop.samples():
            self.writer.write("sample", step=self.step, **sample)
        values = self.loop.distance()
        if values:
            self.writer.write("metrics", step=self.step, epoch=self._epoch(), values=values)

    def _save(self, *, final: bool) -> None:
        if self.saved_step == self.step:
            return
        self.directory.still_mine()
        self.writer.sync()  # no checkpoint may know of events that a power cut takes back
        folder = checkpoints.save(
            self.directory.checkpoints,
            self.step,
            self.bench.model,
            self.bench.encoder,
            tensors={**self.loop.tensors(), "torch.rng": torch.get_rng_state()},
            plain=self._plain(),
            meta=self._meta(final),
        )
        self._announce(folder)
        checkpoints.thin(self.directory.checkpoints)
        self.saved_step = self.step

    def _plain(self) -> dict[str, Any]:
        """What resuming needs besides tensors."""
        return {
            "step": self.step,
            "epoch": self._epoch(),
            "tokens": self.tokens,
            "skipped": self.skipped,
            "meters": self.meters.kept,
            "figures": self.figures,
            "normalisation": self.normalisation,
        }

    def _meta(self, final: bool) -> dict[str, Any]:
        """meta.json: holds the seq its own event will have, so an event lost in a kill can be written again."""
        return {
            "format": 1,
            "run": self.spec.uid,
            "method": self.spec.method,
            "step": self.step,
            "seq": self.writer.next_seq,
            "kind": self.bench.recipe.produces,
            "final": final,
            "tokenisation": self.bench.encoder.recipe(),
            "normalisation": self.normalisation,
            "metrics": self.figures,
        }

    def _announce(self, folder: Path) -> None:
        meta = folders.meta(folder)
        self.writer.write(
            "checkpoint",
            step=meta["step"],
            path=str(folder.relative_to(self.directory.path)),
            kind=meta["kind"],
            size_bytes=checkpoints.size_bytes(folder),
            sha256=checkpoints.file_sha256(folder / checkpoints.WEIGHTS),
            metrics=meta["metrics"],
            final=meta["final"],
        )
        self.writer.sync()

    def _resume(self, checkpoint: Path) -> None:
        tensors, plain = checkpoints.load_state(checkpoint)
        torch.set_rng_state(tensors.pop("torch.rng"))
        self.loop.restore(tensors)
        self.step = self.saved_step = plain["step"]
        self.tokens, self.skipped = plain["tokens"], plain["skipped"]
        self.figures, self.normalisation = plain["figures"], plain["normalisation"]
        self.meters.kept = plain["meters"]
        seq = json.loads((checkpoint / checkpoints.META).read_text())["seq"]
        if self.writer.next_seq <= seq:  # killed between saving and saying so
            self.writer.next_seq = seq
            self._announce(checkpoint)
        elif self.writer.next_seq > seq + 1:
            self.writer.write("rewound", step=self.step, to_seq=seq)

    def _started(self, resumed: Path | None) -> None:
        bench: Bench = self.bench
        self.writer.write(
            "started",
            attempt=self.directory.attempt,
            total_steps=self.loop.total_steps,
            resumed_from=self.step if resumed is not None else None,
            device=bench.device,
            threads=self.spec.training.threads,
            parameters=folders.parameters(bench.model),
            data={name: prepared.report() for name, prepared in bench.splits.items()},
        )

    def _prepare(self) -> None:
        said = time.monotonic()
        for line in self.loop.prepare():
            self.directory.still_mine()
            if time.monotonic() - said > PROGRESS_SECONDS:
                self.writer.write("notice", message=line)
                said = time.monotonic()

    def _finished(self, outcome: str) -> None:
        self.writer.write("finished", step=self.step, outcome=outcome)
        self.writer.sync()

    def _epoch(self) -> float:
        return round(self.loop.epochs(self.step), 6)


def _due(step: int, every: int) -> bool:
    return bool(every) and step % every == 0
