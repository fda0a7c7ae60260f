"""What pulls a rater besides what is said: the side, the length, the formatting. Pure.

Every decided pair is a choice between left and right. With the two answers' lengths and formatting, and with what the
others said of the same pair standing in for which one is better, a rater's own pulls are the coefficients of

    logit P(left) = b_position
                    + b_length log2(len_left / len_right)
                    + b_format log2((1 + marks_left) / (1 + marks_right))
                    + b_others (share of others for left - share for right, less its mean)

by maximum likelihood under a weak prior b ~ N(0, 2.5^2), which keeps a rater who always takes the left finite; the
interval is from the curvature there. Without its mean, the others' lean would make everybody beside somebody who always
takes the left seem to prefer the right. A pull is told as a chance: how often they take the left one (the one twice as
long, the one with twice the marks) when everything else is even.
"""

from dataclasses import asdict, dataclass

import numpy as np
from scipy.special import expit

PRIOR = 2.5
LEAST = 30  # decided pairs, below which no pull is told
_Z = 1.959964
_CLIP = 3.0  # eight times as long is long
NAMES = ("position", "length", "format", "others")


@dataclass(frozen=True)
class Lean:
    """A chance between 0 and 1, one half without a pull. `value` is None below LEAST pairs."""

    value: float | None
    low: float | None
    high: float | None
    n: int

    def as_dict(self) -> dict:
        return asdict(self)

    def beyond(self, by: float) -> bool:
        """Whether the pull is both sure (the interval leaves out one half) and strong (further than `by` from it)."""
        if self.value is None or self.low <= 0.5 <= self.high:
            return False
        return abs(self.value - 0.5) >= by


def logistic(
    features: np.ndarray, chosen: np.ndarray, *, prior: float = PRIOR, rounds: int = 60
) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients [P] and their covariance [P, P] of P(chosen) = sigma(features · b), b ~ N(0, prior^2)."""
    hold = np.eye(features.shape[1]) / prior**2
    found = np.zeros(features.shape[1])

    def value(at: np.ndarray) -> float:
        score = features @ at
        return float(chosen @ score - np.logaddexp(0, score).sum() - at @ hold @ at / 2)

    best = value(found)
    for _ in range(rounds):
        expected = expit(features @ found)
        information = (features * (expected * (1 - expected))[:, None]).T @ features + hold
        step = np.linalg.solve(information, features.T @ (chosen - expected) - hold @ found)
        length = 1.0
        while value(found + length * step) < best and length > 1e-6:
            length /= 2
        found = found + length * step
        best = value(found)
        if np.abs(length * step).max() < 1e-10:
            break
    expected = expit(features @ found)
    return found, np.linalg.inv((features * (expected * (1 - expected))[:, None]).T @ features + hold)


def features(lengths: np.ndarray, marks: np.ndarray, others: np.ndarray) -> np.ndarray:
    """[N, 4] of lengths and marks of the left and right answer, [N, 2], and the others' lean to the left, [N]."""
    longer = np.log2(np.maximum(lengths, 1))
    marked = np.log2(1.0 + marks)
    return np.column_stack(
        [
            np.ones(len(others)),
            np.clip(longer[:, 0] - longer[:, 1], -_CLIP, _CLIP),
            np.clip(marked[:, 0] - marked[:, 1], -_CLIP, _CLIP),
            others - others.mean() if len(others) else others,
        ]
    )


def leanings(features: np.ndarray, left: np.ndarray) -> dict[str, Lean]:
    """The pulls by name. A feature that never differs tells nothing, whatever n."""
    n = len(left)
    nothing = Lean(None, None, None, n)
    if n < LEAST:
        return dict.fromkeys(NAMES[:3], nothing)
    found, covariance = logistic(features, left.astype(float))
    told = {}
    for place, name in enumerate(NAMES[:3]):
        differ = int((features[:, place] != 0).sum())
        if differ < LEAST:
            told[name] = Lean(None, None, None, differ)
            continue
        half = _Z * np.sqrt(covariance[place, place])
        edges = expit(found[place] + np.array([0, -half, half]))
        told[name] = Lean(*(float(edge) for edge in edges), differ)
    return told
