"""Scores: how good a response is to the policy itself. Sums of log-probabilities [B] in, score [B] out."""

from torch import Tensor


def log_ratio(logps: Tensor, reference: Tensor) -> Tensor:
    """rho(y) = log pi(y|x) - log pi_ref(y|x). [B]. Source: Rafailov and others 2023, eq. 6 (beta rho is the reward)."""
    return logps - reference
