"""The panels of a run page: one per group of metrics, drawn without code of their own. Needs no torch."""

from typing import Any

# key, title, unit, lines (key, name, role); a line's role says how it is drawn.
GROUPS = (
    ("reward", "Reward", "reward", (
        ("reward", "Reward", "main"), ("reward_std", "Spread", "spread"),
        ("rewards/<name>/mean", "<name>", "source"), ("eval_reward", "Held out", "held_out"))),
    ("kl", "KL to reference", "nats a completion", (
        ("objective/kl", "KL", "main"),)),
    ("accuracy", "Accuracy", "share", (
        ("accuracy", "Training", "main"), ("eval_accuracy", "Held out", "held_out"),
        ("rewards/accuracies", "Training", "main"), ("eval_rewards/accuracies", "Held out", "held_out"))),
    ("token_accuracy", "Token accuracy", "share", (
        ("mean_token_accuracy", "Training", "main"), ("eval_mean_token_accuracy", "Held out", "held_out"))),
    ("margins", "Margin", "reward", (
        ("rewards/margins", "Training", "main"), ("eval_rewards/margins", "Held out", "held_out"),
        ("margin", "Training", "main"), ("eval_margin", "Held out", "held_out"))),
    ("implicit", "Implicit reward", "reward", (
        ("rewards/chosen", "Chosen", "a"), ("rewards/rejected", "Rejected", "b"))),
    ("logps", "Log-probability", "nats a completion", (
        ("logps/chosen", "Chosen", "a"), ("logps/rejected", "Rejected", "b"))),
    ("scores", "Scores", "score", (
        ("mean_reward", "Mean", "main"), ("min_reward", "Lowest", "low"), ("max_reward", "Highest", "high"))),
    ("clip", "Clip fraction", "share of tokens", (
        ("clip_ratio/low_mean", "Low", "a"), ("clip_ratio/high_mean", "High", "b"))),
    ("length", "Completion length", "tokens", (
        ("completions/mean_length", "Mean", "main"), ("completions/min_length", "Shortest", "low"),
        ("completions/max_length", "Longest", "high"))),
    ("entropy", "Entropy", "nats a token", (
        ("entropy", "Training", "main"), ("eval_entropy", "Held out", "held_out"))),
    ("shares", "Cut off, and groups that agree", "share", (
        ("completions/clipped_ratio", "Cut off", "a"), ("frac_reward_zero_std", "No spread", "b"))),
    ("loss", "Loss", "", (
        ("loss", "Training", "main"), ("eval_loss", "Held out", "held_out"))),
    ("kl_token", "KL a token", "nats a token", (("kl", "k3", "main"),)),
    ("ratio", "Probability ratio", "ratio", (("ratio/mean", "Mean", "main"), ("ratio/max", "Largest", "high"))),
    ("advantage", "Advantage", "", (("advantage/std", "Spread", "main"),)),
    ("gap", "Sampled against recomputed", "nats", (
        ("sampling/sampling_logp_difference/mean", "Mean", "main"),
        ("sampling/sampling_logp_difference/max", "Largest", "high"))),
    ("grad_norm", "Gradient norm", "before clipping", (("grad_norm", "Norm", "main"),)),
    ("learning_rate", "Learning rate", "", (("learning_rate", "Rate", "main"),)),
    ("throughput", "Throughput", "tokens a second", (("tokens_per_second", "Tokens", "main"),)),
    ("time", "Time a step", "seconds", (("step_time", "Step", "main"),)),
    ("memory", "Memory", "bytes", (("memory_bytes", "Peak", "main"),)),
    ("tokens", "Tokens seen", "tokens", (("num_tokens", "Tokens", "main"),)),
    ("data", "Data", "share", (
        ("data/pad_frac", "Padding", "main"), ("data/skipped_steps", "Skipped steps", "a"))),
)  # fmt: skip


def panels() -> list[dict[str, Any]]:
    """The catalogue's `groups`."""
    return [
        {
            "key": key,
            "title": title,
            "unit": unit,
            "lines": [{"key": line, "name": name, "role": role} for line, name, role in lines],
        }
        for key, title, unit, lines in GROUPS
    ]
