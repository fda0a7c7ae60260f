"""Completions to imitate."""

from training.engine.batches import Demonstrations, Window
from training.engine.collate import pad_right
from training.engine.nets import heads
from training.engine.preparation import Encoded


class DemonstrationFeed:
    columns = ("completion",)

    def __init__(self, model, encoder, training, device):
        self.model, self.encoder, self.training, self.device = model, encoder, training, device
        self.padding = (0.0, 0.0)

    def window(self, rows: list[Encoded]) -> Window:
        return Window(rows=float(len(rows)), tokens=float(sum(row.completion_tokens for row in rows)))

    def batch(self, rows: list[Encoded], *, detail: bool) -> Demonstrations:
        turns = [(row.turns[0].prompt, row.turns[0].completion) for row in rows]
        tokens = pad_right(turns, self.encoder.pad, self.device)
        self.padding = tokens.pad_share
        return Demonstrations(heads.completions(self.model, tokens, detail=detail, dtype=self.training.dtype))
