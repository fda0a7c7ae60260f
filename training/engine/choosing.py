"""How likely a model finds each of some given answers: the sum of the log-probabilities of their tokens."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch

from training.engine.chat import Encoder, Messages
from training.engine.collate import pad_right
from training.engine.errors import EngineError
from training.engine.nets import folders
from training.engine.nets.heads import head_is_plain, hidden_states
from training.engine.windows import split

ROWS = 16


def choose(request: dict[str, Any], policy, _cancel: Path | None = None) -> Iterator[dict[str, Any]]:
    """`{"id", "logprobs", "tokens"}` a row, in the order of its options; a row that is too long says so itself."""
    for row in request["rows"]:
        with policy.reading:
            prompt, options = spelled(policy.encoder, row["messages"], row["options"])
        try:
            longest = len(prompt) + max(len(option) for option in options)
            folders.check_fits(policy.model, longest, "The question")
        except EngineError as error:
            yield {"id": row["id"], "refused": error.message}
            continue
        yield {"id": row["id"], "logprobs": logprobs(policy, prompt, options), "tokens": options}


def spelled(encoder: Encoder, messages: Messages, options: Sequence[str]) -> tuple[list[int], list[list[int]]]:
    """The ids before any option, and the ids of each; no end token.

    The option follows the assistant's header as text, and both are tokenised in one go. What counts as the option is
    what comes after the longest beginning that all options share with the prompt, so that a tokenizer that merges over
    the border treats every option alike.
    """
    if not options or not all(options):
        raise EngineError("data", "A question with options needs at least one, and none may be empty.")
    wholes = [encoder.continued(messages, option) for option in options]
    border = _shared([encoder.prompt(messages), *wholes])
    if any(len(ids) == border for ids in wholes):  # the prompt's last token swallowed an option whole
        border -= 1
    return wholes[0][:border], [ids[border:] for ids in wholes]


def _shared(rows: Sequence[list[int]]) -> int:
    count = 0
    for column in zip(*rows, strict=False):
        if len(set(column)) > 1:
            break
        count += 1
    return count


@torch.no_grad()
def logprobs(policy, prompt: list[int], options: list[list[int]]) -> list[float]:
    """The sum of each option. Options of one token share one forward pass: the last token of none is read."""
    starts = list(dict.fromkeys(tuple(option[:-1]) for option in options))
    device = next(policy.model.parameters()).device
    found: dict[tuple[int, ...], torch.Tensor] = {}
    for part in split(starts, ROWS):
        tokens = pad_right([(prompt, start) for start in part], policy.encoder.pad, device)
        logits = _after(policy.model, tokens, len(prompt) - 1).float().log_softmax(-1)
        found.update(zip(part, logits, strict=True))
    return [
        float(sum(found[tuple(option[:-1])][place, token] for place, token in enumerate(option))) for option in options
    ]


def _after(model, tokens, start: int) -> torch.Tensor:
    """[B, L - start, V]: only what follows `start` goes through the output layer."""
    if head_is_plain(model):
        return model.get_output_embeddings()(hidden_states(model, tokens)[:, start:])
    return model(input_ids=tokens.ids, attention_mask=tokens.mask, use_cache=False).logits[:, start:]
