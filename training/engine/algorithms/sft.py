"""Supervised fine-tuning: imitate the completions, and only them.

Prompt, padding and everything outside the assistant's turn carry no loss; the end of the turn does. The next token is
predicted from the one before, so the last prompt position predicts the first completion token. Source: ALGORITHMS A1;
Ouyang and others 2022 (InstructGPT), stage one. Departs from the paper: nothing.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

from torch import Tensor

from training.engine.batches import Demonstrations, Window, mean_over
from training.engine.maths import aggregate
from training.engine.recipe import Card, Recipe
from training.engine.settings import setting


@dataclasses.dataclass(frozen=True)
class SFT:
    aggregation: str = setting(
        "token_mean",
        "What counts the same: every token, or every completion as a whole (long ones then weigh more).",
        choices=("token_mean", "seq_mean_token_sum"),
    )

    def loss(self, batch: Demonstrations, window: Window) -> tuple[Tensor, Mapping[str, Any]]:
        """L = -sum_i sum_t m_it log pi(y_it | x_i, y_i,<t) / N, N tokens or rows of the window."""
        nll, mask = -batch.policy.logps, batch.policy.mask
        if self.aggregation == "token_mean":
            loss = aggregate.token_mean(nll, mask, window.tokens)
        else:
            loss = aggregate.seq_mean_token_sum(nll, mask, window.rows)
        metrics = {}
        if batch.policy.correct is not None:
            metrics["mean_token_accuracy"] = mean_over(batch.policy.correct, mask)
        if batch.policy.entropy is not None:
            metrics["entropy"] = mean_over(batch.policy.entropy, mask)
        return loss, metrics


RECIPE = Recipe(
    name="sft",
    algorithm=SFT,
    loop="offline",
    data="prompt_completion",
    panels=("loss", "token_accuracy", "entropy", "grad_norm", "learning_rate", "throughput"),
    presets={
        "tiny": {
            "settings": {},
            "training": {"learning_rate": 5e-4, "per_device_train_batch_size": 32, "warmup_steps": 10},
        },
        "paper": {
            "settings": {},
            "training": {"learning_rate": 2e-5, "lr_scheduler_type": "cosine", "gradient_accumulation_steps": 8},
        },
    },
    card=Card(
        title="Supervised fine-tuning",
        family="Supervised",
        summary="Teaches the model to write the completions it is shown. The first stage of nearly every recipe, and "
        "the way to give a base model the form of a conversation.",
        formula="L(θ) = −Σᵢ Σₜ mᵢₜ log π_θ(yᵢₜ | xᵢ, yᵢ,<ₜ) / Σᵢ Σₜ mᵢₜ",
        tex=r"\L_{\text{SFT}}(\theta) = \minus \frac{\sum_i \sum_t m_{it} \op{log} \pi_\theta"
        r"(y_{it} \mid x_i, y_{i,<t})}{\sum_i \sum_t m_{it}}",
        source="Ouyang and others, 2022 (InstructGPT), section 3.5",
        departs="Nothing.",
        when=(
            "you have good answers written by people or chosen among many",
            "the model does not follow the format yet",
        ),
        when_not=(
            "you only know which of two answers is better: take DPO",
            "you have fewer than a few hundred demonstrations: they will be learnt by heart",
        ),
    ),
)
