"""The small worlds that all oracles share (ALGORITHMS.md, section 0)."""

import torch
from torch import Tensor


def numbers(*values: float) -> Tensor:
    return torch.tensor(values, dtype=torch.float64)


# B4: four answers to one prompt; the best policy at beta .5 is reference x exp(reward / beta) / Z.
REFERENCE = numbers(0.4, 0.3, 0.2, 0.1)
REWARD = numbers(0, 1, 2, 0.5)
BETA = 0.5
TILTED = (0.028968, 0.160537, 0.790809, 0.019686)

# A3: three answers, a policy and rewards.
POLICY_A3 = numbers(0.5, 0.3, 0.2)
REWARD_A3 = numbers(1, 0, 2)

# T2: two tokens of a vocabulary of two; the reference's P(0), P(1 | 0), P(0 | 1), and rewards of 00, 01, 10, 11.
REFERENCE_T2 = numbers(0.6, 0.3, 0.5)
REWARD_T2 = numbers(0, 1, 1, 0)


def t2_logps(logits: Tensor) -> Tensor:
    """[4, 2] log-probabilities of both tokens of 00, 01, 10, 11 from the logits [3] of P(0), P(1 | 0), P(0 | 1)."""
    yes = torch.nn.functional.logsigmoid(logits)
    no = torch.nn.functional.logsigmoid(-logits)
    return torch.stack(
        [
            torch.stack([yes[0], no[1]]),
            torch.stack([yes[0], yes[1]]),
            torch.stack([no[0], yes[2]]),
            torch.stack([no[0], no[2]]),
        ]
    )
