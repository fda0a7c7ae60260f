"""A1: the empirical distribution is learnt; only completion tokens teach, the last prompt position included."""

from types import SimpleNamespace

import torch
from torch import Tensor, nn

from training.engine.algorithms.sft import SFT
from training.engine.batches import Demonstrations, Window
from training.engine.collate import Tokens, pad_right
from training.engine.nets import heads
from training.engine.oracles.population import minimise, one_token
from training.engine.oracles.tables import numbers

SOURCE = "ALGORITHMS A1 (d)"
COUNTS = (5, 3, 1, 1)


class Table(nn.Module):
    """Logits at every position are parameters: their gradient is what the loss does to each position."""

    def __init__(self, rows: int, length: int, vocabulary: int):
        super().__init__()
        generator = torch.Generator().manual_seed(0)
        self.logits = nn.Parameter(torch.randn(rows, length, vocabulary, generator=generator))
        setattr(self, heads.PROBED, True)

    def base_model(self, **_inputs) -> SimpleNamespace:
        return SimpleNamespace(last_hidden_state=self.logits)

    def get_output_embeddings(self) -> nn.Module:
        return nn.Identity()


def rows():
    yield from frequencies()
    yield from masking()


def frequencies():
    counts = numbers(*COUNTS)
    shares = counts / counts.sum()
    answers = torch.repeat_interleave(torch.arange(4), counts.long())

    def loss(logits: Tensor) -> Tensor:
        batch = Demonstrations(one_token(logits.log_softmax(-1)[answers]))
        return SFT().loss(batch, Window(rows=10, tokens=10))[0]

    best = minimise(loss, 4)
    yield "the minimiser is the empirical distribution", shares, best.softmax(-1), 1e-6
    yield "its loss is the empirical entropy", -(shares * shares.log()).sum(), loss(best), 1e-9


def masking():
    plain = pad_right([([3, 4, 5], [6, 7]), ([3], [8, 9, 2])], pad=0)
    loss, gradient = _learn(plain)
    size = gradient.abs().sum(-1)  # [B, L]
    trained = torch.zeros_like(plain.completion)
    trained[:, :-1] = plain.completion[:, 1:]
    yield "positions whose next token is not trained get no gradient", 0.0, size[~trained].max(), 0.0
    yield "the last prompt position learns the first token", 1.0, float(size[0, 2] > 0 and size[1, 0] > 0), 0.0
    other = Tokens(plain.ids.clone(), plain.mask, plain.completion)
    other.ids[0, 1] = 1
    yield "other prompt tokens do not change the loss", loss, _learn(other)[0], 0.0
    wide = [torch.nn.functional.pad(part, (0, 4)) for part in (plain.ids, plain.mask, plain.completion)]
    yield "padding on the right does not change the loss", loss, _learn(Tokens(*wide))[0], 1e-7


def _learn(tokens: Tokens) -> tuple[Tensor, Tensor]:
    """Loss and its gradient at every position, the same logits for the same position whatever the width."""
    table = Table(2, 9, 10)
    table.logits = nn.Parameter(table.logits[:, : tokens.ids.shape[1]].detach().contiguous())
    batch = Demonstrations(heads.completions(table, tokens))
    loss, _metrics = SFT().loss(batch, Window(rows=2, tokens=5))
    loss.backward()
    return loss.detach(), table.logits.grad
