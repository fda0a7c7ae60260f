"""Pairs for reward modelling: one score for each answer."""

import torch

from training.engine.batches import ScoredPairs, Window
from training.engine.feeds.pairs import side_by_side
from training.engine.nets import heads
from training.engine.preparation import Encoded


class ScoredPairFeed:
    columns = ("chosen", "rejected")

    def __init__(self, model, encoder, training, device):
        self.model, self.encoder, self.training, self.device = model, encoder, training, device
        self.padding = (0.0, 0.0)

    def window(self, rows: list[Encoded]) -> Window:
        tokens = float(sum(row.completion_tokens for row in rows))
        return Window(rows=sum(row.weight for row in rows), tokens=tokens)

    def batch(self, rows: list[Encoded], *, detail: bool) -> ScoredPairs:  # noqa: ARG002  scores have no detail
        tokens = side_by_side(rows, self.encoder.pad, self.device)
        self.padding = tokens.pad_share
        chosen, rejected = heads.scores(self.model, tokens, self.training.dtype).chunk(2)
        margins = [float(row.row.get("margin") or 0.0) for row in rows]
        return ScoredPairs(
            chosen=chosen,
            rejected=rejected,
            margin=torch.tensor(margins, device=self.device),
            weight=torch.tensor([row.weight for row in rows], device=self.device),
        )
