"""Pairs for direct alignment: both answers in one forward pass, the reference's log-probabilities looked up."""

import torch

from training.engine.batches import Pairs, Window
from training.engine.collate import Tokens, pad_right
from training.engine.nets import heads
from training.engine.preparation import Encoded


def side_by_side(rows: list[Encoded], pad: int, device: str) -> Tokens:
    """All chosen answers, then all rejected ones."""
    sides = [(row.turns[side].prompt, row.turns[side].completion) for side in (0, 1) for row in rows]
    return pad_right(sides, pad, device)


class PairFeed:
    columns = ("chosen", "rejected")

    def __init__(self, model, encoder, training, device):
        self.model, self.encoder, self.training, self.device = model, encoder, training, device
        self.padding = (0.0, 0.0)
        self.reference = None  # set by the loop: references.CachedReference

    def window(self, rows: list[Encoded]) -> Window:
        tokens = float(sum(row.completion_tokens for row in rows))
        return Window(rows=sum(row.weight for row in rows), tokens=tokens)

    def batch(self, rows: list[Encoded], *, detail: bool) -> Pairs:
        tokens = side_by_side(rows, self.encoder.pad, self.device)
        self.padding = tokens.pad_share
        both = heads.completions(self.model, tokens, detail=detail, dtype=self.training.dtype)
        reference = torch.tensor([self.reference.sums(row) for row in rows], device=self.device)
        return Pairs(
            chosen=both.half(0),
            rejected=both.half(1),
            reference_chosen=reference[:, 0],
            reference_rejected=reference[:, 1],
            weight=torch.tensor([row.weight for row in rows], device=self.device),
        )
