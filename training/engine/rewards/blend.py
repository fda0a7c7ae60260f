"""Several sources of reward, each with its weight and its own curve; what is trained on is their weighted sum."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from training.engine import registry
from training.engine.errors import EngineError
from training.engine.rewards.learned import LearnedReward
from training.engine.spec import Reward, RunSpec


class Blend:
    """Rewards of a run: rows of the data (with `prompt` and `reference`) and completions in, numbers by source out."""

    def __init__(self, spec: RunSpec, device: str):
        self.sources = {reward.name: _source(reward, device, spec.training.dtype) for reward in spec.rewards}
        self.weights = {reward.name: reward.weight for reward in spec.rewards}

    def by_source(self, rows: Sequence[Mapping[str, Any]], completions: Sequence[str]) -> dict[str, list[float]]:
        made = {}
        for name, source in self.sources.items():
            try:
                made[name] = source(rows, completions)
            except Exception as error:
                raise EngineError(
                    "reward",
                    f"The reward {name} failed: {error}. A failed reward is never counted as zero, so the run stopped; "
                    "mend the reward or its data and resume.",
                ) from error
            if not all(math.isfinite(value) for value in made[name]):
                raise EngineError("reward", f"The reward {name} gave a value that is not a number. Check its model.")
        return made

    def total(self, by_source: Mapping[str, Sequence[float]]) -> list[float]:
        """sum over sources of weight times reward, for each completion."""
        columns = [[self.weights[name] * value for value in values] for name, values in by_source.items()]
        return [sum(row) for row in zip(*columns, strict=True)]


def _source(reward: Reward, device: str, dtype: str):
    if reward.kind == "model":
        learned = LearnedReward(reward.path, device, dtype)
        return lambda rows, completions: learned([row["prompt"] for row in rows], completions)
    check = registry.verifiers()[reward.verifier].check
    return lambda rows, completions: [
        check(completion, row.get("reference")) for row, completion in zip(rows, completions, strict=True)
    ]
