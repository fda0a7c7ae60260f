"""Bradley-Terry with the ability of annotators: who wins, when not everybody can tell. Pure.

Chen, Bennett, Collins-Thompson and Horvitz (2013), Pairwise ranking aggregation in a crowdsourced setting: rater r sees
which is better with probability eta_r and else says the opposite,

    P(r says i over j) = eta_r sigma(theta_i - theta_j) + (1 - eta_r) sigma(theta_j - theta_i)

by maximum likelihood with the paper's virtual node of strength 0, against which each thing has won and lost `pull`
times, and eta_r ~ Beta(2, 1): nobody is taken for a liar on two answers. eta is identified up to turning everybody and
everything round; the start at "mostly right" settles it. Unlike Dawid and Skene it needs no two people on one item,
only that the same things (models, say) are compared again and again.
"""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, log_expit

PULL = 0.5


@dataclass(frozen=True)
class CrowdFit:
    """`strengths` of the things (mean 0) and `ability` eta of the raters, by name."""

    strengths: dict[Hashable, float]
    ability: dict[Hashable, float]
    log_likelihood: float


def crowd_bradley_terry(wins: Iterable[tuple[Hashable, Hashable, Hashable]], *, pull: float = PULL) -> CrowdFit:
    """The fit of (rater, winner, loser). Raises ValueError without any."""
    rows = list(wins)
    if not rows:
        raise ValueError("there is nothing to fit")
    raters = list(dict.fromkeys(row[0] for row in rows))
    things = list(dict.fromkeys(name for row in rows for name in row[1:]))
    rater, winner, loser = (
        np.fromiter((places[row[column]] for row in rows), dtype=np.int64, count=len(rows))
        for column, places in enumerate((_places(raters), _places(things), _places(things)))
    )
    size = len(things)

    def likelihood(theta: np.ndarray, skill: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        """Its logarithm and its gradients; eta is sigma(skill)."""
        eta, seen = expit(skill)[rater], expit(theta[winner] - theta[loser])
        chance = eta * seen + (1 - eta) * (1 - seen)
        slope = (2 * eta - 1) * seen * (1 - seen) / chance
        along = np.bincount(winner, slope, size) - np.bincount(loser, slope, size)
        turn = np.bincount(rater, eta * (1 - eta) * (2 * seen - 1) / chance, len(raters))
        return float(np.log(chance).sum()), along, turn

    def loss(at: np.ndarray) -> tuple[float, np.ndarray]:
        theta, skill = at[:size], at[size:]
        value, along, turn = likelihood(theta, skill)
        value += pull * (log_expit(theta) + log_expit(-theta)).sum() + log_expit(skill).sum()
        along += pull * (1 - 2 * expit(theta))
        return -value, -np.r_[along, turn + 1 - expit(skill)]

    start = np.r_[np.zeros(size), np.full(len(raters), 2.0)]
    start[:size] = minimize(lambda theta: _only(loss, theta, start[size:]), start[:size], jac=True).x
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 2000, "ftol": 1e-13, "gtol": 1e-8}).x
    theta, skill = found[:size], found[size:]
    return CrowdFit(
        dict(zip(things, (theta - theta.mean()).tolist(), strict=True)),
        dict(zip(raters, expit(skill).tolist(), strict=True)),
        likelihood(theta, skill)[0],
    )


def _only(loss, theta: np.ndarray, skill: np.ndarray) -> tuple[float, np.ndarray]:
    """The loss in the strengths alone, abilities held: where both begin."""
    value, gradient = loss(np.r_[theta, skill])
    return value, gradient[: len(theta)]


def _places(names: list) -> dict:
    return {name: place for place, name in enumerate(names)}
