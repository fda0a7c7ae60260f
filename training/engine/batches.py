"""What an algorithm's loss is given: a few named tensors on one forward pass of one micro-batch.

An algorithm says which of these it reads by the annotation of its `loss`; collate.py and passes.py know how to make
each from rows. `window` counts what the whole optimiser step holds, so that a loss divided by it adds up over
micro-batches to the same number however the step is cut.
"""

import dataclasses

import torch
from torch import Tensor


@dataclasses.dataclass(frozen=True)
class Window:
    """What one optimiser step holds, over all its micro-batches."""

    rows: float
    tokens: float = 0.0  # completion tokens, where a method counts them


@dataclasses.dataclass(frozen=True)
class Completions:
    """Completions under the policy, token by token; everything is 0 where the mask is.

    logps [B, T] log-probability of each completion token; mask [B, T]; correct [B, T] whether the token was the most
    likely one; entropy [B, T] of the predictive distribution, or None on steps that log nothing.
    """

    logps: Tensor
    mask: Tensor
    correct: Tensor | None = None
    entropy: Tensor | None = None

    @property
    def sums(self) -> Tensor:
        """log pi(y|x) [B]: the sum over completion tokens."""
        return (self.logps * self.mask).sum(-1)

    @property
    def lengths(self) -> Tensor:
        return self.mask.sum(-1)

    def half(self, part: int) -> "Completions":
        """The first (0) or second (1) half of the rows: chosen and rejected share one forward pass."""
        cut = [None if field is None else field.chunk(2)[part] for field in (self.logps, self.mask, self.correct)]
        return Completions(*cut, entropy=None if self.entropy is None else self.entropy.chunk(2)[part])


@dataclasses.dataclass(frozen=True)
class Demonstrations:
    """SFT: completions to imitate."""

    policy: Completions


@dataclasses.dataclass(frozen=True)
class Pairs:
    """Direct alignment: both answers of each pair under the policy, and their sums under the reference.

    reference_chosen, reference_rejected [B]; weight [B].
    """

    chosen: Completions
    rejected: Completions
    reference_chosen: Tensor
    reference_rejected: Tensor
    weight: Tensor


@dataclasses.dataclass(frozen=True)
class ScoredPairs:
    """Reward modelling: the score of both answers, how much better the chosen one was said to be, and a weight; [B]."""

    chosen: Tensor
    rejected: Tensor
    margin: Tensor
    weight: Tensor


@dataclasses.dataclass(frozen=True)
class Rollouts:
    """On-policy: sampled completions, their advantages, and their log-probabilities under old policy and reference.

    advantages [B, T]; old, reference [B, T] or None (None for old: one update per rollout, the ratio is one in value).
    """

    policy: Completions
    advantages: Tensor
    old: Tensor | None = None
    reference: Tensor | None = None


def mean_over(values: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """(sum, count) of the values where the mask is: what a metric that is a mean is made of."""
    return (values.detach() * mask).sum(), mask.sum()


def rows_mean(values: Tensor) -> tuple[Tensor, Tensor]:
    """(sum, count) over rows."""
    return values.detach().float().sum(), torch.tensor(float(values.numel()))
