"""The same tiny model and batch through TRL 1.16's trainers: equal losses, equal weights after a whole step.

Each test names the TRL settings that differ from TRL's defaults and why. Known differences, all documented choices:
dropout is never on in our engine (these models have none); what a template puts behind the end token is cut (this
template puts nothing there); weight decay leaves out biases and norms in both.
"""

import importlib.util
import json
import os
import warnings
from pathlib import Path

import pytest
import torch
import transformers
from safetensors.torch import load_file

from tests.engine import tiny
from tests.engine.reading import events
from training.engine import opening, spec
from training.engine.attempt import train
from training.engine.nets import folders
from training.engine.rollouts import Sampling, sample

pytestmark = [
    pytest.mark.peer,
    pytest.mark.skipif(
        importlib.util.find_spec("trl") is None and not os.environ.get("CI"), reason="TRL is not installed"
    ),
    pytest.mark.filterwarnings("ignore"),
]
RATE = 1e-3
ROWS = 8


@pytest.fixture(autouse=True)
def quiet(monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("TRL_EXPERIMENTAL_SILENCE", "1")
    torch.set_num_threads(1)


def common(folder):
    """TrainingArguments that make TRL compute in float32 on one CPU, one step over all rows."""
    return {
        "output_dir": str(folder), "per_device_train_batch_size": ROWS, "max_steps": 1, "learning_rate": RATE,
        "bf16": False, "gradient_checkpointing": False, "report_to": [], "use_cpu": True, "save_strategy": "no",
        "logging_steps": 1, "disable_tqdm": True, "optim": "adamw_torch_fused",
    }  # fmt: skip


def dataset(directory):
    import datasets

    document = json.loads((directory / "spec.json").read_text())
    lines = (Path(document["data"]["path"]) / "train.jsonl").read_text().splitlines()
    return datasets.Dataset.from_list([json.loads(line) for line in lines])


def ours(tmp_path, method, model, **options):
    """Loss and weights after our step; all rows are in it."""
    settings = {"rows": ROWS, "max_steps": 1, "per_device_train_batch_size": ROWS, "learning_rate": RATE}
    directory = tiny.run_directory(tmp_path, method, model, **{**settings, **options})
    assert train(directory) == 0, events(directory)[-1]
    steps = [event["values"] for event in events(directory, "metrics") if "loss" in event["values"]]
    final = events(directory, "checkpoint")[-1]["path"]
    return directory, steps, load_file(directory / final / "model.safetensors")


def theirs(trainer):
    trainer.train()
    losses = [row for row in trainer.state.log_history if "loss" in row]
    return losses, trainer.model.state_dict()


def same_weights(mine, other, start):
    """Equal to float accuracy: Adam divides by the gradient's own size, so where a gradient is near zero its rounding
    decides; hence a bound for all weights far below the step, and a tighter one for the mean."""
    moved = 0.0
    for name, tensor in mine.items():
        gap = (tensor - other[name]).abs()
        assert float(gap.max()) < 0.02 * RATE, (name, float(gap.max()))
        assert float(gap.mean()) < 1e-4 * RATE, (name, float(gap.mean()))
        moved = max(moved, float((tensor - start[name]).abs().max()))
    assert moved > 0.5 * RATE


def loaded(model):
    return folders.load_policy(str(model)), tiny.tokenizer()


def test_sft(tmp_path, tiny_model):
    """TRL as it is by default: mean over completion tokens of the whole step."""
    import trl

    directory, steps, weights = ours(tmp_path, "sft", tiny_model)
    model, tokenizer = loaded(tiny_model)
    trainer = trl.SFTTrainer(
        model, trl.SFTConfig(**common(tmp_path / "trl")), train_dataset=dataset(directory), processing_class=tokenizer
    )
    losses, state = theirs(trainer)
    assert steps[0]["loss"] == pytest.approx(losses[0]["loss"], rel=1e-6)
    assert steps[0]["grad_norm"] == pytest.approx(losses[0]["grad_norm"], rel=1e-5)
    assert steps[0]["entropy"] == pytest.approx(losses[0]["entropy"], rel=1e-5)
    assert steps[0]["mean_token_accuracy"] == pytest.approx(losses[0]["mean_token_accuracy"], abs=1e-6)
    same_weights(weights, state, load_file(tiny_model / "model.safetensors"))


@pytest.mark.parametrize("centring", [0.0, 0.01])
def test_reward(centring, tmp_path, tiny_reward):
    """The `margin` column is used by both; center_rewards_coefficient None is our 0."""
    import trl

    settings = {"center_rewards_coefficient": centring}
    directory, steps, weights = ours(tmp_path, "reward_bt", tiny_reward, settings=settings)
    model = transformers.AutoModelForSequenceClassification.from_pretrained(tiny_reward, dtype=torch.float32)
    config = trl.RewardConfig(**common(tmp_path / "trl"), center_rewards_coefficient=centring or None)
    trainer = trl.RewardTrainer(
        model, config, train_dataset=dataset(directory), processing_class=tiny.tokenizer()
    )  # fmt: skip
    losses, state = theirs(trainer)
    assert steps[0]["loss"] == pytest.approx(losses[0]["loss"], rel=1e-6)
    for key in ("accuracy", "margin", "mean_reward", "min_reward", "max_reward", "grad_norm"):
        assert steps[0][key] == pytest.approx(losses[0][key], rel=1e-5, abs=1e-6), key
    same_weights(weights, state, load_file(tiny_reward / "model.safetensors"))


def test_dpo(tmp_path, tiny_model):
    """loss_type sigmoid. Two steps, because in the first policy and reference are equal."""
    import trl

    directory, steps, weights = ours(tmp_path, "dpo", tiny_model, max_steps=2, lr_scheduler_type="constant")
    model, tokenizer = loaded(tiny_model)
    config = trl.DPOConfig(
        **{**common(tmp_path / "trl"), "max_steps": 2, "lr_scheduler_type": "constant"}, beta=0.1
    )  # fmt: skip
    trainer = trl.DPOTrainer(
        model,
        folders.load_policy(str(tiny_model)),
        config,
        train_dataset=dataset(directory),
        processing_class=tokenizer,
    )
    losses, state = theirs(trainer)
    for mine, other in zip(steps, losses, strict=True):
        assert mine["loss"] == pytest.approx(other["loss"], rel=1e-5)
        for key in ("rewards/chosen", "rewards/rejected", "rewards/margins", "logps/chosen", "logps/rejected"):
            assert mine[key] == pytest.approx(other[key], rel=1e-5, abs=2e-5), key
        assert mine["grad_norm"] == pytest.approx(other["grad_norm"], rel=1e-4)
    same_weights(weights, state, load_file(tiny_model / "model.safetensors"))


@pytest.mark.parametrize(("iterations", "bias"), [(1, False), (2, False), (2, True)])
def test_grpo(iterations, bias, tmp_path, tiny_model, tiny_reward):
    """beta 0.04 (TRL: 0), loss_type grpo (TRL: dapo), use_bias_correction_kl False as the paper (TRL: True), and both.

    TRL is given the completions that we sample (its rollout_func), so that both train on the same tokens.
    """
    import trl

    group, prompts = 4, 2
    settings = {
        "num_generations": group, "num_iterations": iterations, "max_completion_length": 8,
        "use_bias_correction_kl": bias,
    }  # fmt: skip
    rewards = [{"name": "rm", "kind": "model", "path": str(tiny_reward)}]
    directory, steps, weights = ours(
        tmp_path, "grpo", tiny_model, settings=settings, rewards=rewards, rows=prompts, max_steps=iterations,
        lr_scheduler_type="constant",
    )  # fmt: skip
    run = spec.read(directory / "spec.json")
    bench = opening.open_bench(run, None, tmp_path / "cache")
    texts = [row.row["prompt"][0]["content"] for row in bench.splits["train"].rows]

    def rollout(asked, trainer):
        """Our completions, in the order TRL asks for them."""
        numbered = [(index, row.prompt) for index, row in enumerate(bench.splits["train"].rows)]
        made = sample(trainer.model, bench.encoder, numbered, Sampling(8, 1.0, group), run.seed, 0)
        left = {text: made[index * group : (index + 1) * group] for index, text in enumerate(texts)}
        chosen = [left[prompt[0]["content"]].pop(0) for prompt in asked]
        return {
            "prompt_ids": [bench.encoder.prompt(prompt) for prompt in asked],
            "completion_ids": [one.ids for one in chosen],
            "logprobs": [one.logps for one in chosen],
        }

    config = trl.GRPOConfig(
        **{**common(tmp_path / "trl"), "max_steps": iterations, "lr_scheduler_type": "constant"},
        num_generations=group, max_completion_length=8, beta=0.04, loss_type="grpo", num_iterations=iterations,
        use_bias_correction_kl=bias,
    )  # fmt: skip
    model, tokenizer = loaded(tiny_model)
    scorer = transformers.AutoModelForSequenceClassification.from_pretrained(tiny_reward, dtype=torch.float32)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        trainer = trl.GRPOTrainer(
            model, reward_funcs=scorer, args=config, train_dataset=dataset(directory), processing_class=tokenizer,
            reward_processing_classes=tiny.tokenizer(), rollout_func=rollout,
        )  # fmt: skip
        losses, state = theirs(trainer)
    assert steps[0]["reward"] == pytest.approx(losses[0]["reward"], rel=1e-5)
    assert steps[0]["reward_std"] == pytest.approx(losses[0]["reward_std"], rel=1e-4)
    for mine, other in zip(steps, losses, strict=True):
        assert mine["loss"] == pytest.approx(other["loss"], abs=2e-6)
        for key in ("kl", "entropy", "clip_ratio/low_mean", "clip_ratio/high_mean", "clip_ratio/high_max"):
            assert mine[key] == pytest.approx(other[key], rel=1e-4, abs=1e-6), key
        assert mine["grad_norm"] == pytest.approx(other["grad_norm"], rel=1e-4)
    same_weights(weights, state, load_file(tiny_model / "model.safetensors"))
