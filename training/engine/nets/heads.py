"""Forward passes that compute no more than is read: logits at completion tokens only, scores at the last token only.

Selecting hidden states before the output layer saves most of the work of a step (vocabulary x all positions). Models
whose logits are more than output layer times hidden state (soft caps, scaling) are noticed by a probe and take the
whole forward pass.
"""

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from training.engine.batches import Completions
from training.engine.collate import Tokens

PROBED = "_plumbline_plain_head"


def hidden_states(model: nn.Module, tokens: Tokens) -> Tensor:
    """[B, L, H] of right-padded rows: positions count from 0, padding is behind what it could disturb."""
    return model.base_model(input_ids=tokens.ids, attention_mask=tokens.mask, use_cache=False).last_hidden_state


def completions(
    model: nn.Module, tokens: Tokens, *, detail: bool = False, temperature: float = 1.0, dtype: str = "float32"
) -> Completions:
    """Log-probabilities of the completion tokens, [B, T] aligned to the left; entropy and hits when `detail`."""
    read = tokens.completion[:, 1:]  # the token at t is predicted at t - 1
    with autocast(tokens.ids.device, dtype):
        logits = _logits(model, tokens, read)
    logits = logits.float()
    if temperature != 1.0:
        logits = logits / temperature
    targets = tokens.ids[:, 1:][read]
    flat = -cross_entropy(logits, targets, reduction="none")
    place = _places(tokens.completion)
    correct = entropy = None
    if detail:
        with torch.no_grad():
            correct = place((logits.argmax(-1) == targets).float())
            entropy = place(entropy_of(logits))
    return Completions(place(flat), place(torch.ones_like(flat)), correct, entropy)


def scores(model: nn.Module, tokens: Tokens, dtype: str = "float32") -> Tensor:
    """[B] read at the last real token of each row, found by length: a padding id proves nothing (it may be EOS)."""
    with autocast(tokens.ids.device, dtype):
        hidden = hidden_states(model, tokens)
        last = tokens.mask.sum(-1) - 1
        score = model.score(hidden[torch.arange(len(last), device=last.device), last])
    return score.float().squeeze(-1)


def entropy_of(logits: Tensor) -> Tensor:
    """-sum_v p log p over the last dimension."""
    logps = logits.log_softmax(-1)
    return -(logps.exp() * logps).sum(-1)


def autocast(device: torch.device, dtype: str) -> torch.autocast:
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=dtype == "bfloat16")


def _logits(model: nn.Module, tokens: Tokens, read: Tensor) -> Tensor:
    if head_is_plain(model):
        return model.get_output_embeddings()(hidden_states(model, tokens)[:, :-1][read])
    return model(input_ids=tokens.ids, attention_mask=tokens.mask, use_cache=False).logits[:, :-1][read]


@torch.no_grad()
def head_is_plain(model: nn.Module) -> bool:
    """Whether logits are output layer times hidden state. Tried once on two tokens and remembered."""
    known = getattr(model, PROBED, None)
    if known is None:
        ids = torch.tensor([[0, 1]], device=next(model.parameters()).device)
        whole = model(input_ids=ids, use_cache=False).logits
        parts = model.get_output_embeddings()(model.base_model(input_ids=ids, use_cache=False).last_hidden_state)
        known = parts.shape == whole.shape and torch.allclose(parts, whole, atol=1e-5)
        setattr(model, PROBED, known)
    return known


def _places(completion: Tensor):
    """A function from flat values of completion tokens to [B, T], each row's from the left."""
    width = int(completion.sum(-1).max())
    rows, columns = completion.nonzero(as_tuple=True)
    ranks = (completion.cumsum(-1) - 1)[rows, columns]

    def place(flat: Tensor) -> Tensor:
        return flat.new_zeros(len(completion), width).index_put((rows, ranks), flat)

    return place
