"""D1: with votes that follow Bradley-Terry, DPO's minimiser is the tilted reference."""

import itertools
import math

import torch
from torch import Tensor

from training.engine.algorithms.dpo import DPO
from training.engine.batches import Pairs, Window
from training.engine.oracles.population import gradient, minimise, one_token
from training.engine.oracles.tables import BETA, REFERENCE, REWARD, TILTED

SOURCE = "ALGORITHMS D1 (d)"
FIRST, SECOND = (
    torch.tensor(side) for side in zip(*[(i, j) for i in range(4) for j in range(4) if i != j], strict=True)
)


def loss(logps: Tensor, chosen: Tensor, rejected: Tensor, weight: Tensor, **settings: float) -> Tensor:
    """The algorithm's loss over pairs of answers of B4 with these log-probabilities [4]."""
    batch = Pairs(
        one_token(logps[chosen]),
        one_token(logps[rejected]),
        REFERENCE.log()[chosen],
        REFERENCE.log()[rejected],
        weight,
    )
    return DPO(beta=BETA, **settings).loss(batch, Window(rows=float(weight.sum())))[0]


def rows():
    votes = torch.sigmoid(REWARD[FIRST] - REWARD[SECOND])
    best = minimise(lambda logits: loss(logits.log_softmax(-1), FIRST, SECOND, votes), 4)
    yield "the minimiser over Bradley-Terry votes is the tilted reference", TILTED, best.softmax(-1), 1e-6
    flipped = votes * 0.8 + (1 - votes) * 0.2
    first = minimise(lambda logits: loss(logits.log_softmax(-1), FIRST, SECOND, flipped), 4)
    second = minimise(lambda logits: loss(logits.log_softmax(-1), FIRST, SECOND, votes, label_smoothing=0.2), 4)
    expected = (0.128306, 0.283765, 0.533316, 0.054613)
    yield "a fifth of the votes flipped", expected, first.softmax(-1), 1e-5
    yield "label smoothing of a fifth (cDPO) on clean votes is the same", expected, second.softmax(-1), 1e-5
    one = torch.tensor([2]), torch.tensor([0]), torch.ones(1, dtype=torch.float64)
    at_reference = REFERENCE.log()
    yield "policy equal to reference: the loss is log 2", math.log(2), loss(at_reference, *one), 1e-12
    slope = gradient(lambda logps: loss(logps, *one), at_reference)
    yield "and the gradient's weight one half", (-BETA / 2, BETA / 2), slope[[2, 0]], 1e-12
    yield "one certain vote has no best policy: the gap grows on and on", 1.0, _grows(one), 0.0


def _grows(pair: tuple[Tensor, Tensor, Tensor]) -> float:
    logits = REFERENCE.log().clone()
    gaps = []
    for _step in range(200):
        logits = logits - 20 * gradient(lambda at: loss(at.log_softmax(-1), *pair), logits)
        logps = logits.log_softmax(-1)
        gaps.append(float(logps[2] - logps[0]))
    return float(all(after > before for before, after in itertools.pairwise(gaps)))
