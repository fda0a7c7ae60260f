"""When each step ended, by the clock on the wall and by the processor's own; and what that makes a sample."""

import resource
import time


class Marks:
    def __init__(self, asked: dict):
        self.rows, self.warm_up = asked["rows"], asked["warm_up"]
        self.wall: list[float] = []
        self.processor: list[float] = []

    def step_ended(self) -> None:
        self.wall.append(time.perf_counter())
        self.processor.append(time.process_time())

    def read(self) -> dict[str, float]:
        """Over the steps after the warm-up. Processor time is what to compare on a machine that does other things."""
        return {
            "samples_per_second": self._rate(self.wall),
            "samples_per_cpu_second": self._rate(self.processor),
            "peak_memory_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        }

    def _rate(self, times: list[float]) -> float:
        times = times[self.warm_up - 1 :]
        return self.rows * (len(times) - 1) / (times[-1] - times[0])
