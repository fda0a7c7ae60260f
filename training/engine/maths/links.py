"""Links: from a margin between two answers to a loss. h [B] in, loss [B] out."""

from torch import Tensor
from torch.nn.functional import softplus


def logistic(h: Tensor, flip_rate: float = 0.0) -> Tensor:
    """-(1 - e) log sigma(h) - e log sigma(-h), with log sigma(h) = -softplus(-h).

    `flip_rate` e is the share of labels taken to be wrong; 0 is Bradley-Terry's likelihood. Written with softplus, so
    value and gradient stay finite for any h. Source: Rafailov and others 2023, eq. 7; e: Mitchell 2023 (cDPO).
    """
    right = softplus(-h)
    return right if flip_rate == 0 else (1 - flip_rate) * right + flip_rate * softplus(h)
