"""Points of one metric: packed into chunks for the database, thinned into buckets for the page. Pure, numpy only.

A point is (step, value, time, seq). Chunks hold float64 columns, little-endian, one after the other, so that adding
points touches one row a metric and reading a million touches some two thousand. Thinning works on step buckets
whose width is a power of two: as a run grows, two neighbours become one and nothing else moves, so a live curve
never jitters. Every bucket keeps its minimum and maximum, so a spike of one step out of a million is still drawn.
"""

from typing import NamedTuple

import numpy as np

CAPACITY = 512


class Points(NamedTuple):
    """Equal-length float64 columns in the order in which they were logged."""

    steps: np.ndarray
    values: np.ndarray
    times: np.ndarray
    seqs: np.ndarray


class Buckets(NamedTuple):
    """One entry a bucket. `mean`, `low` and `high` are over finite values (NaN where there are none)."""

    index: np.ndarray
    step: np.ndarray
    time: np.ndarray
    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    count: np.ndarray
    broken: np.ndarray  # how many values were not finite


EMPTY = Points(*(np.empty(0) for _ in Points._fields))


def points_of(rows) -> Points:
    """Points from an iterable of (step, value, time, seq)."""
    table = np.array(list(rows), dtype="<f8").reshape(-1, 4)
    return Points(*table.T)


def pack(points: Points) -> bytes:
    return np.concatenate(points).astype("<f8").tobytes()


def unpack(data: bytes | memoryview) -> Points:
    return Points(*np.frombuffer(data, dtype="<f8").reshape(4, -1))


def join(parts) -> Points:
    parts = list(parts)
    return Points(*(np.concatenate(columns) for columns in zip(*parts, strict=True))) if parts else EMPTY


def append(open_chunk: Points, new: Points, capacity: int = CAPACITY) -> list[Points]:
    """The chunks that replace `open_chunk` when `new` is added: all full but the last."""
    whole = join([open_chunk, new])
    return [Points(*(column[at : at + capacity] for column in whole)) for at in range(0, len(whole.steps), capacity)]


def through(points: Points, seq: int) -> Points:
    """Only what was logged up to the event `seq`: what lies beyond it is void."""
    kept = points.seqs <= seq
    return Points(*(column[kept] for column in points))


def width_for(first_step: float, last_step: float, buckets: int) -> int:
    """The smallest power of two with which the steps from first to last fall into at most `buckets` buckets."""
    width = 1
    while last_step // width - first_step // width + 1 > buckets:
        width *= 2
    return width


def thin(points: Points, width: int, *, from_start: bool = True) -> Buckets:
    """Step buckets of `width`, from points in step order.

    A bucket stands at its last step; the first of a curve (`from_start`) at its first, so that the drawn curve
    starts and ends exactly where the logged one does.
    """
    if not len(points.steps):
        return Buckets(*(np.empty(0) for _ in Buckets._fields))
    index = points.steps // width
    starts = np.flatnonzero(np.concatenate(([True], index[1:] != index[:-1])))
    ends = np.concatenate((starts[1:], [len(index)])) - 1
    finite = np.isfinite(points.values)
    count = ends - starts + 1
    good = np.add.reduceat(finite.astype("f8"), starts)
    total = np.add.reduceat(np.where(finite, points.values, 0.0), starts)
    low = np.minimum.reduceat(np.where(finite, points.values, np.inf), starts)
    high = np.maximum.reduceat(np.where(finite, points.values, -np.inf), starts)
    nothing = good == 0
    at = ends.copy()
    if from_start and len(starts) > 1:
        at[0] = starts[0]
    return Buckets(
        index=index[starts],
        step=points.steps[at],
        time=points.times[at],
        mean=np.where(nothing, np.nan, total / np.where(nothing, 1, good)),
        low=np.where(nothing, np.nan, low),
        high=np.where(nothing, np.nan, high),
        count=count.astype("f8"),
        broken=count - good,
    )
