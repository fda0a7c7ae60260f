"""Packing, cutting and thinning of points, against literal numbers and brute force."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training import chunks


def ramp(count, *, start=0):
    return chunks.points_of((start + i, float(i), 100.0 + i, i) for i in range(count))


def test_packing_keeps_every_bit():
    points = chunks.points_of([(1, 0.1, 5.5, 0), (2, math.nan, 6.5, 1), (3, -math.inf, 7.5, 2)])
    data = chunks.pack(points)
    assert len(data) == 4 * 3 * 8
    for before, after in zip(points, chunks.unpack(data), strict=True):
        np.testing.assert_array_equal(before, after)


def test_appending_fills_the_open_chunk_then_starts_another():
    parts = chunks.append(ramp(5), ramp(6, start=5), capacity=4)
    assert [len(part.steps) for part in parts] == [4, 4, 3]
    np.testing.assert_array_equal(chunks.join(parts).steps, np.arange(11))


def test_appending_exactly_to_the_brim_leaves_no_empty_chunk():
    assert [len(part.steps) for part in chunks.append(ramp(2), ramp(2, start=2), capacity=4)] == [4]


def test_what_lies_beyond_a_seq_is_cut():
    assert chunks.through(ramp(5), 2).values.tolist() == [0.0, 1.0, 2.0]
    assert len(chunks.through(ramp(5), -1).steps) == 0


@pytest.mark.parametrize(("first", "last", "width"), [(0, 99, 1), (0, 100, 2), (1, 200, 4), (0, 999_999, 16384)])
def test_widths_are_the_smallest_power_of_two_that_fits(first, last, width):
    assert chunks.width_for(first, last, 100) == width


def test_a_bucket_keeps_mean_minimum_and_maximum_and_the_curve_its_ends():
    # steps 0..5 in twos: values 0,1 | 2,3 | 4,5
    thin = chunks.thin(ramp(6), 2)
    assert thin.mean.tolist() == [0.5, 2.5, 4.5]
    assert (thin.low.tolist(), thin.high.tolist()) == ([0, 2, 4], [1, 3, 5])
    assert thin.step.tolist() == [0, 3, 5]
    assert thin.time.tolist() == [100, 103, 105]
    assert thin.count.tolist() == [2, 2, 2]
    assert chunks.thin(ramp(6), 2, from_start=False).step.tolist() == [1, 3, 5]


def test_values_that_are_no_numbers_are_counted_and_do_not_spoil_their_neighbours():
    points = chunks.points_of([(0, 1.0, 0, 0), (1, math.nan, 0, 1), (2, math.inf, 0, 2), (3, math.nan, 0, 3)])
    thin = chunks.thin(points, 2)
    assert thin.mean[0] == 1.0
    assert math.isnan(thin.mean[1])
    assert thin.broken.tolist() == [1, 2]


def test_one_spike_in_a_million_is_still_there():
    values = np.zeros(1_000_000)
    values[654_321] = 7.0
    steps = np.arange(1_000_000, dtype="f8")
    thin = chunks.thin(chunks.Points(steps, values, steps, steps), chunks.width_for(0, 999_999, 500))
    assert len(thin.mean) <= 500
    assert thin.high.max() == 7.0


def test_nothing_thins_to_nothing():
    assert len(chunks.thin(chunks.EMPTY, 4).mean) == 0


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.floats(-1e6, 1e6) | st.just(math.nan), min_size=1, max_size=80),
    st.integers(1, 20),
    st.integers(0, 70),
)
def test_buckets_agree_with_brute_force_and_a_part_with_the_whole(values, width, since):
    points = chunks.points_of((step, value, step, step) for step, value in enumerate(values))
    thin = chunks.thin(points, width)
    for at, index in enumerate(thin.index):
        inside = [v for step, v in enumerate(values) if step // width == index and not math.isnan(v)]
        assert thin.count[at] - thin.broken[at] == len(inside)
        if inside:
            assert (thin.low[at], thin.high[at]) == (min(inside), max(inside))
            assert thin.mean[at] == pytest.approx(sum(inside) / len(inside), abs=1e-6)
    # a poll that starts at a bucket's edge sees exactly the buckets the whole curve has from there on
    edge = since // width * width
    kept = points.steps >= edge
    part = chunks.thin(chunks.Points(*(column[kept] for column in points)), width, from_start=False)
    offset = len(thin.mean) - len(part.mean)
    np.testing.assert_array_equal(part.mean, thin.mean[offset:])
