"""Advantages: from rewards to credit. Rewards [P, G] (P prompts, G completions each) in, the same shape out."""

import torch
from torch import Tensor

EPS = 1e-4  # TRL's; verl has 1e-6


def group_centred(rewards: Tensor) -> Tensor:
    """A_i = r_i - mean(r). [P, G]. Source: Liu and others 2025 (Dr. GRPO), section 3."""
    return rewards - rewards.mean(-1, keepdim=True)


def group_zscore(rewards: Tensor, ddof: int = 1, eps: float = EPS) -> Tensor:
    """A_i = (r_i - mean(r)) / (std(r) + eps). [P, G]; a group of equal rewards gets exactly 0.

    `ddof` 1 divides by G - 1 (torch.std, TRL, verl), 0 by G (most papers' maths). Source: Shao and others 2024
    (DeepSeekMath), section 4.1.2.
    """
    centred = group_centred(rewards)
    spread = rewards.std(-1, correction=ddof, keepdim=True) if rewards.shape[-1] > ddof else torch.zeros_like(centred)
    return torch.where(flat(rewards)[..., None], torch.zeros_like(centred), centred / (spread + eps))


def flat(rewards: Tensor) -> Tensor:
    """Whether all rewards of a group are equal: [P, G] to bool [P]. Rounding in a mean would hide it from a std."""
    return (rewards == rewards[..., :1]).all(-1)


def group_process(rewards: Tensor, mask: Tensor, ddof: int = 1, eps: float = 0.0) -> Tensor:
    """Process supervision: A_(i,j) = sum over steps k >= j of (r_i^k - mean) / (std + eps). [G, S] with mask [G, S].

    Mean and std are over all steps of all G outputs of a prompt. Source: Shao and others 2024, section 4.1.3.
    """
    real = rewards[mask.bool()]
    scaled = (rewards - real.mean()) / (real.std(correction=ddof) + eps) * mask
    return scaled.flip(-1).cumsum(-1).flip(-1) * mask
