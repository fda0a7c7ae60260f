"""Whole runs of tiny models: each loop learns, accumulation changes nothing, and trouble ends in words."""

import json
import shutil
import time

import pytest
import torch
import transformers
from safetensors.torch import load_file, save_file

from tests.engine import tiny
from tests.engine.reading import curves, events, weights
from training.engine import checkpoints
from training.engine.attempt import train
from training.engine.nets import folders, hub
from training.engine.rewards.learned import LearnedReward


def values(directory, key):
    return [event["values"][key] for event in events(directory, "metrics") if key in event["values"]]


def test_sft_learns(tmp_path, tiny_model):
    directory = tiny.run_directory(
        tmp_path, "sft", tiny_model, max_steps=60, per_device_train_batch_size=8, learning_rate=1e-2, sample_steps=60
    )
    assert train(directory) == 0
    losses = values(directory, "eval_loss")
    assert losses[-1] < 0.35 * losses[0]
    assert events(directory, "sample")[-1]["completion"].split()[1:4] == ["is", "a", "fine"]


def test_reward_model_learns_and_scales_itself(tmp_path, tiny_model):
    directory = tiny.run_directory(tmp_path, "reward_bt", tiny_model, max_steps=30, sample_steps=30)
    assert train(directory) == 0
    assert values(directory, "eval_accuracy")[-1] == 1.0
    assert values(directory, "eval_rows")[-1] == 8
    final = directory / events(directory, "checkpoint")[-1]["path"]
    meta = folders.meta(final)
    assert meta["kind"] == "reward"
    assert meta["normalisation"]["std"] > 0
    assert meta["tokenisation"]["chat_template"] == tiny.TEMPLATE


def test_a_reward_folder_is_transformers_own(tmp_path, tiny_model):
    """Loaded by transformers alone, padded by its own tokenizer: the same scores."""
    directory = tiny.run_directory(tmp_path, "reward_bt", tiny_model, save_steps=0)
    assert train(directory) == 0
    final = directory / events(directory, "checkpoint")[-1]["path"]
    words = transformers.AutoTokenizer.from_pretrained(final)
    model = transformers.AutoModelForSequenceClassification.from_pretrained(final)
    texts = ["red", "blue is a fine colour, yes and so"]
    chats = [[*tiny.user("Name one."), *tiny.assistant(text)] for text in texts]
    tokens = words.apply_chat_template(chats, return_dict=True, padding=True, return_tensors="pt")
    with torch.no_grad():
        theirs = model(**tokens).logits.squeeze(-1).tolist()
    scale = folders.meta(final)["normalisation"]
    ours = LearnedReward(str(final))([tiny.user("Name one.")] * 2, texts)
    assert [score * scale["std"] + scale["mean"] for score in ours] == pytest.approx(theirs, abs=1e-5)


def test_dpo_learns(tmp_path, tiny_model):
    directory = tiny.run_directory(tmp_path, "dpo", tiny_model, max_steps=30, sample_steps=30)
    assert train(directory) == 0
    assert values(directory, "eval_rewards/accuracies")[-1] == 1.0
    margins = values(directory, "eval_rewards/margins")
    assert abs(margins[0]) < 1e-5
    assert margins[-1] > 1.0
    distances = values(directory, "objective/kl")
    assert distances[0] == pytest.approx(0.0, abs=1e-4)
    assert distances[-1] > 0.05


def test_grpo_learns(tmp_path, tiny_model):
    """From a model that says the asked digit two times in three at best: it comes to say it more often."""
    start = tiny.run_directory(
        tmp_path / "sft", "sft", tiny_model, max_steps=300, per_device_train_batch_size=10, learning_rate=5e-3,
        sample_prompts=0, save_steps=0, logging_steps=50,
    )  # fmt: skip
    document = json.loads((start / "spec.json").read_text())
    said = [
        {"prompt": tiny.user(f"Say {n}."), "completion": tiny.assistant(str(other))}
        for n in range(10)
        for other in (n, n, (n + 3) % 10)
    ]
    document["data"].update(tiny.snapshot(tmp_path / "digits", {"train": said}))
    (start / "spec.json").write_text(json.dumps(document))
    assert train(start) == 0
    directory = tiny.run_directory(
        tmp_path / "grpo", "grpo", start / "checkpoints/step-000300", max_steps=80, rows=10,
        per_device_train_batch_size=80, learning_rate=2e-3, lr_scheduler_type="constant", save_steps=0,
        logging_steps=10, sample_prompts=0,
        settings={"num_generations": 8, "num_iterations": 2, "max_completion_length": 4},
        rewards=[{"name": "exact", "kind": "verifier", "verifier": "exact_answer"}],
    )  # fmt: skip
    assert train(directory) == 0, events(directory)[-1]
    rewards = values(directory, "reward")
    assert rewards[-1] > rewards[0] + 0.15
    assert values(directory, "objective/kl")[-1] > 0
    assert max(values(directory, "clip_ratio/high_mean") + values(directory, "clip_ratio/low_mean")) > 0


