"""Agreement: by hand, against the textbook, against an independent implementation, and its interval's coverage."""

import csv
import json
from collections import defaultdict

import krippendorff
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats import inter_rater

from annotation.agreement import LEVELS, fleiss_kappa, krippendorff_alpha, raw_agreement


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
    with pytest.raises(ValueError, match="no level 'cardinal'"):
        krippendorff_alpha([[1, 2]], level="cardinal")


def reliability(units, width):
    return np.array([[unit[row] if row < len(unit) else np.nan for unit in units] for row in range(width)], float)


@settings(max_examples=60, deadline=None)
@given(
    units=st.lists(st.lists(st.integers(-4, 4), min_size=0, max_size=5), min_size=2, max_size=30),
    level=st.sampled_from(["nominal", "ordinal", "interval"]),
)
def test_equals_an_independent_implementation(units, level):
    ours = krippendorff_alpha(units, level=level, resamples=0).value
    if ours is None:
        return
    theirs = krippendorff.alpha(reliability_data=reliability(units, 5), level_of_measurement=level)
    assert ours == pytest.approx(theirs, abs=1e-10)


@settings(max_examples=40, deadline=None)
@given(units=st.lists(st.lists(st.integers(1, 6), min_size=0, max_size=4), min_size=2, max_size=20))
def test_ratios_equal_it_too(units):
    ours = krippendorff_alpha(units, level="ratio", resamples=0).value
    if ours is not None:
        theirs = krippendorff.alpha(reliability_data=reliability(units, 4), level_of_measurement="ratio")
        assert ours == pytest.approx(theirs, abs=1e-10)


@settings(max_examples=40, deadline=None)
@given(
    st.integers(2, 5).flatmap(
        lambda size: st.lists(st.lists(st.integers(0, 3), min_size=size, max_size=size), min_size=2, max_size=25)
    )
)
def test_fleiss_equals_an_independent_implementation(units):
    ours = fleiss_kappa(units, resamples=0).value
    if ours is None:
        return
    counts = np.array([[unit.count(label) for label in range(4)] for unit in units])
    assert ours == pytest.approx(inter_rater.fleiss_kappa(counts), abs=1e-10)


def test_fleiss_by_hand_with_units_of_two_sizes():
    # {1,1,2}: one equal pair of three; {2,2}: one of one. Mean 2/3; shares 2/5 and 3/5: chance 13/25.
    # kappa = (2/3 - 13/25) / (12/25) = 11/36.
    assert fleiss_kappa([[1, 1, 2], [2, 2], [3]], resamples=0).value == pytest.approx(11 / 36)
    assert fleiss_kappa([[1, 1], [1, 1]]).value is None


def test_scores_of_many_values_take_no_room():
    scores = np.random.default_rng(0).random((20_000, 2)).round(4)
    figure = krippendorff_alpha(scores.tolist(), level="interval", resamples=50)
    assert figure.low < 0 < figure.high


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
        for level in LEVELS:
            published = table["published_alpha"][level]
            assert krippendorff_alpha(units, level=level).value == pytest.approx(published, abs=5e-4)

    def test_fleiss_kappa_of_the_textbook(self, real_data):
        table = json.loads(real_data("canonical_stats", "fleiss_kappa_example.json").read_text())
        units = [[label for label, times in enumerate(row) for _ in range(times)] for row in table["counts"]]
        assert fleiss_kappa(units).value == pytest.approx(table["published_kappa"], abs=5e-4)

    @pytest.mark.parametrize(("model", "raw", "kappa"), [("llama2orig", 0.964, 0.93), ("gpt4", 0.984, 0.97)])
    def test_xstest(self, real_data, model, raw, kappa):
        rows = real_data("xstest", f"completions_{model}.jsonl").read_text().splitlines()
        units = [[row["annotation_1"], row["annotation_2"]] for row in map(json.loads, rows)]
        assert raw_agreement(units).value == pytest.approx(raw, abs=5e-4)
        figure = fleiss_kappa(units)
        assert figure.value == pytest.approx(kappa, abs=5e-3)
        assert (figure.units, figure.ratings) == (450, 900)

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
