"""Aggregation: token losses [B, T] of one micro-batch to its share of the optimiser step's scalar.

Each divides by what the whole window holds, never by the micro-batch: the shares of micro-batches add up to the loss.
"""

from torch import Tensor


def token_mean(losses: Tensor, mask: Tensor, window_tokens: float) -> Tensor:
    """sum m l / N, N the completion tokens of the window: every token counts the same (SFT, DAPO)."""
    return (losses * mask).sum() / window_tokens


def seq_mean_token_mean(losses: Tensor, mask: Tensor, window_rows: float) -> Tensor:
    """(1 / B) sum_i (1 / |y_i|) sum_t m l: every sequence counts the same (GRPO)."""
    return ((losses * mask).sum(-1) / mask.sum(-1).clamp(min=1)).sum() / window_rows


def seq_mean_token_sum(losses: Tensor, mask: Tensor, window_rows: float) -> Tensor:
    """(1 / B) sum_i sum_t m l: the log-likelihood of whole sequences; long ones weigh more."""
    return (losses * mask).sum() / window_rows


def rows_mean(losses: Tensor, weight: Tensor, window_rows: float) -> Tensor:
    """sum_i w_i l_i / W for losses [B] of rows, W the weights of the window."""
    return (losses * weight).sum() / window_rows
