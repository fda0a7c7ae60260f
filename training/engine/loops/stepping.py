"""One optimiser step out of micro-batches: losses divided by the whole window, so they add up however it is cut."""

import math
from collections.abc import Iterable
from typing import Any

from torch import Tensor

from training.engine.learner import Learner
from training.engine.meters import Last, Meters


def update(learner: Learner, step: int, losses: Iterable[tuple[Tensor, dict[str, Any]]], meters: Meters) -> dict | None:
    """Consumes (loss, metrics) of each micro-batch and updates the weights once.

    Returns None, or the evidence when loss or gradient is not a number; then the weights stay as they are.
    """
    total = 0.0
    for loss, metrics in losses:
        loss.backward()
        total += float(loss.detach())
        meters.add(metrics)
    norm = learner.gradient_norm()
    meters.add({"loss": (total, 1), "grad_norm": (norm, 1), "learning_rate": Last(learner.rate(step))})
    trouble = None
    if math.isfinite(total) and math.isfinite(norm):
        learner.apply(step)
    else:
        trouble = {"step": step + 1, "loss": total, "grad_norm": norm, "learning_rate": learner.rate(step)}
    learner.forget()
    return trouble
