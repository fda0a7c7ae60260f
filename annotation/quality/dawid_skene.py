"""Dawid and Skene: what is true of each item, and how often each rater says what, estimated together. Pure.

Dawid and Skene (1979), Maximum likelihood estimation of observer error-rates using the EM algorithm: item i has a
true class k with P(k) = p_k; rater r says l with P(l | k) = pi^r_kl, independently given k. Expectation and
maximisation take turns, starting from the shares of what was said of each item:

    q_ik ∝ p_k prod_{(r, l) of i} pi^r_kl;   p_k = mean_i q_ik;   pi^r_kl ∝ sum_{i: r said l} q_ik

`smoothing` m adds m answers of the average rater to each row of every pi, so that three answers make nobody infallible;
0 is the maximum likelihood of the paper. `mirrored` is for pairs, whose order carries no meaning: it ties P(l | k) to
P(-l | -k) (the labels read backwards), which halves what has to be learnt.
"""

from dataclasses import dataclass

import numpy as np

from annotation.quality.voices import Voices

_TINY = 1e-10


@dataclass(frozen=True)
class Fit:
    """`posterior` [I, K]; `classes` p_k [K]; `confusion` pi [R, K true, K said]; `heard` expected counts [R, K, K]."""

    voices: Voices
    classes: np.ndarray
    confusion: np.ndarray
    posterior: np.ndarray
    heard: np.ndarray
    log_likelihood: tuple[float, ...]

    @property
    def answers(self) -> list:
        """The likeliest class of each item."""
        return [self.voices.labels[place] for place in self.posterior.argmax(axis=1)]

    @property
    def accuracy(self) -> np.ndarray:
        """How often each rater says what is true, [R], as if every class were equally frequent."""
        return np.trace(self.confusion, axis1=1, axis2=2) / len(self.voices.labels)

    @property
    def reliability(self) -> np.ndarray:
        """Accuracy beyond chance, [R]: 1 always right, 0 as good as a coin, below 0 worse."""
        chance = 1 / len(self.voices.labels)
        return (self.accuracy - chance) / (1 - chance)


def dawid_skene(
    voices: Voices, *, smoothing: float = 0.0, mirrored: bool = False, tolerance: float = 1e-8, most: int = 500
) -> Fit:
    """The fit; stops when the log-likelihood of an answer grows by less than `tolerance`, or after `most` rounds."""
    posterior = said_shares(voices)
    told: list[float] = []
    while True:
        classes = _mirror(posterior.mean(axis=0), mirrored)
        heard = expected_counts(voices, posterior)
        confusion = _normal(_smoothed(_mirror(heard, mirrored), smoothing))
        posterior, value = believe(voices, classes, np.log(np.maximum(confusion, _TINY)))
        told.append(value)
        if len(told) >= most or (len(told) > 1 and told[-1] - told[-2] < tolerance * len(voices.item)):
            return Fit(voices, classes, confusion, posterior, heard, tuple(told))


def said_shares(voices: Voices) -> np.ndarray:
    """Of each item, the share of answers that named each class, [I, K]."""
    items, _, labels = voices.shape
    counts = np.bincount(voices.item * labels + voices.label, minlength=items * labels).reshape(items, labels)
    return counts / counts.sum(axis=1, keepdims=True)


def expected_counts(voices: Voices, posterior: np.ndarray) -> np.ndarray:
    """How often each rater said l where k is true, [R, K, K], with items counted by their posterior."""
    _, raters, labels = voices.shape
    cell = voices.rater * labels + voices.label
    columns = [np.bincount(cell, posterior[voices.item, k], raters * labels) for k in range(labels)]
    return np.stack([column.reshape(raters, labels) for column in columns], axis=1)


def believe(voices: Voices, classes: np.ndarray, log_confusion: np.ndarray) -> tuple[np.ndarray, float]:
    """The posterior of every item, [I, K], and the log-likelihood of everything that was said."""
    joint = np.add.reduceat(log_confusion[voices.rater, :, voices.label], voices.starts, axis=0)
    joint += np.log(np.maximum(classes, _TINY))
    highest = joint.max(axis=1, keepdims=True)
    posterior = np.exp(joint - highest)
    total = posterior.sum(axis=1, keepdims=True)
    return posterior / total, float((highest + np.log(total)).sum())


def _mirror(array: np.ndarray, mirrored: bool) -> np.ndarray:
    if not mirrored:
        return array
    return (array + (array[..., ::-1, ::-1] if array.ndim == 3 else array[::-1])) / 2


def _smoothed(heard: np.ndarray, smoothing: float) -> np.ndarray:
    return heard + smoothing * _normal(heard.sum(axis=0)) if smoothing else heard


def _normal(counts: np.ndarray) -> np.ndarray:
    """Rows that sum to one; a row nobody filled is even."""
    total = counts.sum(axis=-1, keepdims=True)
    return np.where(total > 0, counts / np.where(total > 0, total, 1), 1 / counts.shape[-1])
