"""Exact expectations over tabular policies: the minimum of a loss, or where its gradient is zero; double precision."""

from collections.abc import Callable

import torch
from scipy.optimize import root
from torch import Tensor

from training.engine.batches import Completions

DESCENT = 400


def minimise(loss: Callable[[Tensor], Tensor], size: int, start: float = 0.0) -> Tensor:
    """The numbers [size] at which `loss` is smallest (LBFGS)."""
    numbers = torch.full((size,), start, dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.LBFGS(
        [numbers], max_iter=2000, tolerance_grad=1e-13, tolerance_change=1e-16, line_search_fn="strong_wolfe"
    )

    def closure() -> Tensor:
        optimiser.zero_grad()
        value = loss(numbers)
        value.backward()
        return value

    optimiser.step(closure)
    return numbers.detach()


def rest(loss: Callable[[Tensor], Tensor], start: Tensor) -> Tensor:
    """Where gradient descent comes to rest: the gradient of `loss` is zero.

    `loss` may hold its sampling distribution fixed (stop-gradient), so there need not be anything it minimises. Descent
    goes first: probabilities of zero are resting places too, which a root finder alone runs into.
    """
    at = start.double()
    for _step in range(DESCENT):
        at = at - gradient(loss, at)
    found = root(lambda near: gradient(loss, torch.tensor(near)).numpy(), at.numpy(), method="lm", tol=1e-13)
    return torch.tensor(found.x)


def gradient(loss: Callable[[Tensor], Tensor], at: Tensor) -> Tensor:
    numbers = at.clone().double().requires_grad_()
    loss(numbers).backward()
    return numbers.grad


def one_token(logps: Tensor) -> Completions:
    """Completions of one token each, from their log-probabilities [B]."""
    return Completions(logps[:, None], torch.ones_like(logps)[:, None].detach())
