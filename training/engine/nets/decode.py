"""Decoding in batches: one prefill for each prompt, its copies share it, finished rows leave the batch.

Sampling inverts the cumulative distribution with a uniform number given from outside (`torch.multinomial` is twenty
times slower on a CPU), so a completion is a function of weights, prompt and its own random numbers.
"""

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor, nn

from training.engine.collate import pad_left
from training.engine.nets.cache import roomy_cache
from training.engine.nets.heads import autocast, head_is_plain

LEAVE = 0.25  # rows leave the batch when this share of it is finished: moving the cache costs too


@dataclasses.dataclass(frozen=True)
class Sampled:
    """One completion: its ids (with the end token, if it ended by itself) and their log-probabilities when sampled."""

    ids: list[int]
    logps: list[float]
    terminated: bool


Watch = Callable[[Callable[[], list[Sampled]]], None]


@torch.no_grad()
def decode(
    model: nn.Module,
    prompts: Sequence[Sequence[int]],
    draws: np.ndarray,
    *,
    ends: frozenset[int],
    pad: int,
    temperature: float,
    dtype: str = "float32",
    watch: Watch | None = None,
) -> list[Sampled]:
    """`draws` [P * G, T] holds uniform numbers: G completions of at most T tokens for each of P prompts, in order.

    `watch` is called after each token with a function that gives all completions as they are so far.
    """
    total, length = draws.shape
    copies = total // len(prompts)
    device = next(model.parameters()).device
    ids, mask = pad_left(prompts, pad, device)
    cache = roomy_cache(model.config, ids.shape[1] + length)
    positions = (mask.cumsum(-1) - 1).clamp(min=0)
    with autocast(device, dtype):
        logits = next_logits(model, ids, mask, positions, cache)
    if copies > 1:
        cache.batch_repeat_interleave(copies)
        logits, mask = logits.repeat_interleave(copies, 0), mask.repeat_interleave(copies, 0)
    batch = _Batch(total, length, ends, pad, device)
    uniforms = torch.as_tensor(draws, dtype=torch.float32, device=device)
    for time in range(length):
        tokens, logps = pick(logits, uniforms[batch.rows, time], temperature)
        batch.take(time, tokens, logps)
        if watch is not None:
            watch(batch.completions)
        if time + 1 == length or not batch.alive.any():
            break
        keep = batch.leave()
        if keep is not None:
            cache.batch_select_indices(keep)
            tokens, mask = tokens[keep], mask[keep]
        mask = torch.cat([mask, mask.new_ones(len(mask), 1)], dim=1)
        with autocast(device, dtype):
            logits = next_logits(model, tokens[:, None], mask, mask.sum(-1, keepdim=True) - 1, cache)
    return batch.completions()


def next_logits(model: nn.Module, ids: Tensor, mask: Tensor, positions: Tensor, cache) -> Tensor:
    """[B, V] of the token after the last column."""
    inputs = {"input_ids": ids, "attention_mask": mask, "position_ids": positions, "past_key_values": cache}
    if head_is_plain(model):
        hidden = model.base_model(**inputs, use_cache=True).last_hidden_state
        return model.get_output_embeddings()(hidden[:, -1]).float()
    return model(**inputs, use_cache=True).logits[:, -1].float()


def pick(logits: Tensor, uniform: Tensor, temperature: float) -> tuple[Tensor, Tensor]:
    """A token for each row and its log-probability at this temperature; temperature 0 takes the likeliest."""
    if temperature == 0:
        logps = logits.log_softmax(-1)
        tokens = logits.argmax(-1)
    else:
        logps = (logits / temperature).log_softmax(-1)
        ladder = logps.exp().cumsum(-1)
        height = (uniform * ladder[:, -1])[:, None]
        tokens = torch.searchsorted(ladder, height, right=True).squeeze(-1).clamp(max=logits.shape[-1] - 1)
    return tokens, logps.gather(-1, tokens[:, None]).squeeze(-1)


class _Batch:
    """The rows still in the batch, and what all rows have said so far."""

    def __init__(self, total: int, length: int, ends: frozenset[int], pad: int, device: torch.device):
        self.ends = torch.tensor(sorted(ends), device=device)
        self.rows = torch.arange(total, device=device)
        self.alive = torch.ones(total, dtype=torch.bool, device=device)
        self.ids = torch.full((total, length), pad, dtype=torch.long, device=device)
        self.logps = torch.zeros(total, length, device=device)
        self.lengths = torch.zeros(total, dtype=torch.long, device=device)
        self.ended = torch.zeros(total, dtype=torch.bool, device=device)

    def take(self, time: int, tokens: Tensor, logps: Tensor) -> None:
        rows = self.rows[self.alive]
        self.ids[rows, time] = tokens[self.alive]
        self.logps[rows, time] = logps[self.alive]
        self.lengths[rows] = time + 1
        stop = torch.isin(tokens, self.ends) & self.alive
        self.ended[self.rows[stop]] = True
        self.alive = self.alive & ~stop

    def leave(self) -> Tensor | None:
        """Indexes to keep when enough rows are finished, else None."""
        if self.alive.float().mean() > 1 - LEAVE:
            return None
        keep = self.alive.nonzero().squeeze(-1)
        self.rows, self.alive = self.rows[keep], self.alive[keep]
        return keep

    def completions(self) -> list[Sampled]:
        ids, logps, ended = self.ids.tolist(), self.logps.tolist(), self.ended.tolist()
        return [
            Sampled(ids[row][:length], logps[row][:length], ended[row])
            for row, length in enumerate(self.lengths.tolist())
        ]
