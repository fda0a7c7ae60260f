"""Bradley-Terry with annotator ability: its likelihood by hand, the plain model as its limit, known abilities back."""

import csv

import numpy as np
import pytest
from scipy.optimize import check_grad
from scipy.special import expit

from annotation.quality.crowd_bt import crowd_bradley_terry
from evaluation.ratings import fit
from evaluation.votes import Vote


def votes(strengths, abilities, *, each=60, seed=0):
    rng = np.random.default_rng(seed)
    for rater, ability in enumerate(abilities):
        for _ in range(each):
            i, j = rng.choice(len(strengths), 2, replace=False)
            first = rng.random() < expit(strengths[i] - strengths[j])
            if rng.random() > ability:
                first = not first
            yield (rater, int(i), int(j)) if first else (rater, int(j), int(i))


def test_the_likelihood_by_hand():
    rows = [("r", "a", "b"), ("r", "a", "b"), ("s", "b", "a")]
    found = crowd_bradley_terry(rows)
    gap = found.strengths["a"] - found.strengths["b"]
    chance = {
        name: {True: eta * expit(gap) + (1 - eta) * expit(-gap), False: eta * expit(-gap) + (1 - eta) * expit(gap)}
        for name, eta in found.ability.items()
    }
    by_hand = 2 * np.log(chance["r"][True]) + np.log(chance["s"][False])
    assert found.log_likelihood == pytest.approx(by_hand)
    assert sum(found.strengths.values()) == pytest.approx(0)
    with pytest.raises(ValueError, match="nothing to fit"):
        crowd_bradley_terry([])


def test_with_able_raters_it_is_almost_bradley_terry():
    strengths = (1.5, 0.7, 0.0, -0.8, -1.4)
    rows = list(votes(strengths, [1.0] * 20, each=200))
    found = crowd_bradley_terry(rows, pull=1e-6)
    plain = fit([Vote(first=winner, second=loser, score=1.0, prompt=n, rater=rater)
                 for n, (rater, winner, loser) in enumerate(rows)])  # fmt: skip
    ours = [found.strengths[name] for name in plain.players]
    # Two hundred answers cannot tell .97 from 1: what is taken for slips makes the rest a little clearer.
    assert ours == pytest.approx(plain.strengths, abs=0.2)
    assert np.median(list(found.ability.values())) > 0.95


def test_known_abilities_come_back_where_nobody_shares_an_item():
    strengths, abilities = np.linspace(-2, 2, 8), (0.97, 0.9, 0.8, 0.65, 0.5, 0.95, 0.85)
    found = crowd_bradley_terry(votes(strengths, abilities, each=900))
    assert [found.ability[rater] for rater in range(7)] == pytest.approx(abilities, abs=0.07)
    assert [found.strengths[thing] for thing in range(8)] == pytest.approx(strengths - strengths.mean(), abs=0.3)


def test_a_coin_does_not_pull_the_others_together():
    """With raters who guess, plain Bradley-Terry shrinks every difference; this does not."""
    strengths = np.linspace(-2, 2, 6)
    rows = list(votes(strengths, (0.98, 0.97, 0.5, 0.5), each=800, seed=2))
    ours = crowd_bradley_terry(rows).strengths
    plain = fit([Vote(first=winner, second=loser, score=1.0, prompt=n, rater=rater)
                 for n, (rater, winner, loser) in enumerate(rows)])  # fmt: skip
    told = dict(zip(plain.players, plain.strengths, strict=True))
    wide = ours[5] - ours[0]
    assert abs(wide - 4) < 0.8
    assert told[5] - told[0] < 0.75 * wide


@pytest.mark.real_data
def test_on_a_real_crowd_it_explains_more_than_the_plain_model(real_data):
    with real_data("llmfao_crowd", "crowd-comparisons.csv").open(newline="") as handle:
        rows = [
            (row["worker"], *((row["left"], row["right"]) if row["winner"] == "left" else (row["right"], row["left"])))
            for row in csv.DictReader(handle)
            if row["winner"] != "tie"
        ]
    found = crowd_bradley_terry(rows)
    ones = np.array(list(found.ability.values()))
    assert len(ones) <= 124
    assert 0.6 < np.median(ones) < 1
    plain = sum(np.log(expit(found.strengths[winner] - found.strengths[loser])) for _, winner, loser in rows)
    assert found.log_likelihood > plain


def test_gradients_are_right(monkeypatch):
    """What the optimiser is told is the slope of what it is told."""
    seen = []

    def caught(function, start, **options):
        seen.append(function)
        return real(function, start, **options)

    from annotation.quality import crowd_bt

    real = crowd_bt.minimize
    monkeypatch.setattr(crowd_bt, "minimize", caught)
    crowd_bradley_terry(votes((1.0, 0.0, -1.0), (0.9, 0.6)))
    loss, at = seen[-1], np.random.default_rng(0).normal(size=5)
    assert check_grad(lambda x: loss(x)[0], lambda x: loss(x)[1], at) < 1e-4
