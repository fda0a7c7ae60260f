"""Event files written by hand, line by line, for tests of what the site makes of them."""

import json
import time

from training.services.attempts import folder_of


class EventFile:
    """Appends events to a run's events.jsonl and counts their seq."""

    def __init__(self, run):
        self.path = folder_of(run) / "events.jsonl"
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.seq = 0

    def write(self, type_: str, **fields) -> int:
        seq = self.seq
        line = {"seq": seq, "time": fields.pop("time", time.time()), "type": type_, **fields}
        self.raw(json.dumps(line) + "\n")
        self.seq += 1
        return seq

    def raw(self, text: str) -> None:
        with open(self.path, "a") as handle:
            handle.write(text)

    def started(self, *, total_steps: int = 100, **fields) -> int:
        values = {"attempt": "x", "resumed_from": None, "device": "cpu", "threads": 1, "parameters": 1000, "data": {}}
        return self.write("started", total_steps=total_steps, **values | fields)

    def metrics(self, step: int, **values) -> int:
        return self.write("metrics", step=step, epoch=0.0, values={k.replace("__", "/"): v for k, v in values.items()})

    def sample(self, step: int, index: int = 0, completion: str = "a reply", **rewards) -> int:
        prompt = [{"role": "user", "content": f"question {index}"}]
        values = {"length_tokens": 2, "terminated": True, "kl": 0.5}
        return self.write(
            "sample",
            step=step,
            index=index,
            prompt=prompt,
            completion=completion,
            reference=None,
            rewards=rewards,
            values=values,
        )

    def checkpoint(self, step: int, *, kind: str = "policy", final: bool = False) -> int:
        path = f"checkpoints/step-{step:06}"
        (self.path.parent / path).mkdir(parents=True, exist_ok=True)
        return self.write(
            "checkpoint", step=step, path=path, kind=kind, size_bytes=10, sha256="ab", metrics={}, final=final
        )
