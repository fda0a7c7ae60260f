"""Agreement: by hand, against the textbook, against an independent implementation, and its interval's coverage."""

import csv
import json
from collections import defaultdict

import krippendorff
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotation.agreement import krippendorff_alpha, raw_agreement


def test_alpha_by_hand():
    # Units {1,1}, {1,2}: coincidences o_11 = 2, o_12 = o_21 = 1; margins 3 and 1, n = 4.
    # D_o = 2, D_e = 2 * 3 * 1 / 3 = 2, alpha = 0.
    assert krippendorff_alpha([[1, 1], [1, 2]], resamples=0).value == pytest.approx(0.0)
    # A third unit {2,2}: margins 3 and 3, n = 6; D_o = 2, D_e = 2 * 9 / 5; alpha = 1 - 5/9.
    assert krippendorff_alpha([[1, 1], [1, 2], [2, 2]], resamples=0).value == pytest.approx(1 - 5 / 9)


def test_raw_agreement_counts_pairs():
    # {1,1,2} has one equal pair of three, {2,2} one of one.
    figure = raw_agreement([[1, 1, 2], [2, 2], [3]])
    assert figure.value == pytest.approx(2 / 4)
    assert (figure.units, figure.ratings) == (2, 5)


def test_everybody_always_says_the_same_is_not_defined():
    figure = krippendorff_alpha([[1, 1], [1, 1, 1]])
    assert figure.value is None
    assert figure.low is None
    assert figure.units == 2


def test_nothing_to_compare():
    assert krippendorff_alpha([[1], []]).value is None
    assert raw_agreement([]).units == 0


def test_unknown_level_is_refused():
    with pytest.raises(ValueError, match="no level 'interval'"):
        krippendorff_alpha([[1, 2]], level="interval")


def reliability(units, width):
    return np.array([[unit[row] if row < len(unit) else np.nan for unit in units] for row in range(width)], float)


@settings(max_examples=60, deadline=None)
@given(
    units=st.lists(st.lists(st.integers(-4, 4), min_size=0, max_size=5), min_size=2, max_size=30),
    level=st.sampled_from(["nominal", "ordinal"]),
)
def test_equals_an_independent_implementation(units, level):
    ours = krippendorff_alpha(units, level=level, resamples=0).value
    if ours is None:
        return
    theirs = krippendorff.alpha(reliability_data=reliability(units, 5), level_of_measurement=level)
    assert ours == pytest.approx(theirs, abs=1e-10)


def test_interval_covers_the_truth_about_as_often_as_it_says():
    # Two raters, each right with probability .8 on a fair coin: in the limit
    # alpha = 1 - P(differ) / P(two random answers differ) = 1 - .32 / .5 = .36.
    rng = np.random.default_rng(1)
    covered = 0
    for trial in range(200):
        truth = rng.integers(0, 2, 150)
        answers = [truth ^ (rng.random(150) < 0.2) for _ in range(2)]
        figure = krippendorff_alpha(zip(*answers, strict=True), resamples=300, seed=trial)
        covered += figure.low <= 0.36 <= figure.high
    # 200 trials at .95: 190 expected, standard deviation 3.1.
    assert covered >= 180


def test_a_hundred_thousand_units_take_no_time():
    rng = np.random.default_rng(0)
    figure = krippendorff_alpha(rng.integers(-4, 5, (100_000, 3)).tolist(), level="ordinal")
    assert figure.low < 0 < figure.high
    assert figure.high - figure.low < 0.02


@pytest.mark.real_data
class TestPublished:
    def test_krippendorff_2011(self, real_data):
        table = json.loads(real_data("canonical_stats", "krippendorff2011.json").read_text())
        units = [
            [rating for rating in unit if rating is not None]
            for unit in zip(*table["ratings_by_observer"].values(), strict=True)
        ]
        for level in ("nominal", "ordinal"):
            published = table["published_alpha"][level]
            assert krippendorff_alpha(units, level=level).value == pytest.approx(published, abs=5e-4)

    def test_mt_bench_humans(self, real_data):
        by_item = defaultdict(list)
        for line in real_data("mt_bench_human", "human_votes.jsonl").read_text().splitlines():
            vote = json.loads(line)
            swap = vote["model_a"] > vote["model_b"]
            winner = {"model_a": 1, "model_b": -1}.get(vote["winner"], 0) * (-1 if swap else 1)
            key = (vote["question_id"], *sorted([vote["model_a"], vote["model_b"]]), vote["turn"])
            by_item[key].append(winner)
        figure = krippendorff_alpha(by_item.values())
        assert figure.units == 961
        assert figure.value == pytest.approx(0.485, abs=5e-4)
        assert figure.low < 0.485 < figure.high

    def test_llmfao_crowd(self, real_data):
        by_item = defaultdict(list)
        with real_data("llmfao_crowd", "crowd-comparisons.csv").open(newline="") as handle:
            for vote in csv.DictReader(handle):
                by_item[vote["id"]].append(vote["winner"])
        figure = krippendorff_alpha(by_item.values())
        assert figure.ratings == 8916
        assert figure.value == pytest.approx(0.2906, abs=5e-5)
