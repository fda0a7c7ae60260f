"""Ranking: how likely an order of scores is. Scores [B] in, loss [B] out."""

from torch import Tensor

from training.engine.maths.links import logistic


def bradley_terry(chosen: Tensor, rejected: Tensor, margin: Tensor | float = 0.0, flip_rate: float = 0.0) -> Tensor:
    """-log sigma(r_w - r_l - m): the chosen answer wins by at least m. [B] each.

    Source: Bradley and Terry 1952; margin: Touvron and others 2023 (Llama 2), eq. 2. The margin stands inside the
    sigmoid; outside it would be a constant without gradient.
    """
    return logistic(chosen - rejected - margin, flip_rate)


def centring(chosen: Tensor, rejected: Tensor) -> Tensor:
    """(r_w + r_l)^2: pulls the free constant of a prompt's scores towards zero. [B].

    Source: Eisenstein and others 2023.
    """
    return (chosen + rejected).square()
