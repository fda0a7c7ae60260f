"""Settings of methods that sample their own completions, under TRL's names."""

import dataclasses

from training.engine.settings import setting


@dataclasses.dataclass(frozen=True)
class SamplingSettings:
    num_generations: int = setting(8, "Completions for each prompt.", low=2, high=1024, group="sampling")
    num_iterations: int = setting(
        1, "Optimiser steps on each batch of completions; above 1 the clip range begins to matter.", low=1, high=64,
        group="sampling",
    )  # fmt: skip
    max_completion_length: int = setting(
        256, "Longest completion in tokens; longer ones are cut off.", low=1, high=32_768, group="sampling"
    )
    temperature: float = setting(
        1.0, "Of sampling and of the log-probabilities that are trained.", low=0.05, high=5.0, group="sampling"
    )
    missing_eos_penalty: float = setting(
        0.0, "Taken from the reward of a completion that was cut off.", low=0.0, high=1000.0, group="sampling"
    )
    mask_truncated_completions: bool = setting(
        False, "Completions that were cut off carry no gradient.", group="sampling"
    )
