"""The look before a launch: exact tokens, counts, an estimate, and every problem."""

import json

import pytest

from tests.engine import tiny
from training.engine.preflight import preflight


def report(directory):
    assert preflight(directory) == 0
    return json.loads((directory / "preflight.json").read_text())


@pytest.mark.parametrize("method", ["sft", "reward_bt", "dpo"])
def test_offline(method, tmp_path, tiny_model):
    seen = report(tiny.run_directory(tmp_path, method, tiny_model))
    assert seen["problems"] == []
    assert (seen["rows"]["train"], seen["rows"]["validation"], seen["rows"]["test"]) == (24, 8, 0)
    assert seen["total_steps"] == 4
    assert 0 < seen["lengths"]["p50"] <= seen["lengths"]["p95"] <= seen["lengths"]["max"]
    assert 0 <= seen["padding_share"] < 1
    assert seen["estimate"]["step_seconds"] > 0
    assert seen["estimate"]["memory_bytes"] > 1e7
    assert all(sample["ends_with_eos"] for sample in seen["samples"])


def test_shows_the_exact_tokens(tmp_path, tiny_model):
    sample = report(tiny.run_directory(tmp_path, "sft", tiny_model))["samples"][0]
    text = "".join(token["text"] for token in sample["tokens"])
    assert text == (
        "<|user|>" + sample["columns"]["prompt"][0]["content"] + "<|assistant|>"
        + sample["columns"]["completion"][0]["content"] + "<|end|>"
    )  # fmt: skip
    trained = "".join(token["text"] for token in sample["tokens"] if token["mask"])
    assert trained == sample["columns"]["completion"][0]["content"] + "<|end|>"


def test_grpo(tmp_path, tiny_model, tiny_reward):
    rewards = [
        {"name": "rm", "kind": "model", "path": str(tiny_reward)},
        {"name": "exact", "kind": "verifier", "verifier": "exact_answer"},
    ]
    settings = {"num_generations": 4, "max_completion_length": 8}
    seen = report(tiny.run_directory(tmp_path, "grpo", tiny_model, settings=settings, rewards=rewards))
    assert seen["problems"] == []
    assert seen["samples"][0]["side"] == "prompt"


def test_prompts_without_reference_are_a_problem(tmp_path, tiny_model):
    directory = tiny.run_directory(
        tmp_path, "grpo", tiny_model, settings={"num_generations": 4, "max_completion_length": 8},
        rewards=[{"name": "exact", "kind": "verifier", "verifier": "exact_answer"}],
    )  # fmt: skip
    document = json.loads((directory / "spec.json").read_text())
    rows = [{"prompt": tiny.user(str(n)), "reference": None} for n in range(5)]
    document["data"].update(tiny.snapshot(tmp_path / "other", {"train": rows}))
    (directory / "spec.json").write_text(json.dumps(document))
    (problem,) = report(directory)["problems"]
    assert problem["path"] == "rewards[0]"
    assert "5 prompts cannot be checked" in problem["message"]


def test_counts_what_is_too_long(tmp_path, tiny_model):
    seen = report(tiny.run_directory(tmp_path, "dpo", tiny_model, max_length=34))
    assert seen["rows"]["dropped"] > 0
    assert seen["rows"]["reasons"] == {"longer than max_length": seen["rows"]["dropped"]}
    assert seen["lengths"]["max"] <= 34


@pytest.mark.parametrize(
    ("options", "path", "words"),
    [
        ({"max_length": 34, "truncation": "refuse"}, "data", "longer than max_length"),
        ({"max_length": 8}, "data", "Raise max_length"),
        ({"learning_rate": -1}, "training.learning_rate", "at least 0"),
    ],
)
def test_problems(options, path, words, tmp_path, tiny_model):
    (problem,) = report(tiny.run_directory(tmp_path, "dpo", tiny_model, **options))["problems"]
    assert problem["path"] == path
    assert words in problem["message"]


def test_a_model_that_is_not_there(tmp_path):
    (problem,) = report(tiny.run_directory(tmp_path, "dpo", tmp_path / "nothing"))["problems"]
    assert problem["path"] == "model"
    assert "no model folder" in problem["message"]
