"""Ratios and surrogates: credit for tokens sampled from an older policy. [B, T] in and out."""

import torch
from torch import Tensor


def token_ratio(logps: Tensor, old: Tensor) -> Tensor:
    """w_t = exp(log pi(y_t) - log pi_old(y_t)), the exponent clamped to [-20, 20]. [B, T]."""
    return (logps - old).clamp(-20, 20).exp()


def clipped(ratio: Tensor, advantages: Tensor, low: float, high: float) -> Tensor:
    """min(w A, clip(w, 1 - low, 1 + high) A): no reward for moving further than the clip range. [B, T].

    Source: Schulman and others 2017 (PPO), eq. 7; separate ends: Yu and others 2025 (DAPO).
    """
    return torch.min(ratio * advantages, ratio.clamp(1 - low, 1 + high) * advantages)


def clipped_low(ratio: Tensor, advantages: Tensor, low: float) -> Tensor:
    """Where clipping from below took the gradient away: w < 1 - low and A < 0. [B, T], 0 or 1."""
    return ((ratio < 1 - low) & (advantages < 0)).float()


def clipped_high(ratio: Tensor, advantages: Tensor, high: float) -> Tensor:
    """Where clipping from above took the gradient away: w > 1 + high and A > 0. [B, T], 0 or 1."""
    return ((ratio > 1 + high) & (advantages > 0)).float()
