"""Completions of the policy. Each has random numbers of its own, drawn from (seed, step, prompt, try).

So a resumed run samples the same, whatever was sampled in between, and no generator's state needs keeping.
"""

import dataclasses
from collections.abc import Sequence

import numpy as np
from torch import nn

from training.engine.chat import Encoder
from training.engine.nets.decode import Sampled, Watch, decode
from training.engine.windows import split

ROWS = 256  # completions decoded together
WATCHED = 2**32 - 1  # stands for the step where completions are only looked at: the same numbers at each look


@dataclasses.dataclass(frozen=True)
class Sampling:
    max_new_tokens: int
    temperature: float
    copies: int = 1
    dtype: str = "float32"


def uniforms(seed: int, step: int, prompt: int, copies: int, length: int) -> np.ndarray:
    """[G, T] uniform numbers for the tries at one prompt."""
    rows = [np.random.default_rng([seed, step, prompt, attempt]).random(length) for attempt in range(copies)]
    return np.stack(rows)


def sample(
    model: nn.Module,
    encoder: Encoder,
    prompts: Sequence[tuple[int, list[int]]],
    sampling: Sampling,
    seed: int,
    step: int,
    watch: Watch | None = None,
) -> list[Sampled]:
    """`copies` completions for each (number, ids) prompt, in order. `watch` sees those decoded together."""
    made: list[Sampled] = []
    for part in split(prompts, max(1, ROWS // sampling.copies)):
        draws = [uniforms(seed, step, number, sampling.copies, sampling.max_new_tokens) for number, _ids in part]
        made += decode(
            model,
            [ids for _number, ids in part],
            np.concatenate(draws),
            ends=encoder.ends,
            pad=encoder.pad,
            temperature=sampling.temperature,
            dtype=sampling.dtype,
            watch=watch,
        )
    return made
