"""Hand-derived and published figures that ours must reproduce: rows for `manage.py verify`. Pure."""

from itertools import combinations

import numpy as np

from annotation.agreement import fleiss_kappa, krippendorff_alpha, raw_agreement
from annotation.quality.crowd_bt import crowd_bradley_terry
from annotation.quality.dawid_skene import dawid_skene
from annotation.quality.kappa import cohen_kappa
from annotation.quality.leanings import features, leanings
from annotation.quality.ordinal import law, ordinal_dawid_skene
from annotation.quality.rankings import kendall_tau
from annotation.quality.reliability import reliabilities
from annotation.quality.triads import triads
from annotation.quality.voices import voices
from annotation.rubric_oracle import grape_rubric

# K. Krippendorff (2011), Computing Krippendorff's alpha-reliability, the worked example of section C: four observers,
# twelve units, some not observed (0).
OBSERVERS = (
    (1, 2, 3, 3, 2, 1, 4, 1, 2, 0, 0, 0),
    (1, 2, 3, 3, 2, 2, 4, 1, 2, 5, 0, 3),
    (0, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 0),
    (1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, 0),
)
PUBLISHED = {"nominal": 0.743, "ordinal": 0.815, "interval": 0.849, "ratio": 0.797}

# J. L. Fleiss's example as the textbooks print it: fourteen raters, ten subjects, counts of five categories.
SUBJECTS = (
    (0, 0, 0, 0, 14),
    (0, 2, 6, 4, 2),
    (0, 0, 3, 5, 6),
    (0, 3, 9, 2, 0),
    (2, 2, 8, 1, 1),
    (7, 7, 0, 0, 0),
    (3, 2, 6, 3, 0),
    (2, 5, 3, 2, 2),
    (6, 5, 2, 1, 0),
    (0, 2, 2, 3, 7),
)


def row(source: str, oracle: str, expected: float, measured: float, tolerance: float, method="agreement") -> dict:
    return {
        "method": method,
        "source": source,
        "oracle": oracle,
        "expected": float(expected),
        "measured": float(measured),
        "tolerance": tolerance,
        "passed": bool(abs(measured - expected) <= tolerance),
    }


def agreement() -> list[dict]:
    units = [[rating for rating in unit if rating] for unit in zip(*OBSERVERS, strict=True)]
    found = [
        row("Krippendorff 2011", f"alpha, {level}", value, krippendorff_alpha(units, level=level).value, 5e-4)
        for level, value in PUBLISHED.items()
    ]
    # {1,1}, {1,2}, {2,2}: margins 3 and 3, n = 6; D_o = 2, D_e = 2 * 9 / 5; alpha = 1 - 5/9.
    alpha = krippendorff_alpha([[1, 1], [1, 2], [2, 2]], resamples=0).value
    found.append(row("by hand", "alpha of three units", 4 / 9, alpha, 1e-12))
    # {1,1,2} has one equal pair of three, {2,2} one of one.
    share = raw_agreement([[1, 1, 2], [2, 2], [3]]).value
    found.append(row("by hand", "raw agreement counts pairs", 0.5, share, 1e-12))
    subjects = [[label for label, times in enumerate(counts) for _ in range(times)] for counts in SUBJECTS]
    found.append(row("Fleiss 1971", "kappa of the textbook", 0.210, fleiss_kappa(subjects, resamples=0).value, 5e-4))
    for table, kappa in (((20, 5, 10, 15), 0.4), ((45, 15, 25, 15), 0.1304), ((25, 35, 5, 35), 0.2593)):
        cells = ((1, 1), (1, 0), (0, 1), (0, 0))
        said = [cell for cell, times in zip(cells, table, strict=True) for _ in range(times)]
        found.append(row("Cohen 1960", f"kappa of {table}", kappa, cohen_kappa(said, resamples=0).value, 5e-5))
    # Pairs of (1,2,2,4) against (1,3,2,4): five agree, none disagrees, one is tied once: 5 / sqrt(5 * 6).
    tau = kendall_tau((1, 2, 2, 4), (1, 3, 2, 4))
    found.append(row("Kendall 1945", "tau-b with a tie", 5 / 30**0.5, tau, 1e-12))
    return found


