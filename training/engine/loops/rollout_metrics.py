"""What a rollout shows, under the keys of TRL's GRPO trainer."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from training.engine.batches import Completions, mean_over
from training.engine.maths.advantages import flat
from training.engine.meters import High, Low
from training.engine.nets.decode import Sampled


def rewards(by_source: Mapping[str, Sequence[float]], totals: Sequence[float]) -> dict[str, Any]:
    """Means and spreads of the weighted sum and of each source before its weight."""
    made = {"reward": (sum(totals), len(totals)), "reward_std": (_spread(totals), 1)}
    for name, values in by_source.items():
        made[f"rewards/{name}/mean"] = (sum(values), len(values))
        made[f"rewards/{name}/std"] = (_spread(values), 1)
    return made


def groups(rewards_: Tensor, advantages: Tensor) -> dict[str, Any]:
    """rewards [P, G], advantages [P * G]."""
    return {
        "frac_reward_zero_std": (flat(rewards_).float().sum(), len(rewards_)),
        "advantage/mean": (advantages.sum(), advantages.numel()),
        "advantage/std": (_spread(advantages.tolist()), 1),
    }


def lengths(made: Sequence[Sampled]) -> dict[str, Any]:
    """Of all completions, and of those that ended by themselves."""
    every = [len(one.ids) for one in made]
    ended = [len(one.ids) for one in made if one.terminated]
    values = {**_lengths("", every), "completions/clipped_ratio": (len(every) - len(ended), len(every))}
    return {**values, **_lengths("terminated_", ended)} if ended else values


def sampling_gap(policy: Completions, sampled: Tensor) -> dict[str, Any]:
    """|log-probability recomputed - noted while sampling|, over completion tokens."""
    gap = (policy.logps.detach() - sampled).abs() * policy.mask
    return {
        "sampling/sampling_logp_difference/mean": mean_over(gap, policy.mask),
        "sampling/sampling_logp_difference/max": High(gap.max()),
    }


def _lengths(kind: str, values: Sequence[int]) -> dict[str, Any]:
    return {
        f"completions/mean_{kind}length": (sum(values), len(values)),
        f"completions/min_{kind}length": Low(min(values)),
        f"completions/max_{kind}length": High(max(values)),
    }


def _spread(values: Sequence[float]) -> float:
    return float(torch.tensor(values, dtype=torch.float64).std()) if len(values) > 1 else 0.0
