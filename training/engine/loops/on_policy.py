"""The loop of methods that sample their own completions: sample, reward, give credit, update; again.

One rollout serves `num_iterations` updates. With one, the old log-probabilities are those of the training forward
itself; with more they are recomputed once, in the very micro-batches that train (those noted while sampling differ in
the last digits: the gap is a metric). A rollout in use is part of a checkpoint.
"""

import dataclasses
import math
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from training.engine.batches import Completions, Rollouts, Window
from training.engine.collate import Tokens, pad_right
from training.engine.learner import Learner
from training.engine.loops import rollout_metrics
from training.engine.loops.report import Bench, Evaluation, Report
from training.engine.loops.stepping import update
from training.engine.meters import Last, Meters
from training.engine.nets import folders, heads
from training.engine.nets.decode import Sampled
from training.engine.preparation import Encoded
from training.engine.rewards.blend import Blend
from training.engine.rollouts import WATCHED, Sampling, sample
from training.engine.watching import Watched
from training.engine.windows import Windows, split


@dataclasses.dataclass
class Micro:
    """One micro-batch of a rollout: sampled, old, reference [B, T], advantages [B], counted [B] (0 for masked rows)."""

    tokens: Tokens
    advantages: Tensor
    counted: Tensor
    sampled: Tensor
    old: Tensor | None = None
    reference: Tensor | None = None


