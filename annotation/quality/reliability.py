"""How often each rater takes the side that is better, as far as everybody together tells; and what their word weighs.

Pure. Dawid and Skene on sides (first, tie, second; mirrored, since a pair's order means nothing), over items that at
least two people judged. Of a rater's decided answers, a is the expected share on the true side; the interval comes from
the scores s_i = q_i / a - (1 - q_i) / (1 - a), with q_i how likely answer i is right, so that answers about which the
others are unsure count for less. The weight is 2a - 1: 0 for a coin, 1 for somebody who is always right.
"""

from collections.abc import Hashable, Iterable
from dataclasses import asdict, dataclass

import numpy as np
from scipy.special import expit, logit

from annotation.quality.dawid_skene import Fit, dawid_skene
from annotation.quality.voices import Voices, voices

SIDES = (-1, 0, 1)
LEAST = 30  # decided answers on shared items, below which nobody is told how reliable they are
SMOOTHING = 4.0
_Z = 1.959964


@dataclass(frozen=True)
class Reliability:
    """`right` is the share on the better side with its interval, None below LEAST; `n` decided answers."""

    right: float | None
    low: float | None
    high: float | None
    n: int

    @property
    def weight(self) -> float | None:
        return None if self.right is None else max(0.0, 2 * self.right - 1)

    def as_dict(self) -> dict:
        return {**asdict(self), "weight": self.weight}


@dataclass(frozen=True)
class Reliabilities:
    """Everybody's, and of all decided answers together how often one is right."""

    raters: dict[Hashable, Reliability]
    single: float | None
    items: int
    fit: Fit | None


def reliabilities(said: Iterable[tuple[Hashable, Hashable, int]], *, mirrored: bool = True) -> Reliabilities:
    """Of (item, rater, side) with sides -1, 0 and 1. Items with one answer are left out.

    `mirrored` is for pairs; thumbs, whose sides mean something, are not.
    """
    heard = _shared(voices(said, labels=SIDES))
    if heard is None:
        return Reliabilities({}, None, 0, None)
    fit = dawid_skene(heard, smoothing=SMOOTHING, mirrored=mirrored, tolerance=1e-7)
    decided = heard.label != 1
    mine = fit.posterior[heard.item, heard.label][decided]
    against = fit.posterior[heard.item, 2 - heard.label][decided]
    right = mine / np.maximum(mine + against, 1e-12)
    rater = heard.rater[decided]
    count = np.bincount(rater, minlength=len(heard.raters))
    hits = np.bincount(rater, right, len(heard.raters))
    single = float(right.mean()) if len(right) else None
    share = np.clip((hits + SMOOTHING * (single or 0.5)) / (count + SMOOTHING), 1e-3, 1 - 1e-3)
    score = right / share[rater] - (1 - right) / (1 - share[rater])
    known = np.bincount(rater, score**2, len(heard.raters))
    told = {
        name: _told(float(share[place]), float(known[place]), int(count[place]))
        for place, name in enumerate(heard.raters)
    }
    return Reliabilities(told, single, len(heard.items), fit)


def _told(share: float, known: float, n: int) -> Reliability:
    if n < LEAST:
        return Reliability(None, None, None, n)
    half = _Z / (np.sqrt(max(known, 1e-9)) * share * (1 - share))
    low, high = expit(logit(share) + np.array([-half, half]))
    return Reliability(share, float(low), float(high), n)


def _shared(heard: Voices) -> Voices | None:
    """Only the items that several people judged, numbered anew."""
    if not len(heard.item):
        return None
    several = np.bincount(heard.item, minlength=len(heard.items)) > 1
    if not several.any():
        return None
    keep, number = several[heard.item], np.cumsum(several) - 1
    items = tuple(name for name, kept in zip(heard.items, several, strict=True) if kept)
    return Voices(items, heard.raters, heard.labels, number[heard.item[keep]], heard.rater[keep], heard.label[keep])
