"""The optimiser: AdamW, a learning rate that is a function of the step, a clipped gradient.

State goes into a checkpoint as tensors and plain numbers, so that a resumed run takes the very same steps.
"""

import math
from typing import Any

import torch
from torch import Tensor, nn

from training.engine.training_settings import TrainingSettings


def schedule(kind: str, step: int, warmup: int, total: int) -> float:
    """The share of the peak learning rate at step 0, 1, …; transformers' four schedules."""
    if kind != "constant" and step < warmup:
        return step / max(1, warmup)
    done = (step - warmup) / max(1, total - warmup)
    if kind == "linear":
        return max(0.0, 1.0 - done)
    if kind == "cosine":
        return max(0.0, 0.5 * (1.0 + math.cos(math.pi * done)))
    return 1.0


class Learner:
    """One model's optimiser."""

    def __init__(self, model: nn.Module, training: TrainingSettings, total_steps: int):
        self.training, self.total_steps = training, total_steps
        self.named = {name: parameter for name, parameter in model.named_parameters() if parameter.requires_grad}
        decayed = [parameter for parameter in self.named.values() if parameter.ndim >= 2]
        others = [parameter for parameter in self.named.values() if parameter.ndim < 2]
        self.optimiser = torch.optim.AdamW(
            [{"params": decayed, "weight_decay": training.weight_decay}, {"params": others, "weight_decay": 0.0}],
            lr=training.learning_rate,
            betas=(training.adam_beta1, training.adam_beta2),
            eps=1e-8,
            fused=True,
        )

    def rate(self, step: int) -> float:
        training = self.training
        share = schedule(training.lr_scheduler_type, step, training.warmup_steps, self.total_steps)
        return training.learning_rate * share

    def gradient_norm(self) -> float:
        """Of the gradient as it stands; it is clipped on the way."""
        limit = self.training.max_grad_norm or math.inf
        return float(nn.utils.clip_grad_norm_(list(self.named.values()), limit))

    def apply(self, step: int) -> None:
        """One update with the gradient as it stands; `step` counts from 0."""
        for group in self.optimiser.param_groups:
            group["lr"] = self.rate(step)
        self.optimiser.step()

    def forget(self) -> None:
        self.optimiser.zero_grad(set_to_none=True)

    def tensors(self) -> dict[str, Tensor]:
        """The optimiser's moments by parameter name."""
        made = {}
        for name, parameter in self.named.items():
            for key, value in self.optimiser.state.get(parameter, {}).items():
                made[f"optimiser.{key}.{name}"] = value.detach().cpu().contiguous()
        return made

    def restore(self, tensors: dict[str, Tensor]) -> None:
        for name, parameter in self.named.items():
            state: dict[str, Any] = {}
            for key in ("step", "exp_avg", "exp_avg_sq"):
                value = tensors.get(f"optimiser.{key}.{name}")
                if value is not None:
                    state[key] = value.to(parameter.device)
            if state:
                self.optimiser.state[parameter] = state