def dawid_and_skene() -> list[dict]:
    """Raters of known skill: the truth, their skills and their noise come back."""
    rng, skills, method = np.random.default_rng(0), (0.95, 0.85, 0.7, 0.5), "dawid_skene"
    truth = rng.choice((-1, 1), 4000)
    said = [
        (item, rater, int(side if rng.random() < skill else -side))
        for item, side in enumerate(truth)
        for rater, skill in enumerate(skills)
    ]
    told = reliabilities(said)
    found = [
        row("by simulation", f"right {skill:.0%} of the time", skill, told.raters[rater].right, 0.03, method)
        for rater, skill in enumerate(skills)
    ]
    fit = dawid_skene(voices(said), tolerance=1e-10)
    fall = min(np.diff(fit.log_likelihood))
    found.append(row("Dawid and Skene 1979", "likelihood never falls", 0, min(0, fall), 1e-6, method))
    # With skills a known, the log-odds of an item are the sum of ± ln a / (1 - a): the optimum that EM must come to.
    log_odds = np.log(np.array(skills) / (1 - np.array(skills)))
    odds = np.array([side for *_, side in said]).reshape(4000, 4) @ log_odds
    best = np.mean(np.sign(odds) == truth)
    ours = np.mean(np.array(fit.answers) == truth)
    found.append(row("by hand", "as right as with the skills known", best, ours, 0.005, method))
    points, graded = ((0.3, 1.0), (0.5, 1.0), (0.7, 1.0), (1.2, 0.85), (2.5, 0.7)), []
    classes = rng.integers(0, 7, 1500)
    for rater, point in enumerate(points):
        table = law(*point, 7)
        graded += [(item, rater, int(rng.choice(7, p=table[k]))) for item, k in enumerate(classes)]
    noise = ordinal_dawid_skene(voices(graded, labels=tuple(range(7))), mirrored=False).noise
    found += [
        row("by simulation", f"ordinal noise {point[0]}", point[0], noise[rater], 0.35 * point[0], method)
        for rater, point in enumerate(points)
    ]
    return found


def pulls() -> list[dict]:
    """A rater of known pulls: each comes back."""
    rng, method = np.random.default_rng(1), "leanings"
    lengths = np.exp(rng.normal(5, 0.6, (4000, 2)))
    table = features(lengths, rng.integers(0, 6, (4000, 2)), rng.choice((-1.0, 0.0, 1.0), 4000))
    truth = (0.4, 0.8, -0.5, 1.0)
    told = leanings(table, rng.random(4000) < 1 / (1 + np.exp(-table @ truth)))
    return [
        row("by simulation", name, 1 / (1 + np.exp(-pull)), told[name].value, 0.03, method)
        for name, pull in zip(("position", "length", "format"), truth[:3], strict=True)
    ]


def circles() -> list[dict]:
    """One who goes round, and one who answers by coin."""
    rng = np.random.default_rng(2)
    coin = [pair if rng.random() < 0.5 else pair[::-1] for pair in combinations(range(60), 2)]
    known = triads([("a", "b"), ("b", "c"), ("c", "a"), ("a", "d"), ("b", "d"), ("c", "d")])
    return [
        row("by hand", "one circle of four triples", 0.25, known.share, 1e-12, "triads"),
        row("Kendall and Babington Smith 1940", "a coin's circles", 0.25, triads(coin).share, 0.02, "triads"),
    ]


def crowd_bt() -> list[dict]:
    """Raters who share no item but compare the same things: their ability and the things' strengths come back."""
    rng, method = np.random.default_rng(3), "crowd_bt"
    strengths, abilities = np.linspace(-2, 2, 6), (0.95, 0.8, 0.5)
    wins = []
    for rater, ability in enumerate(abilities):
        for _ in range(1500):
            i, j = rng.choice(6, 2, replace=False)
            first = (rng.random() < 1 / (1 + np.exp(strengths[j] - strengths[i]))) == (rng.random() < ability)
            wins.append((rater, *((i, j) if first else (j, i))))
    found = crowd_bradley_terry(wins)
    spread = found.strengths[5] - found.strengths[0]
    return [
        *(
            row("Chen and others 2013", f"ability {ability:.0%}", ability, found.ability[rater], 0.06, method)
            for rater, ability in enumerate(abilities)
        ),
        row("by simulation", "best less worst", 4.0, spread, 0.6, method),
    ]


ORACLES = {
    "agreement": agreement,
    "crowd_bt": crowd_bt,
    "dawid_skene": dawid_and_skene,
    "grape_rubric": grape_rubric,
    "leanings": pulls,
    "triads": circles,
}


def rows(names: list[str] | None = None) -> list[dict]:
    """The rows of these oracles, or of all. Names that are not here are somebody else's."""
    return [line for name, oracle in ORACLES.items() if not names or name in names for line in oracle()]
