"""Rows of token ids to padded tensors."""

import dataclasses
from collections.abc import Sequence

import torch
from torch import Tensor


@dataclasses.dataclass(frozen=True)
class Tokens:
    """ids [B, L] padded on the right; mask [B, L] 1 where a token is real; completion [B, L] True where it is trained.

    Masks come from lengths, never from ids: with padding equal to the end of sequence the first end would be lost.
    """

    ids: Tensor
    mask: Tensor
    completion: Tensor

    @property
    def pad_share(self) -> tuple[float, float]:
        """(padding, all) positions."""
        return float(self.mask.numel() - self.mask.sum()), float(self.mask.numel())


def pad_right(rows: Sequence[tuple[Sequence[int], Sequence[int]]], pad: int, device: str = "cpu") -> Tokens:
    """(prompt, completion) ids of each row, filled up to the longest."""
    width = max(len(prompt) + len(completion) for prompt, completion in rows)
    ids = torch.full((len(rows), width), pad, dtype=torch.long)
    mask = torch.zeros(len(rows), width, dtype=torch.long)
    trained = torch.zeros(len(rows), width, dtype=torch.bool)
    for index, (prompt, completion) in enumerate(rows):
        start, end = len(prompt), len(prompt) + len(completion)
        ids[index, :end] = torch.tensor([*prompt, *completion], dtype=torch.long)
        mask[index, :end] = 1
        trained[index, start:end] = True
    return Tokens(ids.to(device), mask.to(device), trained.to(device))


def pad_left(prompts: Sequence[Sequence[int]], pad: int, device: str = "cpu") -> tuple[Tensor, Tensor]:
    """ids and mask [B, L], filled up in front: what decoding starts from."""
    width = max(len(prompt) for prompt in prompts)
    ids = torch.full((len(prompts), width), pad, dtype=torch.long)
    mask = torch.zeros(len(prompts), width, dtype=torch.long)
    for index, prompt in enumerate(prompts):
        ids[index, width - len(prompt) :] = torch.tensor(prompt, dtype=torch.long)
        mask[index, width - len(prompt) :] = 1
    return ids.to(device), mask.to(device)
