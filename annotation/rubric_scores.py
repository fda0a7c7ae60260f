"""From scores on a rubric's items to one number per completion: equation 15 of the GRAPE paper, two ways by name. Pure.

Shapes: scores tau [..., R], weights omega [R], mean confidences phibar [R], for the R items of one category; the result
has the scores' leading shape. Works on numpy arrays and on torch tensors alike, since it asks for nothing but
arithmetic and `sum(-1)`.

Source: R. Patel (2025), Understanding Reinforcement Learning for Model Training, and future directions with GRAPE,
section 6.1. phibar_j is the mean confidence of item j over all samples of the category, so that within a category the
factor rho / sum phibar is one constant: advantages centred on a group's mean are only rescaled by it.

Confidences that are all zero say nothing about anything: both forms refuse them, since 0 / 0 is no score.
"""

import math
from collections.abc import Callable

from scipy.special import stdtrit

FORMS = ("as_printed", "bounded")
TOLERANCE = 1e-3  # how far weights as people type them may be from one: 0.333 three times


def as_printed(scores, weights, confidences):
    """Equation 15: R = rho * sum_j omega_j tau_j phibar_j / sum_j phibar_j, rho = number of items.

    Not bounded by one: omega (1, 0), phibar (1, 0.25), tau 1 gives 1.6. With equal confidences it is
    sum_j omega_j tau_j; with one item (rho = 1) it is tau, which is GRPO's case.
    """
    _checked(weights, confidences)
    items = len(weights)
    return items * (scores * weights * confidences).sum(-1) / confidences.sum(-1)


def bounded(scores, weights, confidences):
    """The bounded form: R = sum_j omega_j tau_j phibar_j / sum_j omega_j phibar_j, a weighted mean of the scores.

    Lies between the smallest and the largest score. With equal confidences and weights that sum to one it equals
    the printed form.
    """
    _checked(weights, confidences)
    trusted = weights * confidences
    return (scores * trusted).sum(-1) / trusted.sum(-1)


def total(form: str) -> Callable:
    """`as_printed` or `bounded`, by name."""
    return {"as_printed": as_printed, "bounded": bounded}[form]


def _checked(weights, confidences) -> None:
    if len(weights) != len(confidences):
        raise ValueError(
            f"{len(weights)} weights and {len(confidences)} confidences: there must be one of each an item"
        )
    if not float((weights * confidences).sum(-1)) > 0:
        raise ValueError("no weighted item has any confidence: there is nothing to take a mean over")


def sums_to_one(weights) -> bool:
    return math.isclose(sum(weights), 1, abs_tol=TOLERANCE + 1e-9, rel_tol=0)


def normalised(weights, digits: int = 4) -> list[float]:
    """Weights in the same proportions that sum to exactly one at `digits` digits; equal ones where all are zero.

    What rounding leaves over goes to the largest.
    """
    weights = [max(weight, 0.0) for weight in weights]
    if not weights:
        return []
    whole = sum(weights)
    shares = [weight / whole if whole else 1 / len(weights) for weight in weights]
    rounded = [round(share, digits) for share in shares]
    at = max(range(len(shares)), key=shares.__getitem__)
    rounded[at] = round(rounded[at] + 1 - sum(rounded), digits)
    return rounded


def mean_interval(count: int, total: float, squares: float, *, least: int = 2) -> tuple[float, float, float] | None:
    """Mean with its 95 % interval from a count, a sum and a sum of squares of numbers in [0, 1]; None below `least`.

    Student's t, each number taken as independent, cut to [0, 1].
    """
    if count < max(least, 2):
        return None
    mean = total / count
    variance = max(squares - count * mean**2, 0) / (count - 1)
    half = float(stdtrit(count - 1, 0.975)) * math.sqrt(variance / count)
    return mean, max(mean - half, 0.0), min(mean + half, 1.0)
