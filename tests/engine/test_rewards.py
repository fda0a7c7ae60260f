"""Rewards: verifiers to the letter, a weighted sum, and failures that stop instead of counting as zero."""

import json
from types import SimpleNamespace

import pytest

from tests.engine import tiny
from tests.engine.reading import events
from training.engine import registry
from training.engine.attempt import train
from training.engine.errors import EngineError
from training.engine.rewards.blend import Blend
from training.engine.rewards.learned import LearnedReward
from training.engine.spec import Reward
from training.engine.verifiers import exact_answer, gsm8k


@pytest.mark.parametrize(
    ("completion", "reference", "wanted"),
    [
        ("The answer is 7.", "7", 1.0),
        ("It is blue!", "Blue", 1.0),
        ("7, or rather 8", "7", 0.0),
        ("1,234 apples", "apples", 1.0),
        ("that makes 1,234.", "1234", 1.0),
        ("-3", "3", 0.0),
        ("", "7", 0.0),
        ("...", "7", 0.0),
        ("don’t", "don’t", 1.0),
    ],
)
def test_exact_answer(completion, reference, wanted):
    assert exact_answer.check(completion, reference) == wanted


@pytest.mark.parametrize(
    ("completion", "label", "wanted"),
    [
        ("… so 1,234 apples. #### 1,234", "1234", 1.0),
        ("1234.", "1234", 1.0),
        ("", "1234", 0.0),
        ("it costs $0.50", "0.50", 1.0),
        ("Five plus 4 is #### 9", "long story #### 9", 1.0),
    ],
)
def test_gsm8k(completion, label, wanted):
    assert gsm8k.check(completion, label) == wanted


def test_gsm8k_quirk_of_signs():
    assert gsm8k.extract("x=5-3") == gsm8k.extract("-3") == "3"
    assert gsm8k.extract("x=5-3", signed_integers=True) == gsm8k.extract("-3", signed_integers=True) == "-3"


OF_THE_ANSWER_ALONE = {"word_count"}


@pytest.mark.parametrize("name", [name for name in registry.verifiers() if name not in OF_THE_ANSWER_ALONE])
def test_every_verifier_raises_without_a_reference(name):
    with pytest.raises(ValueError, match="reference"):
        registry.verifiers()[name].check("7", None)


def blend(*rewards):
    training = SimpleNamespace(dtype="float32")
    return Blend(SimpleNamespace(rewards=rewards, training=training), "cpu")


EXACT = Reward("exact", "verifier", 2.0, verifier="exact_answer")


def test_weighted_sum(tiny_reward):
    both = blend(EXACT, Reward("rm", "model", 0.5, path=str(tiny_reward)))
    rows = [{"prompt": tiny.user("Say 1."), "reference": "1"}] * 2
    by_source = both.by_source(rows, ["1", "2"])
    assert by_source["exact"] == [1.0, 0.0]
    total = both.total(by_source)
    assert total[0] == pytest.approx(2.0 + 0.5 * by_source["rm"][0])
    assert total[1] == pytest.approx(0.5 * by_source["rm"][1])


def test_a_reward_that_raises_is_no_zero():
    with pytest.raises(EngineError, match="exact failed") as error:
        blend(EXACT).by_source([{"prompt": [], "reference": None}], ["1"])
    assert error.value.kind == "reward"


def test_a_reward_that_raises_stops_the_run(tmp_path, tiny_model):
    directory = tiny.run_directory(
        tmp_path, "grpo", tiny_model, settings={"num_generations": 2, "max_completion_length": 4},
        rewards=[{"name": "exact", "kind": "verifier", "verifier": "exact_answer"}],
    )  # fmt: skip
    document = json.loads((directory / "spec.json").read_text())
    rows = [{"prompt": tiny.user("x"), "reference": None}]
    document["data"].update(tiny.snapshot(tmp_path / "other", {"train": rows}))
    (directory / "spec.json").write_text(json.dumps(document))
    assert train(directory) == 1
    assert events(directory)[-1]["kind"] == "reward"


def test_a_learned_reward_is_scaled_as_its_meta_says(tmp_path, tiny_reward):
    raw = LearnedReward(str(tiny_reward))
    (scaled_at := tmp_path / "scaled").mkdir()
    for file in tiny_reward.iterdir():
        (scaled_at / file.name).write_bytes(file.read_bytes())
    (scaled_at / "meta.json").write_text(json.dumps({"normalisation": {"mean": 2.0, "std": 4.0}}))
    scaled = LearnedReward(str(scaled_at))
    prompts = [tiny.user("Say 1.")] * 3
    texts = ["one", "two words here", "x"]
    assert scaled(prompts, texts) == pytest.approx([(value - 2) / 4 for value in raw(prompts, texts)], abs=1e-6)
    assert raw(prompts, texts) == pytest.approx([raw(prompts[:1], [text])[0] for text in texts], abs=1e-5)
