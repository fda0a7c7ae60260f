"""Group relative policy optimisation: a completion is as good as it is better than its siblings.

Source: ALGORITHMS C10; Shao and others 2024 (DeepSeekMath), eq. 3 and 4. Departs from the paper: an epsilon of 1e-4 in
the standard deviation (TRL's), and outcome rewards only: rewards for single steps wait for a source of them, their
advantage is maths/advantages.group_process.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

from torch import Tensor

from training.engine.batches import Rollouts, Window, mean_over
from training.engine.maths import advantages, aggregate, kl, ratios
from training.engine.meters import High, Low
from training.engine.recipe import Card, Recipe
from training.engine.sampling_settings import SamplingSettings
from training.engine.settings import setting


@dataclasses.dataclass(frozen=True)
class GRPO(SamplingSettings):
    beta: float = setting(0.04, "Price of a nat of KL to the reference; 0 needs no reference.", low=0.0, high=10.0)
    epsilon: float = setting(0.2, "Lower end of the clip range of the ratio: 1 - epsilon.", low=0.0, high=1.0)
    epsilon_high: float = setting(0.2, "Upper end of the clip range: 1 + epsilon_high.", low=0.0, high=10.0)
    ddof: int = setting(1, "Standard deviation divided by G - 1 (1, as TRL) or by G (0).", low=0, high=1)
    use_bias_correction_kl: bool = setting(
        False, "Multiply the KL term by the ratio, as TRL does by default; the paper does not."
    )

    def advantages(self, rewards: Tensor) -> Tensor:
        """A_i = (r_i - mean(r)) / (std(r) + 1e-4) within each group. [P, G] to [P, G]."""
        return advantages.group_zscore(rewards, self.ddof)

    def loss(self, batch: Rollouts, window: Window) -> tuple[Tensor, Mapping[str, Any]]:
        """L = -mean_i (1/|o_i|) sum_t { min(w A, clip(w, 1 - e_low, 1 + e_high) A) - beta k3_t }."""
        logps, mask, credit = batch.policy.logps, batch.policy.mask, batch.advantages
        old = logps.detach() if batch.old is None else batch.old
        ratio = ratios.token_ratio(logps, old)
        surrogate = -ratios.clipped(ratio, credit, self.epsilon, self.epsilon_high)
        losses, metrics = surrogate, self.measure(batch, ratio.detach(), old)
        if batch.reference is not None:
            u = logps - batch.reference
            penalty = kl.k3(u) * ratio if self.use_bias_correction_kl else kl.k3(u)
            losses = losses + self.beta * penalty
            rows = float(len(mask))
            metrics["kl"] = mean_over(penalty, mask)
            metrics["objective/kl"] = ((kl.k1(u).detach() * mask).sum(), rows)
            metrics["policy_loss"] = (
                aggregate.seq_mean_token_mean(surrogate, mask, window.rows).detach() * window.rows,
                rows,
            )
        return aggregate.seq_mean_token_mean(losses, mask, window.rows), metrics

    def measure(self, batch: Rollouts, ratio: Tensor, old: Tensor) -> dict[str, Any]:
        mask, credit = batch.policy.mask, batch.advantages
        low, high = (
            ratios.clipped_low(ratio, credit, self.epsilon),
            ratios.clipped_high(ratio, credit, self.epsilon_high),
        )
        share = {name: (hit * mask).sum(-1) / mask.sum(-1).clamp(min=1) for name, hit in (("low", low), ("high", high))}
        moved = (batch.policy.logps - old).detach()
        metrics = {
            "clip_ratio/low_mean": mean_over(low, mask),
            "clip_ratio/low_min": Low(share["low"].min()),
            "clip_ratio/high_mean": mean_over(high, mask),
            "clip_ratio/high_max": High(share["high"].max()),
            "clip_ratio/region_mean": mean_over(low + high, mask),
            "ratio/mean": mean_over(ratio, mask),
            "ratio/max": High((ratio * mask).max()),
            "policy/approxkl_avg": mean_over(kl.k2(moved), mask),
        }
        if batch.policy.entropy is not None:
            metrics["entropy"] = mean_over(batch.policy.entropy, mask)
        return metrics


RECIPE = Recipe(
    name="grpo",
    algorithm=GRPO,
    loop="on_policy",
    data="prompt_only",
    reference=True,
    rewards=True,
    panels=(
        "reward", "kl", "clip", "length", "entropy", "shares", "loss", "ratio", "gap", "grad_norm", "learning_rate",
        "throughput",
    ),
    presets={
        "tiny": {
            "settings": {"beta": 0.1, "num_generations": 8, "num_iterations": 2, "max_completion_length": 64},
            "training": {
                "learning_rate": 3e-4, "per_device_train_batch_size": 64, "lr_scheduler_type": "constant",
                "logging_steps": 2, "kl_budget": 10.0,
            },
        },
        "paper": {
            "settings": {"num_generations": 64, "max_completion_length": 1024},
            "training": {"learning_rate": 1e-6, "per_device_train_batch_size": 64, "gradient_accumulation_steps": 16},
        },
    },
    card=Card(
        title="Group relative policy optimisation",
        family="Policy gradient",
        summary="Samples several completions for each prompt, scores them with a reward model, a verifier or both, and "
        "makes those better than their siblings more likely. Needs no value model.",
        formula="L(θ) = −(1/G) Σᵢ (1/|oᵢ|) Σₜ { min(wᵢₜ Âᵢ, clip(wᵢₜ, 1−ε, 1+ε) Âᵢ) − β KLᵢₜ },  "
        "Âᵢ = (rᵢ − mean r) / std r",
        tex=r"\L_{\text{GRPO}}(\theta) = \minus \frac{1}{G} \sum_i \frac{1}{|o_i|} \sum_t { \op{min} ( w_{it} A_i, "
        r"\op{clip}(w_{it}, 1 - \epsilon, 1 + \epsilon) A_i ) - \beta \op{KL}_{it} }, \text{ } "
        r"A_i = \frac{r_i - \op{mean}(r)}{\op{std}(r)}",
        source="Shao and others, 2024 (DeepSeekMath), equations 3 and 4",
        departs="1e-4 is added to the standard deviation, as in TRL; rewards of single steps are not taken yet.",
        when=(
            "answers can be checked by a program, or you have a reward model you trust",
            "the model already answers some prompts well: groups without a difference teach nothing",
        ),
        when_not=(
            "you have pairs and little time: DPO needs no sampling",
            "the reward model was trained on few pairs: the policy will find its holes",
        ),
    ),
)  # fmt: skip
