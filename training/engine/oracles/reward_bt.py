"""A3 and A4: the gap that is learnt from votes, with and without a margin, and what the scores leave open."""

import math

import torch
from torch import Tensor

from training.engine.algorithms.reward_bt import RewardBT
from training.engine.batches import ScoredPairs, Window
from training.engine.oracles.population import gradient, minimise
from training.engine.oracles.tables import numbers

SOURCE = "ALGORITHMS A2, A3, A4 (d)"


def loss(chosen: Tensor, rejected: Tensor, margin: float = 0.0, weight: Tensor | None = None) -> Tensor:
    weight = torch.ones_like(chosen) if weight is None else weight
    batch = ScoredPairs(chosen, rejected, torch.full_like(chosen, margin).detach(), weight)
    return RewardBT().loss(batch, Window(rows=float(weight.sum())))[0]


def gap(share: float, margin: float = 0.0) -> Tensor:
    """The score gap learnt when the first answer wins this share of votes; a flipped vote takes its margin along."""
    votes = numbers(share, 1 - share)

    def population(scores: Tensor) -> Tensor:
        return loss(torch.stack([scores[0], scores[1]]), torch.stack([scores[1], scores[0]]), margin, votes)

    scores = minimise(population, 2)
    return scores[0] - scores[1]


def rows():
    for share in (0.8, 0.6, 0.5):
        yield f"a share of {share} learns the gap log(q / (1 - q))", math.log(share / (1 - share)), gap(share), 1e-6
    yield "a share of 0.8 with margin 1", 2.153962, gap(0.8, 1.0), 1e-6
    first, second = numbers(0.3, -1.2, 2.0), numbers(-0.5, 0.7, 0.1)
    shift = numbers(10, -3, 100)
    yield (
        "a constant for each prompt changes nothing",
        loss(first, second),
        loss(first + shift, second + shift),
        1e-12,
    )
    d = torch.linspace(-50, 50, 1001, dtype=torch.float64)
    other = torch.stack([torch.log1p(torch.exp(-one)) for one in d])
    ours = torch.stack([loss(one[None], torch.zeros(1, dtype=torch.float64)) for one in d])
    yield "both forms agree from -50 to 50", 0.0, (ours - other).abs().max(), 1e-7
    slopes = gradient(lambda at: loss(at, torch.zeros_like(at)) * len(d), d)
    yield "and the gradient is sigma(d) - 1", 0.0, (slopes - (torch.sigmoid(d) - 1)).abs().max(), 1e-7

    def cycle(scores: Tensor) -> Tensor:
        return loss(scores, scores.roll(-1))

    scores = minimise(lambda at: cycle(at + numbers(0.5, 0.0, -0.7)), 3) + numbers(0.5, 0.0, -0.7)
    yield "a cycle A > B > C > A leaves equal scores", numbers(0, 0, 0), scores - scores.mean(), 1e-6
    yield "and the loss log 2", math.log(2), cycle(scores), 1e-9
