"""Win rates and their intervals: by hand, against scipy, and as laws."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from evaluation.votes import Vote
from evaluation.win_rates import between, wilson, win_matrix, win_rate


def series(scores, *, prompt=lambda n: n, rater=lambda n: n):
    return [Vote("a", "b", score, prompt(n), rater(n)) for n, score in enumerate(scores)]


def test_a_tie_counts_half_and_is_counted():
    found = win_rate(series([1.0, 1.0, 0.5, 0.0, 0.5, 1.0]), "a")
    assert (found.rate, found.votes, found.ties) == (pytest.approx(4 / 6), 6, 2)
    assert win_rate(series([1.0, 1.0, 0.5, 0.0, 0.5, 1.0]), "b").rate == pytest.approx(2 / 6)


def test_without_votes_there_is_no_rate():
    assert win_rate([], "a") is None
    assert win_rate(series([1.0]), "c") is None


@pytest.mark.parametrize(("won", "count"), [(7, 10), (0, 12), (60, 60), (1, 200)])
def test_wilson_is_scipys(won, count):
    theirs = binomtest(won, count).proportion_ci(0.95, method="wilson")
    assert wilson(won / count, count, 1.959963984540054) == pytest.approx((theirs.low, theirs.high), abs=1e-12)


def test_the_interval_is_over_effective_votes():
    votes = [Vote("a", "b", float(prompt < 6), prompt, "me") for prompt in range(8) for _ in range(5)]
    found = win_rate(votes, "a")
    # Unanimous prompts: V = 8/7 · 25 · (6/16 + 2 · 9/16) / 40², p (1-p) / V = 7 independent votes of the 40.
    assert found.effective == pytest.approx(7.0)
    assert found.spread.over == ("prompts",)
    assert (found.low, found.high) == pytest.approx(wilson(0.75, 7.0, found.spread.quantile()))


def test_too_few_prompts_and_people_give_no_interval():
    found = win_rate(series([1.0] * 4), "a")
    assert found.rate == 1.0
    assert found.low is found.high is None
    assert not found.decided
    assert found.votes_to_go is None


def test_all_won_still_has_an_honest_lower_end():
    found = win_rate(series([1.0] * 20), "a")
    assert found.high == 1.0
    assert 0.7 < found.low < 0.85
    crowded = win_rate(series([1.0] * 100, prompt=lambda n: n % 10), "a")
    assert crowded.low < found.low  # ten prompts, not a hundred votes


def test_all_tied_is_one_half_with_an_interval_around_it():
    found = win_rate(series([0.5] * 20), "a")
    assert found.rate == 0.5
    assert found.low < 0.5 < found.high


def test_votes_to_go_is_said_only_where_it_means_something():
    assert win_rate(series([1.0] * 90 + [0.0] * 10), "a").votes_to_go is None  # decided already
    assert win_rate(series([1.0, 0.0] * 30 + [1.0]), "a").votes_to_go is None  # even: the distance is noise
    more = win_rate(series([1.0] * 35 + [0.0] * 25), "a").votes_to_go
    # (2.00 + .84)² · .2431 / .0833² = 283 votes in all, 223 more, said as about 230.
    assert more == 230


def test_the_matrix_has_both_directions_and_holes():
    votes = [*series([1.0, 1.0, 0.0]), Vote("b", "c", 1.0, 1, 1)]
    cells = win_matrix(votes, ["a", "b", "c"])
    assert cells["a", "b"].rate == pytest.approx(2 / 3)
    assert cells["b", "a"].rate == pytest.approx(1 / 3)
    assert cells["c", "b"].rate == 0
    assert cells["a", "c"] is None
    assert len(cells) == 6
    assert between(votes, "b", "a").rate == cells["b", "a"].rate


@given(st.lists(st.sampled_from([0.0, 0.5, 1.0]), min_size=5, max_size=80), st.integers(1, 30), st.integers(1, 30))
@settings(max_examples=150, deadline=None)
def test_the_two_sides_mirror_each_other(scores, prompts, raters):
    votes = series(scores, prompt=lambda n: n % prompts, rater=lambda n: n * 7 % raters)
    one, two = win_rate(votes, "a"), win_rate(votes, "b")
    assert one.rate + two.rate == pytest.approx(1)
    assert one.effective <= len(scores)
    if one.low is None:
        assert two.low is None
    else:
        assert 0 <= one.low <= one.rate <= one.high <= 1
        assert (one.low, one.high) == pytest.approx((1 - two.high, 1 - two.low), abs=1e-9)


def coverage(trials, prompts, people, *, prompt_spread, person_spread, seed):
    """How often the interval holds the true rate, where votes lean by prompt and by person."""
    rng = np.random.default_rng(seed)
    # The true rate is the mean over the population of prompts and people, by a large draw.
    lean = 0.4 + prompt_spread * rng.normal(size=400_000) + person_spread * rng.normal(size=400_000)
    truth = (1 / (1 + np.exp(-lean))).mean()
    hits = naive = 0
    for _ in range(trials):
        by_prompt, by_person = prompt_spread * rng.normal(size=prompts), person_spread * rng.normal(size=people)
        chance = 1 / (1 + np.exp(-(0.4 + by_prompt[:, None] + by_person[None, :])))
        scores = (rng.random(chance.shape) < chance).astype(float)
        found = win_rate(
            [Vote("a", "b", scores[p, r], p, r) for p in range(prompts) for r in range(people)],
            "a",
        )
        low, high = wilson(found.rate, found.votes, 1.96)
        hits, naive = hits + (found.low <= truth <= found.high), naive + (low <= truth <= high)
    return hits / trials, naive / trials


def test_intervals_cover_the_truth_where_votes_cluster():
    ours, naive = coverage(150, 24, 8, prompt_spread=1.0, person_spread=0.7, seed=11)
    assert ours >= 0.90
    assert naive < 0.75  # what taking votes as independent would have claimed to be 95 %


@pytest.mark.sweep
@pytest.mark.parametrize(
    ("prompts", "people", "prompt_spread", "person_spread"),
    [(40, 12, 1.0, 0.7), (24, 6, 1.0, 0.7), (60, 1, 1.5, 0.0), (10, 20, 0.8, 0.8), (80, 5, 0.0, 0.0)],
)
def test_coverage_over_many_designs(prompts, people, prompt_spread, person_spread):
    ours, _ = coverage(1500, prompts, people, prompt_spread=prompt_spread, person_spread=person_spread, seed=3)
    assert 0.935 <= ours <= 1.0
