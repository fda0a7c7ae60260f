"""The vocabulary of metrics: for each key its unit, its meaning, which way is good, and the panel it belongs to.

Keys are TRL's where it has one (the GRPO trainer's for methods that sample). A key may be a pattern:
`rewards/<name>/mean`. Evaluation adds the prefix `eval_`. A key that is not here raises: no curve without a meaning.
Needs no torch.
"""

import dataclasses
import functools
import re
from typing import Any

EVAL = "eval_"


@dataclasses.dataclass(frozen=True)
class Metric:
    key: str
    unit: str
    meaning: str
    good: str | None  # "up", "down" or neither
    group: str


def _metric(group: str, key: str, unit: str, good: str | None, meaning: str) -> Metric:
    return Metric(key, unit, meaning, good, group)


UP, DOWN = "up", "down"

METRICS = (
    _metric("loss", "loss", "nats", DOWN, "What the optimiser minimises, over the whole optimiser step."),
    _metric("loss", "policy_loss", "", None, "The surrogate without its KL term; its value says little on policy."),
    _metric("reward", "reward", "reward", UP, "Mean weighted reward of the sampled completions."),
    _metric("reward", "reward_std", "reward", None, "Spread of the reward over the completions of a step."),
    _metric("reward", "rewards/<name>/mean", "reward", UP, "Mean reward from this source, before its weight."),
    _metric("reward", "rewards/<name>/std", "reward", None, "Spread of the reward from this source."),
    _metric(
        "kl",
        "objective/kl",
        "nats a completion",
        None,
        "How far the policy is from the reference: k1 summed over a completion.",
    ),
    _metric("kl_token", "kl", "nats a token", None, "Mean k3 estimate of the KL to the reference, per token."),
    _metric(
        "clip",
        "clip_ratio/low_mean",
        "share",
        None,
        "Tokens whose ratio fell below the clip range while their advantage was negative.",
    ),
    _metric("clip", "clip_ratio/low_min", "share", None, "The smallest such share of a completion."),
    _metric(
        "clip",
        "clip_ratio/high_mean",
        "share",
        None,
        "Tokens whose ratio rose above the clip range while their advantage was positive.",
    ),
    _metric("clip", "clip_ratio/high_max", "share", None, "The largest such share of a completion."),
    _metric("clip", "clip_ratio/region_mean", "share", None, "Tokens clipped on either side."),
    _metric(
        "ratio", "ratio/mean", "ratio", None, "Mean probability ratio of new to old policy; one when nothing moved."
    ),
    _metric("ratio", "ratio/max", "ratio", None, "The largest probability ratio."),
    _metric(
        "ratio", "policy/approxkl_avg", "nats a token", None, "Half the mean squared log-ratio of new to old policy."
    ),
    _metric("advantage", "advantage/mean", "", None, "Mean advantage; near zero by construction."),
    _metric("advantage", "advantage/std", "", None, "Spread of the advantages."),
    _metric("length", "completions/mean_length", "tokens", None, "Mean completion length."),
    _metric("length", "completions/min_length", "tokens", None, "The shortest completion."),
    _metric("length", "completions/max_length", "tokens", None, "The longest completion."),
    _metric(
        "length", "completions/mean_terminated_length", "tokens", None, "Mean length of those that ended by themselves."
    ),
    _metric("length", "completions/min_terminated_length", "tokens", None, "The shortest that ended by itself."),
    _metric("length", "completions/max_terminated_length", "tokens", None, "The longest that ended by itself."),
    _metric("shares", "completions/clipped_ratio", "share", DOWN, "Completions cut off at the length limit."),
    _metric(
        "shares",
        "frac_reward_zero_std",
        "share",
        DOWN,
        "Groups whose completions all got the same reward: they teach nothing.",
    ),
    _metric("entropy", "entropy", "nats a token", None, "How undecided the policy is, mean over completion tokens."),
    _metric(
        "token_accuracy",
        "mean_token_accuracy",
        "share",
        UP,
        "Completion tokens that the model would choose itself.",
    ),
    _metric("accuracy", "rewards/accuracies", "share", UP, "Pairs whose chosen answer has the higher implicit reward."),
    _metric("accuracy", "accuracy", "share", UP, "Pairs whose chosen answer has the higher score."),
    _metric(
        "margins", "rewards/margins", "reward", UP, "Implicit reward of the chosen answer minus that of the rejected."
    ),
    _metric("margins", "margin", "score", UP, "Score of the chosen answer minus that of the rejected."),
    _metric(
        "implicit", "rewards/chosen", "reward", UP, "Implicit reward of the chosen answers: beta times their log-ratio."
    ),
    _metric("implicit", "rewards/rejected", "reward", DOWN, "Implicit reward of the rejected answers."),
    _metric(
        "logps",
        "logps/chosen",
        "nats a completion",
        None,
        "Log-probability of the chosen answers; when both fall the model forgets.",
    ),
    _metric("logps", "logps/rejected", "nats a completion", None, "Log-probability of the rejected answers."),
    _metric("scores", "mean_reward", "score", None, "Mean score over both answers of a pair."),
    _metric("scores", "min_reward", "score", None, "The lowest score."),
    _metric("scores", "max_reward", "score", None, "The highest score."),
    _metric(
        "gap",
        "sampling/sampling_logp_difference/mean",
        "nats",
        DOWN,
        "Mean gap between log-probabilities when sampled and when recomputed.",
    ),
    _metric("gap", "sampling/sampling_logp_difference/max", "nats", DOWN, "The largest such gap."),
    _metric("rows", "rows", "rows", None, "Rows that a figure is over."),
    _metric("grad_norm", "grad_norm", "", None, "Length of the gradient before it is clipped."),
    _metric("learning_rate", "learning_rate", "", None, "Learning rate of this step."),
    _metric(
        "throughput",
        "tokens_per_second",
        "tokens/s",
        UP,
        "Tokens trained or sampled a second. Differs between runs of one spec.",
    ),
    _metric("time", "step_time", "s", DOWN, "Seconds a step took. Differs between runs of one spec."),
    _metric("memory", "memory_bytes", "bytes", None, "Peak memory of the process. Differs between runs of one spec."),
    _metric("tokens", "num_tokens", "tokens", None, "Tokens seen since the start."),
    _metric("data", "data/pad_frac", "share", DOWN, "Share of a batch that is padding."),
    _metric("data", "data/skipped_steps", "steps", DOWN, "Steps left out because something was not a number."),
)

WALL_CLOCK = ("step_time", "tokens_per_second", "memory_bytes")


@functools.cache
def _patterns() -> tuple[tuple[re.Pattern[str], Metric], ...]:
    return tuple(
        (re.compile(re.escape(metric.key).replace("<name>", r"[^/]+") + r"\Z"), metric)
        for metric in METRICS
        if "<name>" in metric.key
    )


@functools.cache
def metric(key: str) -> Metric:
    """The vocabulary's word for a key as logged; KeyError when it has none."""
    bare = key.removeprefix(EVAL)
    for known in METRICS:
        if known.key == bare:
            return known
    for pattern, known in _patterns():
        if pattern.match(bare):
            return known
    raise KeyError(f"{key} is not in the metric vocabulary (training/engine/metrics.py)")


def vocabulary() -> dict[str, dict[str, Any]]:
    """The catalogue's `metrics`."""
    return {
        entry.key: {"unit": entry.unit, "meaning": entry.meaning, "good": entry.good, "group": entry.group}
        for entry in METRICS
    }
