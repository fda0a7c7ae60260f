"""Dawid and Skene, nominal and ordinal, and what a rater's word weighs: against another library, and the truth."""

import csv
import warnings
from itertools import product

import numpy as np
import pytest

from annotation.quality.dawid_skene import believe, dawid_skene
from annotation.quality.ordinal import NOISE, STRETCH, law, ordinal_dawid_skene, places
from annotation.quality.reliability import LEAST, reliabilities
from annotation.quality.voices import voices


def crowd(seed=0, *, items=400, labels=3, skills=(0.9, 0.8, 0.7, 0.35), each=3):
    """Answers of raters who are right with a known probability and else say one of the others."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, labels, items)
    rows = []
    for item in range(items):
        for rater in rng.choice(len(skills), each, replace=False):
            right = rng.random() < skills[rater]
            label = truth[item] if right else (truth[item] + rng.integers(1, labels)) % labels
            rows.append((item, int(rater), int(label)))
    return truth, rows


def in_crowdkit(rows, rounds=100, tolerance=1e-12):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of pandas, in that library
        import pandas as pd
        from crowdkit.aggregation import DawidSkene

        data = pd.DataFrame(rows, columns=["task", "worker", "label"])
        return DawidSkene(n_iter=rounds, tol=tolerance).fit(data)


def assert_equal_after(rounds, rows):
    """Step by step: as many rounds of both, from the same start, come to the same figures."""
    theirs = in_crowdkit(rows, rounds=rounds, tolerance=-1)
    ours = dawid_skene(voices(rows), tolerance=-1, most=rounds)
    labels, items = list(ours.voices.labels), list(ours.voices.items)
    assert ours.posterior == pytest.approx(theirs.probas_.loc[items, labels].to_numpy(), abs=1e-7)
    ours = dawid_skene(voices(rows), tolerance=-1, most=rounds + 1)  # theirs ends with the errors, ours with the truth
    assert ours.classes == pytest.approx(theirs.priors_[labels].to_numpy(), abs=1e-7)
    said = theirs.errors_[labels]
    for (rater, label), row in said.iterrows():
        at = ours.voices.raters.index(rater), slice(None), labels.index(label)
        assert ours.confusion[at] == pytest.approx(row.to_numpy(), abs=1e-7)


def test_equals_an_independent_implementation():
    assert_equal_after(25, crowd()[1])


@pytest.mark.real_data
def test_equals_it_on_a_real_crowd(real_data):
    with real_data("llmfao_crowd", "crowd-comparisons.csv").open(newline="") as handle:
        rows = [(row["id"], row["worker"], row["winner"]) for row in csv.DictReader(handle)]
    theirs = in_crowdkit(rows, rounds=25, tolerance=-1)
    ours = dawid_skene(voices(rows), tolerance=-1, most=25)
    told = theirs.probas_.loc[list(ours.voices.items), list(ours.voices.labels)].to_numpy()
    # They differ in what a worker says of a class that none of their items is likely in: ours any label alike, theirs
    # any that the worker ever used. Of 124 workers some have three votes.
    assert np.abs(ours.posterior - told).max() < 0.01
    assert np.abs(ours.posterior - told).mean() < 5e-4
    assert np.mean(ours.posterior.argmax(axis=1) == told.argmax(axis=1)) > 0.998


def test_the_likelihood_never_falls_and_the_truth_is_found():
    truth, rows = crowd(seed=1, items=1500)
    fit = dawid_skene(voices(rows))
    assert (np.diff(fit.log_likelihood) > -1e-9).all()
    assert np.mean(np.array(fit.answers) == truth[list(fit.voices.items)]) > 0.85
    found = dict(zip(fit.voices.raters, fit.accuracy, strict=True))
    assert [found[rater] for rater in range(4)] == pytest.approx([0.9, 0.8, 0.7, 0.35], abs=0.06)
    assert fit.reliability == pytest.approx((fit.accuracy - 1 / 3) / (2 / 3))


def test_the_likelihood_is_that_of_the_model():
    rows = [(0, "r", 0), (0, "s", 1), (1, "r", 1), (1, "s", 1)]
    fit = dawid_skene(voices(rows), smoothing=1.0, most=3)
    r, s = (fit.confusion[fit.voices.raters.index(name)] for name in "rs")
    by_hand = np.log(fit.classes @ (r[:, 0] * s[:, 1])) + np.log(fit.classes @ (r[:, 1] * s[:, 1]))
    assert fit.log_likelihood[-1] == pytest.approx(by_hand)


def test_three_answers_make_nobody_infallible():
    _, rows = crowd(seed=2)
    rows += [(item, "newcomer", label) for item, _, label in rows[:3]]
    plain, smoothed = (dawid_skene(voices(rows, labels=(0, 1, 2)), smoothing=m) for m in (0.0, 4.0))
    at = plain.voices.raters.index("newcomer")
    assert abs(smoothed.accuracy[at] - smoothed.accuracy[:at].mean()) < abs(
        plain.accuracy[at] - plain.accuracy[:at].mean()
    )


def test_mirrored_does_not_care_which_came_first():
    rng = np.random.default_rng(3)
    _, rows = crowd(seed=3, labels=2)
    signed = [(item, rater, 2 * label - 1) for item, rater, label in rows]
    turned = {item for item, *_ in rows if rng.random() < 0.5}
    swapped = [(item, rater, -side if item in turned else side) for item, rater, side in signed]
    one, other = (
        dawid_skene(voices(said, labels=(-1, 1)), mirrored=True, tolerance=1e-12) for said in (signed, swapped)
    )
    assert one.confusion == pytest.approx(other.confusion, abs=1e-6)
    assert one.confusion[:, 0, 0] == pytest.approx(one.confusion[:, 1, 1])


def graded_crowd(points, *, labels=8, items=1200, seed=0):
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, labels, items)
    rows = []
    for rater, point in enumerate(points):
        table = law(*point, labels)
        for item in range(items):
            if rng.random() < 0.6:
                rows.append((item, rater, int(rng.choice(labels, p=table[truth[item]]))))
    return truth, rows


def test_the_law_is_a_law():
    for noise, stretch, size in product((NOISE[0], 1.0, NOISE[-1]), (STRETCH[0], 1.0), (2, 5, 9)):
        table = law(noise, stretch, size)
        assert table.sum(axis=1) == pytest.approx(np.ones(size))
        assert table[::-1, ::-1] == pytest.approx(table)  # both ends alike
    assert places(4).tolist() == [-1.5, -0.5, 0.5, 1.5]
    # Two cells meet at 0; with noise 1 the upper is perceived from x = 1/2 with F(1/2).
    assert law(1.0, 1.0, 2)[1, 1] == pytest.approx(1 / (1 + np.exp(-0.5)))


def test_ordinal_finds_noise_stretch_and_truth():
    points = [(0.3, 1.0), (0.55, 1.0), (1.2, 0.7), (5.0, 0.4), (0.4, 1.0), (0.7, 1.0)]
    truth, rows = graded_crowd(points)
    fit = ordinal_dawid_skene(voices(rows, labels=tuple(range(8))))
    assert (np.diff(fit.log_likelihood) > -1e-9).all()
    noise = dict(zip(fit.voices.raters, fit.noise, strict=True))
    assert noise[0] < noise[1] < noise[2] < noise[3]
    assert noise[1] == pytest.approx(0.55, rel=0.35)
    known = truth[list(fit.voices.items)]
    laws = np.log(np.stack([law(*points[rater], 8) for rater in fit.voices.raters]))
    best = believe(fit.voices, np.full(8, 1 / 8), laws)[0].argmax(axis=1)
    assert np.abs(np.array(fit.answers) - known).mean() < 1.1 * np.abs(best - known).mean()
    nominal = dawid_skene(voices(rows[: len(rows) // 10], labels=tuple(range(8))))
    few = ordinal_dawid_skene(voices(rows[: len(rows) // 10], labels=tuple(range(8))))
    assert few.voices.items == nominal.voices.items
    at = truth[list(few.voices.items)]
    assert np.abs(np.array(few.answers) - at).mean() <= np.abs(np.array(nominal.answers) - at).mean()


def test_ordinal_is_the_best_point_of_its_grid():
    """With the posterior held, no other point of the grid makes what a rater said likelier."""
    _, rows = graded_crowd([(0.4, 1.0), (1.0, 0.7)], labels=5, items=60, seed=4)
    fit = ordinal_dawid_skene(voices(rows, labels=tuple(range(5))), tolerance=0, most=60)
    heard = fit.voices
    for rater in range(2):
        at = heard.rater == rater
        scores = {
            (noise, stretch): (
                fit.posterior[heard.item[at]] * np.log(np.maximum(law(noise, stretch, 5), 1e-10))[:, heard.label[at]].T
            ).sum()
            for noise, stretch in product(NOISE, STRETCH)
        }
        assert max(scores, key=scores.get) == pytest.approx((fit.noise[rater], fit.stretch[rater]))


def sides(skills, *, items=600, each=3, seed=0):
    rng = np.random.default_rng(seed)
    for item in range(items):
        truth = 1 if rng.random() < 0.5 else -1
        for rater in rng.choice(len(skills), each, replace=False):
            yield item, int(rater), truth if rng.random() < skills[rater] else -truth


def test_reliability_covers_the_truth_about_as_often_as_it_says():
    skills, covered, asked = (0.95, 0.85, 0.75, 0.6, 0.5), 0, 0
    for seed in range(30):
        told = reliabilities(sides(skills, seed=seed)).raters
        for rater, skill in enumerate(skills):
            covered += told[rater].low <= skill <= told[rater].high
            asked += 1
    # 150 at .95: 142.5 expected, standard deviation 2.7; other people's errors are not in the interval, so a bit less.
    assert covered >= 0.88 * asked
    assert told[4].weight < 0.25 < 0.6 < told[0].weight


def test_little_is_not_told_and_single_answers_say_nothing():
    told = reliabilities([(n, "alone", 1) for n in range(500)])
    assert told.raters == {}
    assert told.items == 0
    rows = list(sides((0.9, 0.9, 0.9), items=LEAST, each=2))  # twenty each
    assert all(row.right is None and row.weight is None for row in reliabilities(rows).raters.values())
    assert reliabilities([]).single is None


def test_somebody_who_always_ties_is_not_told():
    rows = list(sides((0.9, 0.8, 0.9), items=200)) + [(n, "tie", 0) for n in range(200)]
    told = reliabilities(rows).raters
    assert told["tie"].n == 0
    assert told["tie"].right is None
    assert told[0].right > 0.8
