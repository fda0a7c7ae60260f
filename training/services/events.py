"""What the engine wrote into events.jsonl, into the database: exactly once, whoever asks and how often.

Offset, seq and rows go into one transaction, and only whole lines are read. `rewound` voids what lies beyond the
checkpoint an attempt started from: points, samples and alerts of steps that now come again. Checkpoints stay (their
folders do, and the same step overwrites its own row).
"""

import json
from collections import defaultdict

from django.db import transaction

from training import chunks, launcher
from training.models import Alert, Run, Sample
from training.services import alerts, checkpoints, points
from training.services.attempts import Superseded, folder_of
from training.states import RunState

BATCH_BYTES = 4 * 1024 * 1024
NOTICES_KEPT = 50
NUL, REPLACEMENT = rb"\u0000", rb"\ufffd"  # PostgreSQL stores no NUL; byte-level tokenizers can write one


@transaction.atomic
def ingest(run_id: int, *, token=None) -> bool:
    """Store the next whole lines. True if there may be more.

    With `token`, raises Superseded if the run is not held by that attempt any more, before anything is written.
    """
    run = Run.objects.select_for_update(of=("self",)).select_related("project").get(pk=run_id)
    if token is not None and run.attempt_token != token:
        raise Superseded
    lines, offset = launcher.read_lines(folder_of(run) / "events.jsonl", run.event_offset, limit_bytes=BATCH_BYTES)
    if not lines:
        return False
    reading = _Reading(run)
    for line in lines:
        reading.take(json.loads(line.replace(NUL, REPLACEMENT)))
    reading.flush()
    more = offset - run.event_offset >= BATCH_BYTES
    run.event_offset = offset
    run.save(update_fields=_Reading.WRITES)
    return more


class _Reading:
    """One batch of events on its way into rows."""

    WRITES = (
        "state", "step", "total_steps", "tokens", "latest", "event_seq", "event_offset", "rewound_seq", "facts",
        "ending", "crashes", "peak_memory_bytes",
    )  # fmt: skip

    def __init__(self, run: Run):
        self.run = run
        self.pending: dict[str, list[tuple]] = defaultdict(list)
        self.samples: dict[tuple, Sample] = {}

    def take(self, event: dict) -> None:
        if event["seq"] <= self.run.event_seq:
            return
        handler = getattr(self, f"on_{event['type']}", None)
        if handler is not None:  # a newer engine may say more than this site knows
            handler(event)
        self.run.event_seq = event["seq"]
        self.run.facts = {**self.run.facts, "last_event_time": event["time"]}

    def flush(self) -> None:
        """Rows for everything taken since the last flush."""
        added = {key: chunks.points_of(rows) for key, rows in self.pending.items()}
        points.add(self.run, added)
        Sample.objects.bulk_create(
            self.samples.values(),
            update_conflicts=True,
            unique_fields=["run", "step", "prompt_index"],
            update_fields=["seq", "prompt", "completion", "reference", "rewards", "values"],
        )
        alerts.look(self.run, added)
        self.pending.clear()
        self.samples.clear()

    def on_started(self, event: dict) -> None:
        run = self.run
        run.total_steps = event["total_steps"]
        run.ending = None
        kept = ("device", "threads", "parameters", "data", "resumed_from")
        run.facts = {**run.facts, **{key: event.get(key) for key in kept}, "started_time": event["time"]}
        if run.state == RunState.STARTING:
            run.state = RunState.RUNNING

    def on_metrics(self, event: dict) -> None:
        run, seq, step, time = self.run, event["seq"], event["step"], event["time"]
        values = event["values"]
        for key, value in values.items():
            self.pending[key].append((step, float(value), time, seq))
        run.latest = {**run.latest, **values}
        run.step = max(run.step, step)
        run.tokens = int(float(values.get("num_tokens", run.tokens)))
        run.peak_memory_bytes = max(run.peak_memory_bytes, int(float(values.get("memory_bytes", 0))))

    def on_sample(self, event: dict) -> None:
        key = (event["step"], event["index"])
        self.samples[key] = Sample(
            run=self.run,
            seq=event["seq"],
            step=event["step"],
            prompt_index=event["index"],
            prompt=event["prompt"],
            completion=event["completion"],
            reference=event.get("reference") or "",
            rewards=event.get("rewards", {}),
            values=event.get("values", {}),
        )

    def on_checkpoint(self, event: dict) -> None:
        checkpoints.store(self.run, event)
        self.run.crashes = 0

    def on_rewound(self, event: dict) -> None:
        self.flush()
        run, to_seq, step = self.run, event["to_seq"], event["step"]
        points.cut(run, to_seq)
        run.samples.filter(seq__gt=to_seq).delete()
        run.alerts.filter(step__gt=step).exclude(kind=Alert.Kind.SILENT).delete()
        run.latest = points.latest(run)
        run.tokens = int(float(run.latest.get("num_tokens", 0)))
        run.step = step
        run.rewound_seq = event["seq"]

    def on_notice(self, event: dict) -> None:
        notices = [*self.run.facts.get("notices", []), {"time": event["time"], "message": event["message"]}]
        self.run.facts = {**self.run.facts, "notices": notices[-NOTICES_KEPT:]}

    def on_finished(self, event: dict) -> None:
        self.run.step = max(self.run.step, event["step"])
        self.run.ending = event

    def on_failed(self, event: dict) -> None:
        self.run.ending = event
