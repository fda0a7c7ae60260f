"""Kappa, tau, triads, formatting, gold, representation: by hand, and against well-kept libraries."""

import json
from collections import defaultdict
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kendalltau
from sklearn.metrics import cohen_kappa_score

from annotation.quality.bootstrap import estimate, mean_ratio
from annotation.quality.formatting import marks
from annotation.quality.gold import met
from annotation.quality.kappa import cohen_kappa
from annotation.quality.rankings import kendall_tau, ranking_agreement
from annotation.quality.representation import LEAST_PEOPLE, cells
from annotation.quality.triads import triads
from annotation.shares import wilson


def test_cohen_by_hand():
    # Two agree on yes and no once each, and differ once: p_o = 2/3, margins 2/3 and 1/3 against 1/3 and 2/3:
    # p_e = 2/9 + 2/9 = 4/9, kappa = (6/9 - 4/9) / (5/9) = .4.
    figure = cohen_kappa([("y", "y"), ("n", "n"), ("y", "n")], resamples=0)
    assert figure.value == pytest.approx(0.4)
    assert (figure.units, figure.ratings) == (3, 6)
    assert cohen_kappa([("y", "y")] * 3).value is None
    assert cohen_kappa([]).units == 0
    with pytest.raises(ValueError, match="no weights 'cubic'"):
        cohen_kappa([], weights="cubic")


@settings(max_examples=60, deadline=None)
@given(
    pairs=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=2, max_size=40),
    weights=st.sampled_from(["none", "linear", "quadratic"]),
)
def test_cohen_equals_an_independent_implementation(pairs, weights):
    ours = cohen_kappa(pairs, weights=weights, resamples=0).value
    if ours is None:
        return
    theirs = cohen_kappa_score(*zip(*pairs, strict=True), weights=None if weights == "none" else weights)
    assert ours == pytest.approx(theirs, abs=1e-10)


def test_bootstrap_draws_in_parts_what_it_draws_at_once(monkeypatch):
    times = np.array([3.0, 5.0, 2.0])
    values = np.array([0.0, 1.0, 4.0])

    def mean(drawn):
        return drawn @ values / drawn.sum(axis=1)

    whole = estimate(times, mean, resamples=200, seed=3)
    monkeypatch.setattr("annotation.quality.bootstrap._AT_ONCE", 7)
    assert estimate(times, mean, resamples=200, seed=3) == whole
    assert whole[0] == pytest.approx(1.3)


def test_ratio_of_sums():
    value, low, high = mean_ratio(np.array([1.0, 0.0, 3.0]), np.array([1.0, 1.0, 4.0]))
    assert value == pytest.approx(4 / 6)
    assert low < value < high


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 4), st.integers(1, 4)), min_size=2, max_size=9))
def test_tau_equals_scipy(ranks):
    ours = kendall_tau(*zip(*ranks, strict=True))
    theirs = kendalltau(*zip(*ranks, strict=True)).statistic
    if ours is None:
        assert np.isnan(theirs)
    else:
        assert ours == pytest.approx(theirs, abs=1e-12)


def test_ranking_agreement_is_over_pairs_of_people():
    # One item: the same and the reverse order, tau 1, -1, -1; the other: the same twice.
    figure = ranking_agreement([[(1, 2, 3), (1, 2, 3), (3, 2, 1)], [(1, 2, 2), (1, 2, 2)], [(1, 2, 3)]])
    assert figure.value == pytest.approx((1 - 1 - 1 + 1) / 4)
    assert (figure.units, figure.ratings) == (2, 5)
    assert ranking_agreement([]).value is None
    assert ranking_agreement([[(1, 1), (1, 2)]]).value is None  # all tied: no order to compare


def test_triads_by_hand():
    circle = triads([("a", "b"), ("b", "c"), ("c", "a")])
    assert (circle.decided, circle.circular, circle.share) == (1, 1, 1.0)
    assert circle.examples == [("a", "b", "c")]
    line = triads([("a", "b"), ("b", "c"), ("a", "c")])
    assert (line.decided, line.circular) == (1, 0)
    # A pair that was judged once each way is not decided; one judged two to one is.
    split = triads([("a", "b"), ("b", "a"), ("b", "c"), ("c", "a")])
    assert split.decided == 0
    assert triads([("a", "b"), ("a", "b"), ("b", "a"), ("b", "c"), ("c", "a")]).circular == 1
    assert triads([("a", "b")]).share is None


