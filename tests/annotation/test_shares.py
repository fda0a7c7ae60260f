"""Shares with clustered intervals, against numbers worked out by hand."""

import random

import pytest

from annotation.shares import share


def test_by_hand():
    """Three prompts of 20 votes with 20, 10 and 0 hits: p = .5, residuals 10, 0, -10, so
    var = 3/2 * 200 / 60^2 = .08333, half width 1.96 * .28868 = .5658."""
    found = share([(20, 20), (10, 20), (0, 20)])
    assert (found.value, found.n) == (0.5, 60)
    assert (found.low, found.high) == (0, 1)  # clipped: .5 -+ .566
    found = share([(12, 20), (10, 20), (8, 20)])  # residuals 2, 0, -2: var = 3/2 * 8 / 3600, half width .11316
    assert found.high - found.value == pytest.approx(1.959964 * 0.0577350, abs=1e-6)


def test_too_few_say_nothing():
    assert share([(10, 29)]).value is None
    assert share([]).n == 0
    assert (share([(15, 30)]).value, share([(15, 30)]).low) == (0.5, None)


def test_the_interval_covers():
    """Clusters that lean together: the clustered interval holds the truth 95 % of the time, a naive one would not."""
    rng = random.Random(3)
    covered = 0
    for _ in range(400):
        clusters = []
        for _ in range(40):
            lean = rng.choice([0.2, 0.8])
            clusters.append((sum(rng.random() < lean for _ in range(10)), 10))
        found = share(clusters)
        covered += found.low <= 0.5 <= found.high
    assert covered / 400 == pytest.approx(0.95, abs=0.035)
