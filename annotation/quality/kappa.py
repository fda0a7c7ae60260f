"""Cohen's kappa of two raters on the same items. Pure.

Cohen (1960; 1968 with weights): with the joint shares p_ck of what the two said and their margins,

    kappa = 1 - sum_ck w_ck p_ck / sum_ck w_ck p_c. p_.k

w_ck = [c != k], |c - k| (linear) or (c - k)^2 (quadratic), c and k as places in the sorted order of the categories.
"""

from collections import Counter
from collections.abc import Hashable, Iterable

import numpy as np

from annotation.agreement import Agreement
from annotation.quality.bootstrap import estimate

WEIGHTS = ("none", "linear", "quadratic")


def cohen_kappa(
    pairs: Iterable[tuple[Hashable, Hashable]],
    *,
    weights: str = "none",
    resamples: int = 1000,
    confidence: float = 0.95,
    seed: int = 0,
) -> Agreement:
    """Kappa of (what one said, what the other said) of each item; None where chance alone would always agree."""
    if weights not in WEIGHTS:
        raise ValueError(f"no weights {weights!r}; there are {', '.join(WEIGHTS)}")
    seen = Counter(pairs)
    if not seen:
        return Agreement(None, None, None, 0, 0)
    categories = sorted({value for pair in seen for value in pair})
    place = {value: number for number, value in enumerate(categories)}
    cells = np.array([(place[one], place[other]) for one, other in seen])
    times = np.array(list(seen.values()), dtype=float)
    apart = np.abs(np.subtract.outer(np.arange(len(categories)), np.arange(len(categories)))).astype(float)
    distance = {"none": (apart > 0).astype(float), "linear": apart, "quadratic": apart**2}[weights]
    ones, others = (np.eye(len(categories))[cells[:, column]] for column in (0, 1))
    observed_of = distance[cells[:, 0], cells[:, 1]]

    def kappas(drawn: np.ndarray) -> np.ndarray:
        total = drawn.sum(axis=1)
        expected = np.einsum("bc,bk,ck->b", drawn @ ones, drawn @ others, distance) / total**2
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(expected > 1e-12, 1 - drawn @ observed_of / total / expected, np.nan)

    units = int(times.sum())
    found = estimate(times, kappas, resamples=resamples, confidence=confidence, seed=seed)
    return Agreement(*found, units, 2 * units)