@settings(max_examples=40, deadline=None)
@given(st.lists(st.booleans(), min_size=21, max_size=21))
def test_triads_of_a_whole_tournament(left):
    """Kendall and Babington Smith: C(n, 3) - sum of w (w - 1) / 2 over how often each of n things won."""
    names = range(7)
    wins = [pair if first else pair[::-1] for pair, first in zip(combinations(names, 2), left, strict=True)]
    score = [sum(winner == name for winner, _ in wins) for name in names]
    found = triads(wins)
    assert found.decided == 35
    assert found.circular == 35 - sum(w * (w - 1) // 2 for w in score)
    beats = set(wins)
    assert len(found.examples) == min(found.circular, 20)
    assert all({(a, b), (b, c), (c, a)} <= beats for a, b, c in found.examples)


def test_a_coin_goes_round_once_in_four():
    rng = np.random.default_rng(0)
    wins = [pair if rng.random() < 0.5 else pair[::-1] for pair in combinations(range(60), 2)]
    assert triads(wins).share == pytest.approx(0.25, abs=0.02)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Plain words, 3 * 4 and a_b_c.", 0),
        ("# Title\n\nText", 1),
        ("- one\n- two\n  1. three", 3),
        ("**bold** and `code`", 2),
        ("```python\nx = 1\n```", 2),
        ("| a | b |\n| - | - |", 2),
        ("> said", 1),
        ("", 0),
    ],
)
def test_marks_are_counted(text, count):
    assert marks(text) == count


@pytest.mark.parametrize(
    ("expected", "strength", "value", "right"),
    [
        ({"preferred": 0}, 1, {}, True),
        ({"preferred": 0}, -4, {}, False),
        ({"preferred": 1}, -1, {}, True),
        ({"preferred": None}, 0, {}, True),
        ({"preferred": None}, 1, {}, False),
        ({"strength": 3, "scale": 8, "preferred": 0}, 1, {}, True),
        ({"strength": -2}, 2, {}, False),
        ({"label": True}, None, {"label": True}, True),
        ({"label": True}, None, {"label": False}, False),
        ({"rating": 4}, None, {"rating": 4, "note": "x"}, True),
        (True, None, {"label": True}, True),
    ],
)
def test_gold_is_met(expected, strength, value, right):
    assert met(expected, strength, value) is right


def test_small_groups_are_hidden_and_cannot_be_had_by_subtraction():
    said = [("a", 10)] * 8 + [("b", 5)] * 6 + [("c", 1)] * 2
    found = {cell.value: cell for cell in cells(said)}
    assert found["a"].people == 8
    assert found["a"].share == pytest.approx(80 / 112)
    assert found["c"].people is None
    assert found["b"].people is None  # alone in the dark, c were the total less a and b
    two = {cell.value: cell for cell in cells([*said, ("d", 1)])}
    assert two["b"].people == 6
    assert two["c"].share is None
    assert all(cell.people is None for cell in cells([("a", 1)] * (LEAST_PEOPLE - 1)))
    assert cells([]) == []


def test_wilson_by_hand():
    # 8 of 10 at z = 1.96: centre (0.8 + 0.19208) / 1.38416 = 0.7167, reach 0.2268 (Wilson 1927).
    told = wilson(8, 10, least=10)
    assert (told.value, told.low, told.high) == pytest.approx((0.8, 0.49016, 0.94332), abs=1e-4)
    assert wilson(8, 10).value is None
    assert wilson(0, 0, least=0).value is None


@pytest.mark.real_data
class TestPublished:
    def test_cohen_tables(self, real_data):
        for row in json.loads(real_data("canonical_stats", "cohen_kappa_examples.json").read_text())["tables"]:
            table = row["table"]
            pairs = [(i, j) for i in range(2) for j in range(2) for _ in range(table[i][j])]
            assert cohen_kappa(pairs, resamples=0).value == pytest.approx(row["published_kappa"], abs=5e-5)

    def test_mt_bench_majority_against_gpt_4(self, real_data):
        """The README's joined items: majority of all humans, split = tie; raw .672, kappa .505; without ties .767."""
        people, judge = defaultdict(list), {}
        for name, keep in (("human_votes", people), ("gpt4_pair_votes", judge)):
            for line in real_data("mt_bench_human", f"{name}.jsonl").read_text().splitlines():
                vote = json.loads(line)
                swap = vote["model_a"] > vote["model_b"]
                said = {"model_a": 1, "model_b": -1}.get(vote["winner"], 0) * (-1 if swap else 1)
                key = (vote["question_id"], *sorted([vote["model_a"], vote["model_b"]]), vote["turn"])
                if keep is people:
                    people[key].append(said)
                else:
                    judge[key] = said
        joined = []
        for key, said in people.items():
            if key in judge:
                counts = sorted(((said.count(side), side) for side in (-1, 0, 1)), reverse=True)
                split = counts[0][0] == counts[1][0]
                joined.append((0 if split else counts[0][1], judge[key]))
        figure = cohen_kappa(joined)
        assert figure.units == 1814
        assert figure.value == pytest.approx(0.505, abs=5e-4)
        assert figure.low < 0.505 < figure.high
        decided = [pair for pair in joined if 0 not in pair]
        assert len(decided) == 1078
        assert cohen_kappa(decided, resamples=0).value == pytest.approx(0.767, abs=5e-4)