class OnPolicyLoop:
    def __init__(self, bench: Bench):
        self.bench, self.algorithm = bench, bench.algorithm
        training = bench.spec.training
        self.rows = bench.splits["train"].rows
        self.held_out = bench.splits["validation"].rows[: training.eval_rows or None]
        prompts = training.window_rows // self.algorithm.num_generations
        self.windows = Windows(tuple(row.length for row in self.rows), prompts, bench.spec.seed)
        self.total_steps = training.max_steps
        if training.max_steps < 0:
            rollouts = math.ceil(training.num_train_epochs * self.windows.per_epoch)
            self.total_steps = rollouts * self.algorithm.num_iterations
        bench.learner = Learner(bench.model, training, self.total_steps)
        self.sampling = Sampling(
            self.algorithm.max_completion_length,
            self.algorithm.temperature,
            self.algorithm.num_generations,
            training.dtype,
        )
        self.rewards = Blend(bench.spec, bench.device)
        self.reference = self._reference()
        self.watched = Watched(bench, self.reference, self.rewards)
        self.rollout: list[Micro] = []

    def prepare(self) -> Iterator[str]:
        """Nothing needs to be known before the first step."""
        return iter(())

    def steps(self, start: int) -> Iterator[Report]:
        training = self.bench.spec.training
        for step in range(start, self.total_steps):
            number, iteration = divmod(step, self.algorithm.num_iterations)
            meters, tokens = Meters(), 0
            if iteration == 0:
                tokens = self._sample(number, meters)
            detail = (step + 1) % training.logging_steps == 0
            losses = self._losses(first=iteration == 0, detail=detail, meters=meters)
            trouble = update(self.bench.learner, step, losses, meters)
            worked = tokens + sum(int(micro.tokens.mask.sum()) for micro in self.rollout)
            yield Report(step + 1, self.epochs(step + 1), meters, tokens, worked, trouble)

    def longest_rows(self) -> list[Encoded]:
        """The prompts of the step that needs most memory, were they to meet."""
        return sorted(self.rows, key=lambda row: -row.length)[: self.windows.window_rows]

    def rehearse(self) -> int:
        """One rollout and the passes of one step, without an update; gives its tokens."""
        tokens = self._sample(0, Meters())
        for loss, _metrics in self._losses(first=True, detail=False, meters=Meters()):
            loss.backward()
        self.bench.learner.forget()
        return tokens

    def epochs(self, step: int) -> float:
        return self.windows.epochs(step / self.algorithm.num_iterations)

    @torch.no_grad()
    def evaluate(self) -> Evaluation:
        """Rewards of one completion for each held-out prompt, with the same random numbers at each look."""
        if not self.held_out:
            return Evaluation({})
        sampling = dataclasses.replace(self.sampling, copies=1)
        made = self._completions(self.held_out, list(range(len(self.held_out))), sampling, WATCHED)
        by_source, totals = self._rewarded(self.held_out, made)
        meters = Meters()
        meters.add(rollout_metrics.rewards(by_source, totals))
        meters.add(rollout_metrics.lengths(made))
        meters.add({"rows": Last(len(self.held_out))})
        return Evaluation(meters.read())

    def samples(self) -> Iterator[dict[str, Any]]:
        return self.watched.look()

    def distance(self) -> dict[str, float]:
        """Nothing: every step measures it on its own completions."""
        return {}

    def tensors(self) -> dict[str, Tensor]:
        return {**self.bench.learner.tensors(), **_packed(self.rollout)}

    def restore(self, tensors: dict[str, Tensor]) -> None:
        self.bench.learner.restore(tensors)
        self.rollout = _unpacked(tensors, self.bench.device)

    def _sample(self, number: int, meters: Meters) -> int:
        """A new rollout: what it holds is `self.rollout`, what it showed goes to the meters; gives its tokens."""
        group = self.algorithm.num_generations
        indexes = self.windows.at(number)
        made = self._completions([self.rows[index] for index in indexes], indexes, self.sampling, number)
        rows = [self.rows[index] for index in indexes for _copy in range(group)]
        by_source, totals = self._rewarded(rows, made)
        rewards = torch.tensor(totals).view(len(indexes), group)
        advantages = self.algorithm.advantages(rewards).flatten()
        meters.add(rollout_metrics.rewards(by_source, totals))
        meters.add(rollout_metrics.groups(rewards, advantages))
        meters.add(rollout_metrics.lengths(made))
        self.rollout = self._micros(rows, made, advantages)
        return sum(len(row.prompt) + len(one.ids) for row, one in zip(rows, made, strict=True))

    def _completions(self, rows: list[Encoded], numbers: list[int], sampling: Sampling, step: int) -> list[Sampled]:
        prompts = [(number, row.prompt) for number, row in zip(numbers, rows, strict=True)]
        return sample(self.bench.model, self.bench.encoder, prompts, sampling, self.bench.spec.seed, step)

    def _rewarded(self, rows: list[Encoded], made: list[Sampled]) -> tuple[dict[str, list[float]], list[float]]:
        """By source, and what is trained on: their weighted sum, less the penalty of a completion that was cut off."""
        texts = [self.bench.encoder.completion_text(one.ids) for one in made]
        by_source = self.rewards.by_source([row.row for row in rows], texts)
        penalty = self.algorithm.missing_eos_penalty
        totals = self.rewards.total(by_source)
        return by_source, [
            total if one.terminated else total - penalty for total, one in zip(totals, made, strict=True)
        ]

    @torch.no_grad()
    def _micros(self, rows: list[Encoded], made: list[Sampled], advantages: Tensor) -> list[Micro]:
        """Cut by length, so that little is padding; scored under old policy and reference where they are needed."""
        device, masked = self.bench.device, self.algorithm.mask_truncated_completions
        order = sorted(range(len(made)), key=lambda index: -(len(rows[index].prompt) + len(made[index].ids)))
        micros = []
        for part in split(order, self.bench.spec.training.per_device_train_batch_size):
            tokens = pad_right(
                [(rows[index].prompt, made[index].ids) for index in part], self.bench.encoder.pad, device
            )
            width = max(len(made[index].ids) for index in part)
            noted = [made[index].logps + [0.0] * (width - len(made[index].logps)) for index in part]
            counted = [float(made[index].terminated or not masked) for index in part]
            micro = Micro(
                tokens, advantages[list(part)].to(device), torch.tensor(counted, device=device),
                torch.tensor(noted, device=device),
            )  # fmt: skip
            if self.algorithm.num_iterations > 1:
                micro.old = self._forward(self.bench.model, tokens).logps
            if self.reference is not None:
                micro.reference = self._forward(self.reference, tokens).logps
            micros.append(micro)
        return micros

    def _losses(self, *, first: bool, detail: bool, meters: Meters) -> Iterator[tuple[Tensor, dict[str, Any]]]:
        window = Window(rows=float(sum(len(micro.advantages) for micro in self.rollout)))
        for micro in self.rollout:
            policy = self._forward(self.bench.model, micro.tokens, detail=detail)
            policy = dataclasses.replace(policy, mask=policy.mask * micro.counted[:, None])
            credit = micro.advantages[:, None].expand_as(policy.mask)
            meters.add({"data/pad_frac": micro.tokens.pad_share})
            if first:
                meters.add(rollout_metrics.sampling_gap(policy, micro.sampled))
            yield self.algorithm.loss(Rollouts(policy, credit, micro.old, micro.reference), window)

    def _forward(self, model, tokens: Tokens, *, detail: bool = False) -> Completions:
        options = {"temperature": self.sampling.temperature, "dtype": self.sampling.dtype}
        return heads.completions(model, tokens, detail=detail, **options)

    def _reference(self):
        bench = self.bench
        if not bench.recipe.reference or not self.algorithm.beta:
            return None
        path = (bench.spec.reference or bench.spec.model).path
        return folders.load_policy(path, bench.device).requires_grad_(False)


def _packed(rollout: list[Micro]) -> dict[str, Tensor]:
    """The rollout in use as flat names, each micro-batch in its own shape."""
    made = {}
    for index, micro in enumerate(rollout):
        parts = {**vars(micro), **vars(micro.tokens)}
        del parts["tokens"]
        made.update({f"rollout.{index:04d}.{name}": part.cpu() for name, part in parts.items() if part is not None})
    return {name: part.contiguous() for name, part in made.items()}


def _unpacked(tensors: dict[str, Tensor], device: str) -> list[Micro]:
    micros = []
    while any(name.startswith(f"rollout.{len(micros):04d}.") for name in tensors):
        start = f"rollout.{len(micros):04d}."
        parts = {name.removeprefix(start): part.to(device) for name, part in tensors.items() if name.startswith(start)}
        tokens = Tokens(parts.pop("ids"), parts.pop("mask"), parts.pop("completion"))
        micros.append(Micro(tokens, **parts))
    return micros


LOOP = OnPolicyLoop