@pytest.mark.parametrize("method", ["sft", "reward_bt", "dpo", "grpo"])
def test_accumulation_changes_nothing(method, tmp_path, tiny_model, tiny_reward):
    """1 x 8 = 2 x 4 = 4 x 2: losses to 1e-6 of each other, though answers differ in length."""
    extra = {}
    if method == "grpo":
        extra = {
            "settings": {"num_generations": 4, "num_iterations": 2, "max_completion_length": 8},
            "rewards": [{"name": "rm", "kind": "model", "path": str(tiny_reward)}],
        }
    found = {}
    for size, times in ((8, 1), (4, 2), (2, 4)):
        directory = tiny.run_directory(
            tmp_path / str(size), method, tiny_model, per_device_train_batch_size=size,
            gradient_accumulation_steps=times, max_steps=4, save_steps=0, **extra,
        )  # fmt: skip
        assert train(directory) == 0
        found[size] = values(directory, "loss")
    for size in (4, 2):
        assert found[size] == pytest.approx(found[8], rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("method", ["sft", "reward_bt"])
def test_two_runs_of_one_spec_are_equal_to_the_last_bit(method, tmp_path, tiny_model):
    runs = [tiny.run_directory(tmp_path / name, method, tiny_model, threads=2) for name in "ab"]
    assert [train(directory) for directory in runs] == [0, 0]
    assert curves(runs[0]) == curves(runs[1])
    assert weights(runs[0]) == weights(runs[1])


@pytest.mark.parametrize("architecture", tiny.CONFIGS)
@pytest.mark.parametrize("method", ["dpo", "reward_bt", "grpo"])
def test_five_architectures(architecture, method, tmp_path):
    """Load, train a step, save, load again; the trained steps agree with transformers' own forward (by the probe)."""
    model = tiny.model_folder(tmp_path / "model", architecture)
    settings = {"num_generations": 2, "max_completion_length": 6} if method == "grpo" else {}
    rewards = [{"name": "gsm", "kind": "verifier", "verifier": "gsm8k"}] if method == "grpo" else []
    directory = tiny.run_directory(
        tmp_path / "run", method, model, max_steps=2, settings=settings, rewards=rewards, save_steps=0
    )
    assert train(directory) == 0, events(directory)[-1]
    final = str(directory / events(directory, "checkpoint")[-1]["path"])
    loaded = folders.load_reward(final) if method == "reward_bt" else folders.load_policy(final)
    assert folders.parameters(loaded) > 10_000


def test_padding_token_that_is_the_end_token(tmp_path):
    """Twice the same rows, with a padding token of its own and without: the same losses."""
    found = []
    for name, pad in (("own", "<|pad|>"), ("end", None)):
        model = tiny.model_folder(tmp_path / name, pad=pad)
        directory = tiny.run_directory(tmp_path / f"run-{name}", "reward_bt", model, sample_prompts=0, save_steps=0)
        assert train(directory) == 0
        found.append(values(directory, "loss"))
    assert found[0] == found[1]


def test_bf16_folder_trains_in_float32(tmp_path, tiny_model):
    """Updates of 1e-6 would vanish in bfloat16."""
    model = tmp_path / "bf16"
    shutil.copytree(tiny_model, model)
    tensors = {name: tensor.bfloat16() for name, tensor in load_file(tiny_model / "model.safetensors").items()}
    save_file(tensors, model / "model.safetensors", metadata={"format": "pt"})
    directory = tiny.run_directory(tmp_path / "run", "sft", model, learning_rate=1e-6, dtype="bfloat16", save_steps=0)
    assert train(directory) == 0
    trained = load_file(directory / "checkpoints/step-000004/model.safetensors")
    assert all(tensor.dtype == torch.float32 for tensor in trained.values())
    assert all((trained[name] != tensor.float()).any() for name, tensor in tensors.items())


def failed(directory):
    assert train(directory) == 1
    (event,) = events(directory, "failed")
    return event


def test_not_a_number_stops_with_evidence(tmp_path, tiny_model):
    directory = tiny.run_directory(tmp_path, "sft", tiny_model, learning_rate=1.0, adam_beta1=0.0, max_steps=50)
    poison(directory, tiny_model)
    event = failed(directory)
    assert event["kind"] == "not_a_number"
    assert "Lower learning_rate" in event["message"]
    assert {problem["path"] for problem in event["problems"]} == {"step", "loss", "grad_norm", "learning_rate"}
    last = events(directory, "metrics")[-1]["values"]
    assert last["loss"] == "NaN"


def poison(directory, model):
    """A model with one weight that is not a number."""
    bad = directory.parent / "bad"
    shutil.copytree(model, bad)
    tensors = load_file(bad / "model.safetensors")
    next(iter(tensors.values())).view(-1)[0] = float("nan")
    tensors["model.norm.weight"][0] = float("nan")
    save_file(tensors, bad / "model.safetensors", metadata={"format": "pt"})
    document = json.loads((directory / "spec.json").read_text())
    document["model"]["path"] = str(bad)
    (directory / "spec.json").write_text(json.dumps(document))


def test_not_a_number_may_be_skipped(tmp_path, tiny_model):
    directory = tiny.run_directory(
        tmp_path, "sft", tiny_model, on_not_a_number="skip", sample_prompts=0, save_steps=0, eval_rows=1
    )
    poison(directory, tiny_model)
    assert train(directory) == 0
    assert values(directory, "data/skipped_steps") == [1, 2, 3, 4]


def test_no_room_for_a_checkpoint(tmp_path, tiny_model, monkeypatch):
    directory = tiny.run_directory(tmp_path, "sft", tiny_model)
    usage = type("Usage", (), {"free": 1000})
    monkeypatch.setattr(checkpoints.shutil, "disk_usage", lambda _path: usage)
    event = failed(directory)
    assert event["kind"] == "disk"
    assert "Make room and resume" in event["message"]
    monkeypatch.undo()
    assert train(directory) == 0


def test_a_full_disk_while_writing(tmp_path, tiny_model, monkeypatch):
    def full(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    directory = tiny.run_directory(tmp_path, "sft", tiny_model)
    monkeypatch.setattr(checkpoints, "save_file", full)
    assert failed(directory)["kind"] == "disk"
    assert checkpoints.newest(directory / "checkpoints") is None


@pytest.mark.parametrize(
    ("break_it", "kind", "words"),
    [
        (lambda model: shutil.rmtree(model), "model", "no model folder"),
        (lambda model: (model / "model.safetensors").rename(model / "pytorch_model.bin"), "model", "pickled weights"),
        (lambda model: (model / "model.safetensors").write_bytes(b"short"), "model", "cannot be loaded"),
        (lambda model: (model / "tokenizer.json").unlink(), "model", "tokenizer"),
        (lambda model: (model / "config.json").write_text("{}"), "model", "cannot be loaded"),
    ],
)
def test_a_model_that_cannot_be_loaded(break_it, kind, words, tmp_path, tiny_model):
    model = tmp_path / "model"
    shutil.copytree(tiny_model, model)
    directory = tiny.run_directory(tmp_path / "run", "sft", model)
    break_it(model)
    event = failed(directory)
    assert event["kind"] == kind, event["message"]
    assert words in event["message"]
    assert "Choose another model" in event["message"]


def test_a_hub_name_without_a_hub_is_said_at_once(tmp_path, tiny_model, monkeypatch):
    monkeypatch.setattr(hub, "_answers", lambda: False)
    directory = tiny.run_directory(tmp_path, "sft", "no-such-org/no-such-model")
    began = time.monotonic()
    event = failed(directory)
    assert time.monotonic() - began < 5
    assert event["kind"] == "model"
    assert "does not answer from this machine" in event["message"]


def test_a_snapshot_that_changed(tmp_path, tiny_model):
    directory = tiny.run_directory(tmp_path, "sft", tiny_model)
    with (tmp_path / "snapshot" / "train.jsonl").open("a") as file:
        file.write("{}\n")
    event = failed(directory)
    assert event["kind"] == "data"
    assert "is not the snapshot of this run" in event["message"]


def test_rows_longer_than_the_model_reads(tmp_path, tiny_model):
    directory = tiny.run_directory(tmp_path, "grpo", tiny_model, settings={"max_completion_length": 600},
                                   rewards=[{"name": "g", "kind": "verifier", "verifier": "gsm8k"}],
                                   per_device_train_batch_size=8)  # fmt: skip
    event = failed(directory)
    assert event["kind"] == "data"
    assert "the model reads 512" in event["message"]


def test_a_broken_spec_lists_its_problems(tmp_path, tiny_model):
    directory = tiny.run_directory(tmp_path, "sft", tiny_model, learning_rate=-1.0)
    event = failed(directory)
    assert event["kind"] == "spec"
    assert event["problems"] == [{"path": "training.learning_rate", "message": "must be at least 0"}]


def test_stop_writes_a_checkpoint_and_may_go_on(tmp_path, tiny_model):
    directory = tiny.run_directory(tmp_path, "sft", tiny_model, save_steps=0)
    (directory / "stop").write_text("stop")
    assert train(directory) == 0
    assert events(directory)[-1]["outcome"] == "stopped"
    assert events(directory, "checkpoint")[-1]["step"] == 1
    (directory / "stop").unlink()
    assert train(directory) == 0
    assert events(directory)[-1]["outcome"] == "succeeded"
