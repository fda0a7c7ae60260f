"""Who gets what, on which side, for how long: the pure rules."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation.assignment import (
    IDLE_CEILING_SECONDS,
    IDLE_FLOOR_SECONDS,
    STICK,
    credited_ms,
    draw_order,
    idle_after_seconds,
    is_idle,
    lease_until,
)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def sides(seed: int, count: int) -> list[int]:
    """Which completion stood left, hand-out after hand-out."""
    rng, counts, drawn = Random(seed), [0, 0], []
    for _ in range(count):
        left = draw_order(2, *counts, rng)[0]
        counts[left] += 1
        drawn.append(left)
    return drawn


@given(seed=st.integers(0, 10_000), count=st.integers(1, 200))
def test_no_annotator_is_ever_lopsided(seed, count):
    drawn = sides(seed, count)
    assert abs(drawn.count(0) - drawn.count(1)) <= STICK


def test_the_next_side_cannot_be_foreseen():
    # The lead walks on -3..3: fair inside, turned back at the ends, where it is a sixth of the time. A side repeats
    # half the time elsewhere and never there: 5/6 * 1/2. Strict alternation would give 0.
    drawn = sides(7, 20_000)
    repeats = sum(a == b for a, b in pairwise(drawn)) / (len(drawn) - 1)
    assert repeats == pytest.approx(5 / 12, abs=0.02)


def test_more_than_two_are_shuffled():
    orders = {tuple(draw_order(3, 0, 0, Random(seed))) for seed in range(200)}
    assert len(orders) == 6


def test_leases_and_idle_sittings():
    assert lease_until(NOON, 600) == NOON + timedelta(minutes=10)
    assert not is_idle(NOON, NOON + timedelta(minutes=29, seconds=59))
    assert is_idle(NOON, NOON + timedelta(minutes=30))


def test_silent_reading_counts_as_long_as_reading_takes():
    assert idle_after_seconds(10) == IDLE_FLOOR_SECONDS
    assert idle_after_seconds(500) == 200
    assert idle_after_seconds(100_000) == IDLE_CEILING_SECONDS


@pytest.mark.parametrize(
    ("claimed", "before", "expected"),
    [
        (4_000, 0, 4_000),
        (4_000, 5_000, 5_000),  # a late beat takes nothing away
        (99_000, 0, 10_000),  # more than the clock allows
        (-5, 0, 0),
        ("4000", 7, 7),
        (True, 7, 7),
        (float("nan"), 7, 7),
        (float("inf"), 7, 10_000),
        (None, 7, 7),
    ],
)
def test_active_time_stays_within_what_is_possible(claimed, before, expected):
    now = NOON + timedelta(seconds=10)
    assert credited_ms(claimed, before=before, handed_at=NOON, now=now) == expected
