"""Bradley-Terry reward model: one score an answer, so that the chosen answer scores higher by the margin.

Scores are read at the last real token. They are identified up to a constant per prompt; `center_rewards_coefficient`
pulls it to zero. Source: ALGORITHMS A3, A4, A8; Touvron and others 2023 (Llama 2), eq. 2. Departs from the paper:
margins are those of the snapshot's policy, not Llama 2's table, and may be switched off.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from training.engine.batches import ScoredPairs, Window
from training.engine.maths import aggregate, ranking
from training.engine.meters import High, Low
from training.engine.recipe import Card, Recipe
from training.engine.settings import setting


@dataclasses.dataclass(frozen=True)
class RewardBT:
    use_margin: bool = setting(True, "Ask for a gap as wide as people's grade says; off is plain Bradley-Terry.")
    label_smoothing: float = setting(0.0, "Share of votes taken to be wrong.", low=0.0, high=0.49)
    center_rewards_coefficient: float = setting(
        0.0, "Pulls the mean score of a pair to zero; 0.01 is usual, 0 leaves it free.", low=0.0, high=10.0
    )

    def loss(self, batch: ScoredPairs, window: Window) -> tuple[Tensor, Mapping[str, Any]]:
        """L = mean_i w_i [ -log sigma(r_w - r_l - m) + c (r_w + r_l)^2 ]."""
        chosen, rejected = batch.chosen, batch.rejected
        margin = batch.margin if self.use_margin else 0.0
        losses = ranking.bradley_terry(chosen, rejected, margin, self.label_smoothing)
        if self.center_rewards_coefficient:
            losses = losses + self.center_rewards_coefficient * ranking.centring(chosen, rejected)
        gap, both = (chosen - rejected).detach(), torch.cat([chosen, rejected]).detach()
        rows = float(len(gap))
        metrics = {
            "accuracy": ((gap > 0).float().sum(), rows),
            "margin": (gap.sum(), rows),
            "mean_reward": (both.sum(), 2 * rows),
            "min_reward": Low(both.min()),
            "max_reward": High(both.max()),
        }
        return aggregate.rows_mean(losses, batch.weight, window.rows), metrics


RECIPE = Recipe(
    name="reward_bt",
    algorithm=RewardBT,
    loop="offline",
    data="preference",
    produces="reward",
    panels=("accuracy", "margins", "loss", "scores", "grad_norm", "learning_rate", "throughput"),
    presets={
        "tiny": {
            "settings": {"center_rewards_coefficient": 0.01},
            "training": {
                "learning_rate": 2e-3,
                "lr_scheduler_type": "cosine",
                "per_device_train_batch_size": 32,
                "warmup_steps": 10,
            },
        },
        "paper": {
            "settings": {},
            "training": {"learning_rate": 1e-5, "lr_scheduler_type": "cosine", "gradient_accumulation_steps": 8},
        },
    },
    card=Card(
        title="Reward model (Bradley-Terry)",
        family="Reward models",
        summary="Learns one number for how good an answer is from pairs that people compared. GRPO and best-of-N then "
        "use it in people's place.",
        formula="L(φ) = −E log σ(r_φ(x, y_w) − r_φ(x, y_l) − m)",
        tex=r"\L_{\text{BT}}(\phi) = \minus \E_{(x, y_w, y_l, m) \sim \D} [ \op{log} \sigma ( r_\phi(x, y_w) - "
        r"r_\phi(x, y_l) - m ) ]",
        source="Bradley and Terry, 1952; margin: Touvron and others, 2023 (Llama 2), equation 2",
        departs="Margins are those of the snapshot's policy instead of Llama 2's table, and may be switched off.",
        when=("you want to train with GRPO on people's taste", "you have a thousand pairs or more"),
        when_not=(
            "answers can be checked by a program: take a verifier",
            "you only want one better model from pairs: DPO needs no reward model",
        ),
    ),
)
