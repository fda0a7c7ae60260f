"""Dawid and Skene for graded answers: near misses are likelier than far ones. Pure.

Classes lie on a line, x_k = k - (K - 1) / 2. A rater perceives a_r x_k plus logistic noise of width s_r and names the
cell that it falls into; the outermost cells are open:

    P(l | k) = F((x_l + 1/2 - a_r x_k) / s_r) - F((x_l - 1/2 - a_r x_k) / s_r),   F(z) = 1 / (1 + exp(-z))

s_r is how noisily a rater reads, a_r how much of the scale they use (below 1: everything near the middle). Two numbers
a rater in place of K (K - 1), so that nine cells can be learnt from thirty answers. Both are taken from a grid, which
makes the maximisation exact there: the likelihood never falls. The shares of the classes are held at the shares of
what was said (mirrored, as a pair's order means nothing): to squeeze the truth and stretch everybody is the same, and
this settles it.

The law is ours: the ordinal models of the literature (Raykar and others 2010 among them) split the scale into binary
questions, whose answers may contradict each other.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from annotation.quality.dawid_skene import believe, expected_counts, said_shares
from annotation.quality.voices import Voices

NOISE = np.geomspace(0.12, 6.0, 24)
STRETCH = np.array([0.4, 0.55, 0.7, 0.85, 1.0, 1.2, 1.45, 1.75, 2.1])


@dataclass(frozen=True)
class OrdinalFit:
    """`noise` and `stretch` per rater, [R]; `posterior` [I, K]; `grades` the posterior mean place of each item, [I]."""

    voices: Voices
    classes: np.ndarray
    noise: np.ndarray
    stretch: np.ndarray
    posterior: np.ndarray
    log_likelihood: tuple[float, ...]

    @property
    def grades(self) -> np.ndarray:
        return self.posterior @ places(len(self.voices.labels))

    @property
    def answers(self) -> list:
        return [self.voices.labels[place] for place in self.posterior.argmax(axis=1)]


def places(size: int) -> np.ndarray:
    """Where the classes lie: one apart, around 0."""
    return np.arange(size) - (size - 1) / 2


def law(noise: float, stretch: float, size: int) -> np.ndarray:
    """P(l | k), [K true, K said]."""
    x = places(size)
    edges = np.r_[-np.inf, x[:-1] + 0.5, np.inf]
    below = expit((edges[None, :] - stretch * x[:, None]) / noise)
    return np.diff(below, axis=1)


def ordinal_dawid_skene(
    voices: Voices, *, prior: float = 0.0, tolerance: float = 1e-8, most: int = 300, mirrored: bool = True
) -> OrdinalFit:
    """The fit. `prior` adds that many answers of the average rater to everybody's, as `smoothing` does there."""
    size = len(voices.labels)
    grid = [(noise, stretch) for noise in NOISE for stretch in STRETCH]
    laws = np.log(np.maximum(np.stack([law(*point, size) for point in grid]), 1e-10))
    # From the votes' own spread everybody would seem to stay near the middle; so noise comes first, then both.
    open_to = np.array([stretch == 1.0 for _, stretch in grid])
    classes = np.bincount(voices.label, minlength=size) / len(voices.label)
    if mirrored:
        classes = (classes + classes[::-1]) / 2
    posterior, told = said_shares(voices), []
    while True:
        heard = expected_counts(voices, posterior)
        if prior:
            pooled = heard.sum(axis=0)
            heard = heard + prior * pooled / pooled.sum()
        likely = np.einsum("rkl,gkl->rg", heard, laws, optimize=True)
        chosen = np.where(open_to, likely, -np.inf).argmax(axis=1)
        posterior, value = believe(voices, classes, laws[chosen])
        told.append(value)
        settled = len(told) > 1 and told[-1] - told[-2] <= tolerance * len(voices.item)
        if settled and not open_to.all():
            open_to[:] = True
        elif settled or len(told) >= most:
            noise, stretch = (np.array([grid[place][part] for place in chosen]) for part in (0, 1))
            return OrdinalFit(voices, classes, noise, stretch, posterior, tuple(told))
