"""The settings every method shares, under TRL's names."""

import dataclasses

from training.engine.settings import setting


@dataclasses.dataclass(frozen=True)
class TrainingSettings:
    max_steps: int = setting(
        -1, "Optimiser steps; -1 trains for num_train_epochs.", low=-1, high=10_000_000, group="length"
    )
    num_train_epochs: float = setting(
        1.0, "Passes over the training split, when max_steps is -1.", low=0.01, high=1000, group="length"
    )
    per_device_train_batch_size: int = setting(
        8, "Rows in one forward pass (completions, for methods that sample).", low=1, high=4096, group="batch"
    )
    gradient_accumulation_steps: int = setting(
        1, "Forward passes in one optimiser step. Never changes the loss.", low=1, high=4096, group="batch"
    )
    learning_rate: float = setting(1e-6, "Peak learning rate, after warm-up.", low=0.0, high=1.0, group="optimiser")
    lr_scheduler_type: str = setting(
        "linear",
        "How the learning rate falls after warm-up.",
        choices=("linear", "cosine", "constant", "constant_with_warmup"),
        group="optimiser",
    )
    warmup_steps: int = setting(
        0, "Steps in which the learning rate rises from zero.", low=0, high=1_000_000, group="optimiser"
    )
    weight_decay: float = setting(
        0.0, "AdamW's decay; biases and norms are left out.", low=0.0, high=10.0, group="optimiser"
    )
    adam_beta1: float = setting(0.9, "AdamW's memory of the gradient.", low=0.0, high=0.9999, group="optimiser")
    adam_beta2: float = setting(
        0.999, "AdamW's memory of the squared gradient.", low=0.0, high=0.99999, group="optimiser"
    )
    max_grad_norm: float = setting(
        1.0, "The gradient is scaled down to this norm; 0 leaves it alone.", low=0.0, high=1000.0, group="optimiser"
    )
    max_length: int = setting(
        1024, "Longest row in tokens, prompt and completion together.", low=8, high=1_000_000, group="data"
    )
    truncation: str = setting(
        "drop",
        "What happens to longer rows: leave them out, cut their end off, or refuse to start.",
        choices=("drop", "truncate", "refuse"),
        group="data",
    )
    logging_steps: int = setting(
        10, "A point on every curve each so many steps.", low=1, high=100_000, group="watching"
    )
    eval_steps: int = setting(
        0, "Evaluate on held-out rows each so many steps; 0 only with checkpoints.", low=0, high=1_000_000,
        group="watching",
    )  # fmt: skip
    eval_rows: int = setting(
        1000, "At most so many held-out rows in an evaluation; 0 takes all.", low=0, high=10_000_000, group="watching"
    )
    save_steps: int = setting(
        100, "A checkpoint each so many steps, and one at the end; 0 only at the end.", low=0, high=1_000_000,
        group="watching",
    )  # fmt: skip
    sample_prompts: int = setting(
        4, "Held-out prompts whose completions are logged; 0 logs none.", low=0, high=256, group="watching"
    )
    sample_steps: int = setting(
        0, "Log completions each so many steps; 0 with every point of the curves.", low=0, high=1_000_000,
        group="watching",
    )  # fmt: skip
    sample_length: int = setting(64, "Longest logged completion in tokens.", low=1, high=32_768, group="watching")
    dtype: str = setting(
        "float32",
        "Arithmetic of the forward pass; the weights that are trained stay float32.",
        choices=("float32", "bfloat16"),
        group="machine",
    )
    device: str = setting("auto", "Where to train.", choices=("auto", "cpu", "cuda"), group="machine")
    threads: int = setting(
        2, "CPU threads, pinned so that a run can be repeated to the last digit.", low=1, high=512, group="machine"
    )
    on_not_a_number: str = setting(
        "stop",
        "When the loss or its gradient is not a number: stop the run, or leave that step out and go on.",
        choices=("stop", "skip"),
        group="watching",
    )
    kl_budget: float = setting(
        0.0, "Alert when a completion is further from the reference than this, in nats; 0 is no budget.", low=0.0,
        high=10_000.0, group="watching",
    )  # fmt: skip

    @property
    def window_rows(self) -> int:
        """Rows in one optimiser step."""
        return self.per_device_train_batch_size * self.gradient_accumulation_steps
