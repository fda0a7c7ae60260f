"""Axes hold their values and their truth, in round steps."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.plots import MOST_TICKS, axis


def test_win_rates_have_ticks_at_tens_and_fifty_among_them():
    one = axis([33, 26, 41, 18], truth=50, width=300, least=20, most=50, steps=(5, 10, 25))
    assert [value for _, value in one.ticks] == [10, 20, 30, 40, 50, 60, 70]
    assert one.x(10) == 20
    assert one.x(70) == 280
    assert one.x(40) == 150


def test_wide_intervals_reach_to_the_ends_and_no_further():
    one = axis([0, 100], truth=50, width=300, least=20, most=50, steps=(5, 10, 25))
    assert [value for _, value in one.ticks] == [0, 25, 50, 75, 100]
    assert one.x(120) == one.x(100)


def test_without_values_there_is_room_around_the_truth():
    one = axis([], truth=0, width=340, least=50)
    assert (one.low, one.high) == (-60, 60)


@given(st.lists(st.one_of(st.none(), st.floats(-3000, 3000)), max_size=6))
def test_every_value_lies_on_the_axis(values):
    one = axis(values, truth=0, width=340, least=50)
    assert 2 <= len(one.ticks) <= MOST_TICKS
    for value in values:
        if value is not None:
            assert one.low <= value <= one.high
            assert one.pad <= one.x(value) <= one.width - one.pad
    assert one.ticks[-1][1] == pytest.approx(one.high)
