"""Time and memory of the process: the only figures in which two runs of one spec may differ."""

import resource
import time
from collections.abc import Iterable, Iterator

import torch

from training.engine.loops.report import Report


class Clock:
    """How long steps take, without what is done between them (samples, evaluations, checkpoints)."""

    def __init__(self, device: str):
        self.device = device
        self.seconds, self.tokens, self.steps = 0.0, 0, 0

    def timed(self, reports: Iterable[Report]) -> Iterator[Report]:
        """The same reports; the time they took to come is kept."""
        began = time.perf_counter()
        for report in reports:
            self.seconds += time.perf_counter() - began
            self.tokens += report.worked
            self.steps += 1
            yield report
            began = time.perf_counter()

    def read(self) -> dict[str, float]:
        """Since it was last read."""
        values = {
            "step_time": self.seconds / max(1, self.steps),
            "tokens_per_second": self.tokens / max(1e-9, self.seconds),
            "memory_bytes": peak_memory_bytes(self.device),
        }
        self.seconds, self.tokens, self.steps = 0.0, 0, 0
        return values


def peak_memory_bytes(device: str) -> int:
    """Of the accelerator where there is one, else of the process."""
    if device == "cuda":
        return torch.cuda.max_memory_allocated()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
