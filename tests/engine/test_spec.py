"""The run spec: a whole document in, all problems out, and JSON to spec to JSON is the identity."""

import json

import pytest

from training.engine import spec


def document(**changes):
    made = {
        "format": 1,
        "uid": "a1",
        "name": "dpo-1",
        "method": "dpo",
        "settings": {"beta": 0.2},
        "data": {"path": "/snapshots/1", "sha256": "ff", "format": "preference"},
        "model": {"path": "/models/tiny"},
        "training": {"max_steps": 10, "learning_rate": 1e-4},
        "seed": 7,
    }
    made.update(changes)
    return {key: value for key, value in made.items() if value is not ...}


def paths(**changes):
    with pytest.raises(spec.SpecError) as error:
        spec.parse(document(**changes))
    return [problem["path"] for problem in error.value.problems]


def test_round_trip():
    first = spec.parse(document())
    assert spec.parse(json.loads(json.dumps(first.to_json()))) == first
    assert first.settings == {"beta": 0.2, "label_smoothing": 0.0}
    assert first.training.max_grad_norm == 1.0


def test_all_problems_at_once():
    found = paths(
        format=2,
        settings={"beta": -1, "betta": 1},
        training={"learning_rate": "fast", "max_steps": 1.5, "truncation": "cut"},
        model=None,
        data={"path": "/x", "sha256": "y", "format": "prompt_completion"},
        seed=-1,
        extra=1,
    )
    assert found == [
        "extra", "format", "settings.betta", "settings.beta", "training.max_steps", "training.learning_rate",
        "training.truncation", "data.format", "model", "seed",
    ]  # fmt: skip


@pytest.mark.parametrize("broken", [[], "x", None, 3])
def test_not_an_object(broken):
    with pytest.raises(spec.SpecError):
        spec.parse(broken)


def test_unknown_method_lists_the_known():
    with pytest.raises(spec.SpecError, match="dpo, grpo, reward_bt, sft"):
        spec.parse(document(method="ppo"))


def test_not_a_number_is_refused():
    assert paths(training={"learning_rate": float("nan")}) == ["training.learning_rate"]


def grpo(**changes):
    made = {
        "method": "grpo",
        "settings": {"num_generations": 4},
        "data": {"path": "/s", "sha256": "f", "format": "prompt_only"},
        "rewards": [
            {"name": "rm", "kind": "model", "path": "/rm", "weight": 0.5},
            {"name": "exact", "kind": "verifier", "verifier": "exact_answer"},
        ],
    }
    made.update(changes)
    return document(**made)


def test_grpo_rewards():
    read = spec.parse(grpo())
    assert [reward.weight for reward in read.rewards] == [0.5, 1.0]
    assert spec.parse(read.to_json()) == read


def test_grpo_reads_prompts_of_any_format():
    assert spec.parse(grpo(data={"path": "/s", "sha256": "f", "format": "preference"})).data.format == "preference"


@pytest.mark.parametrize(
    ("rewards", "path"),
    [
        ([], "rewards"),
        (None, "rewards"),
        ([{"name": "a", "kind": "model"}], "rewards[0].path"),
        ([{"name": "a", "kind": "verifier", "verifier": "no"}], "rewards[0].verifier"),
        ([{"name": "A b", "kind": "verifier", "verifier": "gsm8k"}], "rewards[0].name"),
        ([{"name": "a", "kind": "person"}], "rewards[0].kind"),
        ([{"name": "a", "kind": "verifier", "verifier": "gsm8k"}] * 2, "rewards"),
        (["x"], "rewards[0]"),
    ],
)
def test_grpo_reward_problems(rewards, path):
    with pytest.raises(spec.SpecError) as error:
        spec.parse(grpo(rewards=rewards))
    assert path in [problem["path"] for problem in error.value.problems]


def test_groups_must_fit_the_step():
    with pytest.raises(spec.SpecError, match="multiple of num_generations"):
        spec.parse(grpo(training={"per_device_train_batch_size": 6}))


def test_rewards_where_none_are_taken():
    assert paths(rewards=[{"name": "a", "kind": "verifier", "verifier": "gsm8k"}]) == ["rewards"]


def test_file_that_is_not_json(tmp_path):
    (tmp_path / "spec.json").write_text("{")
    with pytest.raises(spec.SpecError, match="cannot be read"):
        spec.read(tmp_path / "spec.json")
