"""Direct preference optimisation: the policy's own log-ratio to the reference is the reward.

Source: ALGORITHMS D1; Rafailov and others 2023, eq. 7; label smoothing: Mitchell 2023. Log-probabilities are summed,
not averaged, over the completion. Departs from the paper: nothing.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

from torch import Tensor

from training.engine.batches import Pairs, Window, mean_over, rows_mean
from training.engine.maths import aggregate, links, scores
from training.engine.recipe import Card, Recipe
from training.engine.settings import setting


@dataclasses.dataclass(frozen=True)
class DPO:
    beta: float = setting(
        0.1, "The leash: the smaller, the further the policy may walk from the reference.", low=0.001, high=10.0
    )
    label_smoothing: float = setting(0.0, "Share of votes taken to be wrong; above 0 this is cDPO.", low=0.0, high=0.49)

    def loss(self, batch: Pairs, window: Window) -> tuple[Tensor, Mapping[str, Any]]:
        """L = mean_i -log sigma( beta [rho(y_w) - rho(y_l)] ), rho(y) = log pi(y|x) - log pi_ref(y|x)."""
        chosen = self.beta * scores.log_ratio(batch.chosen.sums, batch.reference_chosen)
        rejected = self.beta * scores.log_ratio(batch.rejected.sums, batch.reference_rejected)
        losses = links.logistic(chosen - rejected, self.label_smoothing)
        metrics = {
            "rewards/chosen": rows_mean(chosen),
            "rewards/rejected": rows_mean(rejected),
            "rewards/margins": rows_mean(chosen - rejected),
            "rewards/accuracies": rows_mean(chosen > rejected),
            "logps/chosen": rows_mean(batch.chosen.sums),
            "logps/rejected": rows_mean(batch.rejected.sums),
        }
        if batch.chosen.correct is not None:
            metrics["mean_token_accuracy"] = mean_over(batch.chosen.correct, batch.chosen.mask)
        if batch.chosen.entropy is not None:
            metrics["entropy"] = mean_over(batch.chosen.entropy, batch.chosen.mask)
        return aggregate.rows_mean(losses, batch.weight, window.rows), metrics


RECIPE = Recipe(
    name="dpo",
    algorithm=DPO,
    loop="offline",
    data="preference",
    reference=True,
    panels=(
        "margins",
        "accuracy",
        "implicit",
        "logps",
        "kl",
        "loss",
        "entropy",
        "grad_norm",
        "learning_rate",
        "throughput",
    ),
    presets={
        "tiny": {
            "settings": {"beta": 0.1},
            "training": {"learning_rate": 5e-4, "per_device_train_batch_size": 32, "warmup_steps": 10},
        },
        "paper": {
            "settings": {"beta": 0.1},
            "training": {"learning_rate": 5e-7, "gradient_accumulation_steps": 8, "warmup_steps": 150},
        },
    },
    card=Card(
        title="Direct preference optimisation",
        family="From pairs, offline",
        summary="Trains the policy on pairs directly. No reward model, no sampling while training: the cheapest way "
        "from votes to a better model, as long as the answers voted on resemble what your model writes.",
        formula="L(θ) = −E log σ(β log π_θ(y_w|x)/π_ref(y_w|x) − β log π_θ(y_l|x)/π_ref(y_l|x))",
        tex=r"\L_{\text{DPO}}(\theta) = \minus \E_{(x, y_w, y_l) \sim \D} [ \op{log} \sigma ( \beta \op{log} "
        r"\frac{\pi_\theta(y_w \mid x)}{\pi_{\text{ref}}(y_w \mid x)} - \beta \op{log} "
        r"\frac{\pi_\theta(y_l \mid x)}{\pi_{\text{ref}}(y_l \mid x)} ) ]",
        source="Rafailov and others, 2023, equation 7",
        departs="Nothing.",
        when=(
            "you have some thousand pairs, mostly agreed upon",
            "the answers were written by this model or one like it",
            "you want a first result soon",
        ),
        when_not=(
            "one vote in four or more contradicts another: raise label_smoothing",
            "answers can be checked by a program: take GRPO",
        ),
    ),
)
