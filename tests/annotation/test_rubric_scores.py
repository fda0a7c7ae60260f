"""Equation 15 in both forms: hand-derived values, what must always hold, numpy and torch alike."""

import numpy as np
import pytest
import torch
from scipy import stats

from annotation import oracles, rubric_scores
from annotation.rubric_scores import as_printed, bounded, mean_interval, normalised, sums_to_one

SEEDS = range(25)


def drawn(seed: int, items: int = 5):
    rng = np.random.default_rng(seed)
    scores = rng.random((7, items))
    return scores, rng.dirichlet(np.ones(items)), rng.uniform(0.05, 1, items)


def test_the_oracles_hold():
    rows = oracles.grape_rubric()
    assert len(rows) == 8
    assert all(row["passed"] for row in rows)
    assert {row["method"] for row in rows} == {"grape_rubric"}


@pytest.mark.parametrize("seed", SEEDS)
def test_bounded_lies_between_the_smallest_and_the_largest_score(seed):
    scores, weights, sure = drawn(seed)
    found = bounded(scores, weights, sure)
    assert (found >= scores.min(axis=1) - 1e-12).all()
    assert (found <= scores.max(axis=1) + 1e-12).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_the_printed_form_is_the_bounded_one_times_a_constant_of_the_category(seed):
    scores, weights, sure = drawn(seed)
    ratio = as_printed(scores, weights, sure) / bounded(scores, weights, sure)
    assert np.allclose(ratio, len(weights) * (weights @ sure) / sure.sum())
    assert (ratio.max() - ratio.min()) < 1e-12


@pytest.mark.parametrize("form", rubric_scores.FORMS)
@pytest.mark.parametrize("seed", range(5))
def test_equal_confidence_is_the_plain_weighted_mean(form, seed):
    scores, weights, _ = drawn(seed)
    found = rubric_scores.total(form)(scores, weights, np.full(len(weights), 0.4))
    assert np.allclose(found, scores @ weights)


@pytest.mark.parametrize("form", rubric_scores.FORMS)
def test_a_better_score_never_lowers_the_total(form):
    for seed in SEEDS:
        scores, weights, sure = drawn(seed)
        total = rubric_scores.total(form)
        better = scores.copy()
        better[:, 2] = 1
        assert (total(better, weights, sure) >= total(scores, weights, sure)).all()


def test_bounded_reduces_to_the_item_that_alone_is_trusted_where_others_are_not():
    found = bounded(np.array([0.2, 0.9]), np.array([0.5, 0.5]), np.array([0.0, 0.7]))
    assert found == pytest.approx(0.9)


@pytest.mark.parametrize("form", rubric_scores.FORMS)
def test_torch_tensors_give_what_arrays_give(form):
    scores, weights, sure = drawn(3)
    total = rubric_scores.total(form)
    found = total(*(torch.tensor(values) for values in (scores, weights, sure)))
    assert np.allclose(found.numpy(), total(scores, weights, sure))
    assert found.shape == (7,)


@pytest.mark.parametrize("form", rubric_scores.FORMS)
def test_nothing_to_take_a_mean_over_is_refused(form):
    total = rubric_scores.total(form)
    with pytest.raises(ValueError, match="confidence"):
        total(np.array([1.0, 1.0]), np.array([1.0, 0.0]), np.array([0.0, 1.0]))
    with pytest.raises(ValueError, match="one of each"):
        total(np.array([1.0, 1.0]), np.array([0.5, 0.5]), np.array([1.0]))


def test_weights_are_normalised_to_exactly_one():
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        given = list(rng.uniform(0, 5, rng.integers(1, 12)))
        found = normalised(given)
        assert round(sum(found), 9) == 1
        assert np.allclose(found, np.array(given) / sum(given), atol=1e-3)
    assert normalised([0, 0]) == [0.5, 0.5]
    assert normalised([]) == []
    assert normalised([-1, 3]) == [0, 1]


def test_what_sums_to_one_as_people_type_it():
    assert sums_to_one([0.333, 0.333, 0.333])
    assert sums_to_one([1])
    assert not sums_to_one([0.3, 0.3, 0.3])
    assert not sums_to_one([0.167] * 6)


def test_the_interval_is_students():
    rng = np.random.default_rng(4)
    values = rng.uniform(0.3, 0.8, 40)
    mean, low, high = mean_interval(len(values), values.sum(), (values**2).sum())
    expected = stats.t.interval(0.95, len(values) - 1, loc=values.mean(), scale=stats.sem(values))
    assert (mean, low, high) == pytest.approx((values.mean(), *expected))
    assert mean_interval(9, 5.0, 3.0, least=10) is None
    assert mean_interval(1, 0.5, 0.25) is None
    assert mean_interval(12, 12.0, 12.0) == (1.0, 1.0, 1.0)


def test_the_interval_stays_in_its_bounds():
    _, low, high = mean_interval(3, 2.9, 2.82)
    assert low >= 0
    assert high == 1
