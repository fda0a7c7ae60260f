"""Metric points in and out of chunks (training/chunks.py)."""

from django.db.models import Max

from training import chunks
from training.models import MetricChunk, Run


def add(run: Run, added: dict[str, chunks.Points]) -> None:
    """Append points to the open chunk of each metric: three statements, however many metrics there are."""
    if not added:
        return
    existing = MetricChunk.objects.filter(run=run, key__in=added)
    last_index = dict(existing.values_list("key").annotate(last=Max("index")))
    is_open = {chunk.key: chunk for chunk in existing.filter(count__lt=chunks.CAPACITY)}
    rows = []
    for key, new in added.items():
        chunk = is_open.get(key)
        old = chunks.unpack(chunk.points) if chunk else chunks.EMPTY
        first = chunk.index if chunk else last_index.get(key, -1) + 1
        rows += [row(run, key, first + at, part) for at, part in enumerate(chunks.append(old, new))]
    MetricChunk.objects.bulk_create(
        rows,
        batch_size=100,
        update_conflicts=True,
        unique_fields=["run", "key", "index"],
        update_fields=["count", "first_step", "last_step", "last_seq", "points"],
    )


def cut(run: Run, to_seq: int) -> None:
    """Remove every point that was logged after the event `to_seq`."""
    beyond = MetricChunk.objects.filter(run=run, last_seq__gt=to_seq)
    kept = []
    for chunk in beyond:
        points = chunks.through(chunks.unpack(chunk.points), to_seq)
        if len(points.steps):
            kept.append(row(run, chunk.key, chunk.index, points))
    beyond.delete()
    MetricChunk.objects.bulk_create(kept, batch_size=100)


def latest(run: Run) -> dict:
    """The newest value of each metric, from its newest chunk."""
    newest = dict(MetricChunk.objects.filter(run=run).values_list("key").annotate(last=Max("index")))
    rows = MetricChunk.objects.filter(run=run, index__in=set(newest.values()))
    ends = (chunk for chunk in rows if newest[chunk.key] == chunk.index)
    return {chunk.key: plain(chunks.unpack(chunk.points).values[-1]) for chunk in ends}


def plain(value: float):
    """A number JSON can hold; NaN and the infinities as the strings the engine writes."""
    value = float(value)
    if value != value:
        return "NaN"
    return {float("inf"): "Infinity", float("-inf"): "-Infinity"}.get(value, value)


def row(run: Run, key: str, index: int, points: chunks.Points) -> MetricChunk:
    return MetricChunk(
        run=run,
        key=key,
        index=index,
        count=len(points.steps),
        first_step=int(points.steps[0]),
        last_step=int(points.steps[-1]),
        last_seq=int(points.seqs[-1]),
        points=chunks.pack(points),
    )
