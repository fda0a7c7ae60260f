"""Pulls of side, length and format: against another implementation, and on people of known pulls."""

import warnings

import numpy as np
import pytest
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from annotation.quality.leanings import LEAST, PRIOR, Lean, features, leanings, logistic


def pairs(n, seed=0):
    rng = np.random.default_rng(seed)
    lengths = np.round(np.exp(rng.normal(5, 0.6, (n, 2))))
    marks = rng.integers(0, 6, (n, 2))
    others = rng.choice([-1.0, -0.5, 0.0, 0.5, 1.0], n)
    return rng, features(lengths, marks, others)


def test_equals_an_independent_implementation():
    rng, table = pairs(300)
    chosen = rng.random(300) < expit(table @ [0.5, 0.8, -0.3, 1.0])
    ours, covariance = logistic(table, chosen.astype(float))
    theirs = LogisticRegression(C=PRIOR**2, fit_intercept=False, tol=1e-10, max_iter=1000).fit(table, chosen)
    assert ours == pytest.approx(theirs.coef_[0], abs=1e-5)
    expected = expit(table @ ours)
    information = (table.T * (expected * (1 - expected))) @ table + np.eye(4) / PRIOR**2
    assert covariance == pytest.approx(np.linalg.inv(information))


def test_standard_errors_equal_those_of_maximum_likelihood():
    rng, table = pairs(400, seed=1)
    chosen = (rng.random(400) < expit(table @ [0.2, 0.5, 0.1, 0.7])).astype(float)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from statsmodels.discrete.discrete_model import Logit

        theirs = Logit(chosen, table).fit(disp=0)
    ours, covariance = logistic(table, chosen, prior=1e6)
    assert ours == pytest.approx(theirs.params, abs=1e-6)
    assert np.sqrt(np.diag(covariance)) == pytest.approx(theirs.bse, rel=1e-4)


def test_intervals_cover_the_truth_about_as_often_as_they_say():
    truth, covered, asked = [0.4, 0.6, -0.3, 0.8], 0, 0
    for seed in range(80):
        rng, table = pairs(300, seed=seed)
        told = leanings(table, rng.random(300) < expit(table @ truth))
        for place, name in enumerate(("position", "length", "format")):
            covered += told[name].low <= expit(truth[place]) <= told[name].high
            asked += 1
    # 240 at .95: 228 expected, standard deviation 3.4.
    assert covered >= 217


def test_somebody_who_always_takes_the_left_is_finite_and_found():
    _, table = pairs(60, seed=2)
    told = leanings(table, np.ones(60, dtype=bool))
    assert 0.9 < told["position"].value < 1
    assert told["position"].beyond(0.15)
    assert not told["length"].beyond(0.15)


def test_length_that_others_want_too_is_no_pull():
    """Everybody takes the longer because it is better: the others' answers explain it."""
    rng = np.random.default_rng(3)
    lengths = np.round(np.exp(rng.normal(5, 0.6, (500, 2))))
    better = np.sign(lengths[:, 0] - lengths[:, 1])
    others = better * (rng.random(500) < 0.9)
    chosen = np.where(rng.random(500) < 0.85, better > 0, better < 0)
    marks = np.zeros((500, 2))
    alone = leanings(features(lengths, marks, np.zeros(500)), chosen)["length"]
    told = leanings(features(lengths, marks, others), chosen)["length"]
    assert abs(told.value - 0.5) < abs(alone.value - 0.5)


def test_a_neighbour_who_always_takes_the_left_makes_nobody_lean():
    """Right every time, beside one who is right too and one who always takes the left."""
    better = np.tile([1.0, -1.0], 100)
    others = (better + 1) / 2
    told = leanings(features(np.full((200, 2), 50.0), np.zeros((200, 2)), others), better > 0)
    assert told["position"].value == pytest.approx(0.5, abs=0.01)


def test_little_is_not_told():
    _, table = pairs(LEAST - 1)
    assert leanings(table, np.ones(LEAST - 1, dtype=bool))["position"] == Lean(None, None, None, LEAST - 1)
    _, table = pairs(200)
    table[:, 2] = 0  # nothing is formatted
    told = leanings(table, np.arange(200) % 2 == 0)
    assert told["format"].value is None
    assert told["length"].n > 0


def test_a_pull_must_be_sure_and_strong():
    assert Lean(0.8, 0.7, 0.9, 100).beyond(0.15)
    assert not Lean(0.8, 0.45, 0.95, 30).beyond(0.15)
    assert not Lean(0.55, 0.52, 0.58, 9000).beyond(0.15)
    assert Lean(0.2, 0.1, 0.3, 100).beyond(0.15)
    assert not Lean(None, None, None, 3).beyond(0.15)
