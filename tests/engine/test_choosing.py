"""Log-probabilities of given answers, against plain transformers."""

import json

import pytest
import torch
import transformers

from tests.engine import tiny
from training.engine.chat import PLAIN_TEMPLATE
from training.engine.choosing import spelled
from training.engine.errors import EngineError
from training.engine.requests import answer, load
from training.engine.resident_models import ResidentModels

OPTIONS = ["A", "B", "neither of the two", "10", "1"]


@pytest.fixture(scope="module")
def models():
    return ResidentModels(load)


def asked(folder, model, rows):
    folder.mkdir(parents=True)
    (folder / "request.json").write_text(json.dumps({"model": str(model), "rows": rows}))
    return folder


def lines(folder):
    return [json.loads(line) for line in (folder / "choices.jsonl").read_text().splitlines()]


def by_transformers(path, messages, option):
    """One forward pass of the whole text, the option's tokens summed."""
    tokenizer = transformers.AutoTokenizer.from_pretrained(path)
    tokenizer.chat_template = tokenizer.chat_template or PLAIN_TEMPLATE
    model = transformers.AutoModelForCausalLM.from_pretrained(path, dtype=torch.float32).eval()
    text = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    prompt = tokenizer(text, add_special_tokens=False)["input_ids"]
    whole = tokenizer(text + option, add_special_tokens=False)["input_ids"]
    assert whole[: len(prompt)] == prompt
    with torch.no_grad():
        logps = model(input_ids=torch.tensor([whole])).logits[0].log_softmax(-1)
    return sum(float(logps[at - 1, whole[at]]) for at in range(len(prompt), len(whole)))


def test_sums_are_those_of_plain_transformers(tmp_path, tiny_model, models):
    rows = [{"id": n, "messages": tiny.user(f"Say {n}."), "options": OPTIONS} for n in range(2)]
    folder = asked(tmp_path / "one", tiny_model, rows)
    assert answer("choose", folder, models)
    *found, last = lines(folder)
    assert last == {"done": True}
    for row, line in zip(rows, found, strict=True):
        expected = [by_transformers(tiny_model, row["messages"], option) for option in OPTIONS]
        assert line["logprobs"] == pytest.approx(expected, abs=1e-4)
        assert [len(ids) > 1 for ids in line["tokens"]].count(True) >= 1


def test_a_question_too_long_is_refused_alone(tmp_path, tiny_model, models):
    rows = [
        {"id": 0, "messages": tiny.user("word " * 3000), "options": ["A"]},
        {"id": 1, "messages": tiny.user("Say 1."), "options": ["A"]},
    ]
    folder = asked(tmp_path / "one", tiny_model, rows)
    assert answer("choose", folder, models)
    first, second, _ = lines(folder)
    assert "The question comes to" in first["refused"]
    assert second["logprobs"]


def test_a_prompt_too_long_to_answer_is_refused_alone_where_it_may_be(tmp_path, tiny_model, models):
    rows = [{"id": 0, "messages": tiny.user("word " * 3000)}, {"id": 1, "messages": tiny.user("Say 1.")}]
    for refuse, right in ((True, True), (False, False)):
        folder = tmp_path / str(refuse)
        folder.mkdir()
        sampling = {"temperature": 0.0, "max_new_tokens": 3, "seed": 0}
        request = {"model": str(tiny_model), "rows": rows, "sampling": sampling, "refuse_long": refuse}
        (folder / "request.json").write_text(json.dumps(request))
        assert answer("generate", folder, models) is right
    told = [json.loads(line) for line in (tmp_path / "True" / "completions.jsonl").read_text().splitlines()]
    assert "refused" in told[0]
    assert told[1]["id"] == 1


def test_an_option_that_the_border_swallows_is_scored_from_before_it(tiny_model, models):
    encoder = models.get("generate", str(tiny_model)).encoder
    prompt, options = spelled(encoder, tiny.user("Say 1."), ["A", "AB"])
    assert all(options)
    assert [encoder.tokenizer.decode(ids) for ids in options] == ["A", "AB"]
    assert encoder.prompt(tiny.user("Say 1."))[: len(prompt)] == prompt


@pytest.mark.parametrize("options", [[], ["A", ""]])
def test_no_option_may_be_empty(options, tiny_model, models):
    with pytest.raises(EngineError, match="none may be empty"):
        spelled(models.get("generate", str(tiny_model)).encoder, tiny.user("Say 1."), options)
