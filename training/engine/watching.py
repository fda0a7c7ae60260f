"""Completions to the same few prompts at every look, so that a reader sees how the answers change.

Sampled at temperature 1 (a sampling method: at its own) with the same random numbers each time: what changes is the
policy. A reward model shows its scores of the same few pairs instead.
"""

from collections.abc import Iterator
from typing import Any

import torch
from torch import nn

from training.engine.collate import pad_right
from training.engine.loops.report import Bench
from training.engine.nets import heads
from training.engine.preparation import Encoded
from training.engine.rollouts import WATCHED, Sampling, sample

DISTANCE_ROWS = 32


class Watched:
    def __init__(self, bench: Bench, reference: nn.Module | None, rewards=None):
        self.bench, self.reference, self.rewards = bench, reference, rewards
        rows = bench.splits["validation"].rows or bench.splits["train"].rows
        self.rows = _spread(rows, bench.spec.training.sample_prompts)
        self.measured = _spread(rows, DISTANCE_ROWS)

    def look(self) -> Iterator[dict[str, Any]]:
        """The fields of one `sample` event for each prompt."""
        if not self.rows:
            return iter(())
        return self._scores() if self.bench.recipe.produces == "reward" else self._completions()

    @torch.no_grad()
    def _completions(self) -> Iterator[dict[str, Any]]:
        bench = self.bench
        sampling = Sampling(
            max_new_tokens=bench.spec.training.sample_length,
            temperature=getattr(bench.algorithm, "temperature", 1.0),
            dtype=bench.spec.training.dtype,
        )
        prompts = [(index, row.prompt) for index, row in enumerate(self.rows)]
        made = sample(bench.model, bench.encoder, prompts, sampling, bench.spec.seed, WATCHED)
        texts = [bench.encoder.completion_text(one.ids) for one in made]
        rewards = self.rewards.by_source([row.row for row in self.rows], texts) if self.rewards else {}
        distances = self._distances([(row.prompt, one.ids) for row, one in zip(self.rows, made, strict=True)], sampling)
        for index, (row, one, text) in enumerate(zip(self.rows, made, texts, strict=True)):
            values = {"length_tokens": len(one.ids), "terminated": one.terminated}
            if distances is not None:
                values["kl"] = distances[index]
            yield {
                "index": index,
                "prompt": row.row["prompt"],
                "completion": text,
                "reference": _reference_text(row),
                "rewards": {name: values[index] for name, values in rewards.items()},
                "values": values,
            }

    @torch.no_grad()
    def distance(self) -> dict[str, float]:
        """KL to the reference, estimated on one completion, sampled at temperature 1, for each of a few prompts."""
        if self.reference is None or not self.rows:
            return {}
        sampling = Sampling(self.bench.spec.training.sample_length, 1.0, dtype=self.bench.spec.training.dtype)
        prompts = [(index, row.prompt) for index, row in enumerate(self.measured)]
        made = sample(self.bench.model, self.bench.encoder, prompts, sampling, self.bench.spec.seed, WATCHED)
        turns = [(row.prompt, one.ids) for row, one in zip(self.measured, made, strict=True)]
        distances = self._distances(turns, sampling)
        return {"objective/kl": sum(distances) / len(distances)}

    def _distances(self, turns: list[tuple[list[int], list[int]]], sampling: Sampling) -> list[float] | None:
        """log pi(y|x) - log pi_ref(y|x) of each completion."""
        if self.reference is None:
            return None
        tokens = pad_right(turns, self.bench.encoder.pad, self.bench.device)
        options = {"temperature": sampling.temperature, "dtype": sampling.dtype}
        ours, theirs = (
            heads.completions(model, tokens, **options).sums for model in (self.bench.model, self.reference)
        )
        return (ours - theirs).tolist()

    @torch.no_grad()
    def _scores(self) -> Iterator[dict[str, Any]]:
        turns = [(row.turns[side].prompt, row.turns[side].completion) for side in (0, 1) for row in self.rows]
        tokens = pad_right(turns, self.bench.encoder.pad, self.bench.device)
        chosen, rejected = heads.scores(self.bench.model, tokens, self.bench.spec.training.dtype).chunk(2)
        for index, row in enumerate(self.rows):
            yield {
                "index": index,
                "prompt": row.row["prompt"],
                "completion": row.row["chosen"][-1]["content"],
                "reference": row.row["rejected"][-1]["content"],
                "rewards": {"chosen": float(chosen[index]), "rejected": float(rejected[index])},
                "values": {"length_tokens": len(row.turns[0].completion)},
            }


def _spread(rows: list[Encoded], count: int) -> list[Encoded]:
    """`count` rows, evenly over the file (which is sorted: the first ones alone would be alike)."""
    if count >= len(rows):
        return list(rows)
    return [rows[index * len(rows) // count] for index in range(count)]


def _reference_text(row: Encoded) -> str:
    """What the data says the answer is: its reference, or the completion people gave or chose."""
    for column in ("completion", "chosen"):
        if column in row.row:
            return row.row[column][-1]["content"]
    return row.row.get("reference") or ""
