"""Curves of a run: thinned and cursored for the page, whole for export.

A poll says up to which event it has seen (`since`) and with which bucket width it draws. The answer holds the buckets
that changed since, or everything (`reset`) when the width doubled, the run was rewound or a new metric appeared.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from training import catalogue, chunks, watch
from training.models import MetricChunk, Run

BUCKETS = 400  # about one a pixel of a large panel
TOKENS = "num_tokens"
ACCURACIES = ("accuracy", "rewards/accuracies")
AXES = ("step", "tokens", "time")


@dataclass(frozen=True)
class Cursor:
    """What a page has: events up to `since`, drawn in buckets of `width` steps along `axis`."""

    since: int = -1
    width: int = 0
    axis: str = "step"


def series(run: Run, cursor: Cursor, *, buckets: int = BUCKETS) -> dict | None:
    """The answer to a poll, or None if there is nothing newer than the cursor."""
    if cursor.since >= run.event_seq:
        return None
    width = chunks.width_for(0, max(run.step, 1), buckets)
    parts = None
    if cursor.since >= 0 and cursor.since >= run.rewound_seq and cursor.width == width:
        parts = _changed(run, cursor.since, width)
    reset = parts is None
    if reset:
        parts = _all(run)
    axis = _axis(run, cursor.axis)
    return {
        "seq": run.event_seq,
        "width": width,
        "reset": reset,
        "panels": catalogue.panels([run.method], parts) if reset else None,
        "series": {key: _drawn(points, width, axis, from_start=reset) for key, points in parts.items()},
        "alerts": _alerts(run),
        "levels": _levels(run),
    }


def points(run: Run, key: str) -> chunks.Points:
    """Every point of one metric."""
    rows = MetricChunk.objects.filter(run=run, key=key).order_by("index").values_list("points", flat=True)
    return chunks.join(chunks.unpack(row) for row in rows)


def keys(run: Run) -> list[str]:
    return sorted(MetricChunk.objects.filter(run=run, index=0).values_list("key", flat=True))


def table(run: Run, wanted: list[str], *, rows: int | None = None) -> Iterator[list]:
    """Rows of step, seconds since the start, then one value a key (None where nothing was logged at that step).

    With `rows`, only about so many, evenly spread, the last one always there.
    """
    columns = {key: points(run, key) for key in wanted}
    found: dict[float, list] = {}
    start = min((column.times[0] for column in columns.values() if len(column.times)), default=0.0)
    for at, column in enumerate(columns.values()):
        for step, value, time in zip(column.steps, column.values, column.times, strict=True):
            row = found.setdefault(float(step), [int(step), round(float(time - start), 3), *[None] * len(wanted)])
            row[2 + at] = float(value)
    steps = sorted(found)
    stride = max(1, len(steps) // rows) if rows else 1
    for at, step in enumerate(steps):
        if at % stride == 0 or at == len(steps) - 1:
            yield found[step]


def _all(run: Run) -> dict[str, chunks.Points]:
    rows = MetricChunk.objects.filter(run=run).order_by("key", "index").values_list("key", "points")
    parts: dict[str, list] = {}
    for key, data in rows.iterator(chunk_size=500):
        parts.setdefault(key, []).append(chunks.unpack(data))
    return {key: chunks.join(found) for key, found in parts.items()}


def _changed(run: Run, since: int, width: int) -> dict[str, chunks.Points] | None:
    """Points of the buckets with something newer than `since`, whole buckets each; None if a metric is new."""
    found = _by_key(MetricChunk.objects.filter(run=run, last_seq__gt=since))
    edges: dict[str, float] = {}
    for key, (first_index, column) in found.items():
        new = column.steps[column.seqs > since]
        if first_index == 0 and column.seqs[0] > since:
            return None
        edges[key] = new[0] // width * width
    missing = [key for key, (first_index, column) in found.items() if first_index and column.steps[0] > edges[key]]
    if missing:
        lowest = int(min(edges[key] for key in missing))
        found |= _by_key(MetricChunk.objects.filter(run=run, key__in=missing, last_step__gte=lowest))
    return {
        key: chunks.Points(*(values[column.steps >= edges[key]] for values in column))
        for key, (_, column) in found.items()
    }


def _by_key(rows) -> dict[str, tuple[int, chunks.Points]]:
    """Index of the first chunk, and the points of all, for each key."""
    parts: dict[str, list] = {}
    first: dict[str, int] = {}
    for key, index, data in rows.order_by("key", "index").values_list("key", "index", "points"):
        parts.setdefault(key, []).append(chunks.unpack(data))
        first.setdefault(key, index)
    return {key: (first[key], chunks.join(found)) for key, found in parts.items()}


def _axis(run: Run, axis: str):
    """From (steps, times) to where points stand on the horizontal axis."""
    if axis == "time":
        first = MetricChunk.objects.filter(run=run, index=0).order_by("key").values_list("points", flat=True).first()
        start = chunks.unpack(first).times[0] if first else 0.0
        return lambda _steps, times: times - start
    if axis == "tokens":
        seen = points(run, TOKENS)
        if len(seen.steps):
            return lambda steps, _times: np.interp(steps, seen.steps, seen.values)
    return lambda steps, _times: steps


def _drawn(column: chunks.Points, width: int, axis, *, from_start: bool) -> dict:
    thin = chunks.thin(column, width, from_start=from_start)
    x = axis(thin.step, thin.time)
    return {
        "i": thin.index.astype(int).tolist(),
        "x": _short(x),
        "y": _short(thin.mean),
        "low": _short(thin.low),
        "high": _short(thin.high),
        "n": thin.count.astype(int).tolist(),
        "broken": thin.broken.astype(int).tolist(),
    }


def _short(values: np.ndarray) -> list:
    """Six significant digits are more than a screen shows; what is not a number is null."""
    return [
        None if value != value or value in (np.inf, -np.inf) else float(f"{value:.6g}") for value in values.tolist()
    ]


def _alerts(run: Run) -> list[dict]:
    rows = run.alerts.order_by("step").values("id", "kind", "step", "metric", "title", "cleared_at")
    return [{**row, "cleared_at": None, "open": row["cleared_at"] is None} for row in rows]


def _levels(run: Run) -> list[dict]:
    """What curves are measured against: the KL budget, and what a rule that only looks at length would reach."""
    levels = []
    if budget := run.spec.get("training", {}).get("kl_budget"):
        levels.append({"key": watch.KL, "y": budget, "text": f"budget {budget:g}"})
    wins = (run.snapshot.card.get("longer_wins") or {}).get("value") if run.snapshot else None
    if wins is not None:
        rate, which = max(wins, 1 - wins), "longer" if wins >= 0.5 else "shorter"
        text = f"{which} answer wins {100 * rate:.0f} %"
        levels += [{"key": key, "y": round(rate, 4), "text": text} for key in ACCURACIES]
    return levels
