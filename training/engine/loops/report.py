"""What a loop is given and what it says about each step."""

import dataclasses
from pathlib import Path
from typing import Any

from torch import nn

from training.engine.chat import Encoder
from training.engine.learner import Learner
from training.engine.meters import Meters
from training.engine.preparation import Prepared
from training.engine.recipe import Recipe
from training.engine.spec import RunSpec


@dataclasses.dataclass
class Bench:
    """Everything a loop works with."""

    spec: RunSpec
    recipe: Recipe
    algorithm: Any
    model: nn.Module
    encoder: Encoder
    splits: dict[str, Prepared]
    device: str
    cache: Path
    learner: Learner | None = None  # made by the loop, which knows how many steps there are


@dataclasses.dataclass
class Report:
    """One optimiser step: the tokens that are new in it, and those it worked through (a rollout serves several steps).

    `trouble` is evidence that something was not a number; the step was then left out.
    """

    step: int  # steps done
    epoch: float
    meters: Meters
    tokens: int
    worked: int
    trouble: dict[str, Any] | None = None


@dataclasses.dataclass
class Evaluation:
    """Figures on held-out rows (without the eval_ prefix), and where a reward model's scores lie."""

    values: dict[str, float]
    normalisation: dict[str, float] | None = None
