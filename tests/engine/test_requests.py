"""Generation and scoring by request folders: alone, and in a resident engine."""

import json
import subprocess
import sys
import time

import pytest

from tests.engine import tiny
from training.engine.requests import answer, load
from training.engine.resident_models import ResidentModels


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def ask(folder, **request):
    folder.mkdir(parents=True)
    (folder / "request.json").write_text(json.dumps(request))
    return folder


def generation(folder, model, count=20, **sampling):
    rows = [{"id": number, "messages": tiny.user(f"Say {number}.")} for number in range(count)]
    asked = {"temperature": 1.0, "max_new_tokens": 6, "seed": 3, **sampling}
    return ask(folder, model=str(model), rows=rows, sampling=asked)


@pytest.fixture(scope="module")
def models():
    return ResidentModels(load)


def test_generates(tmp_path, tiny_model, models):
    folder = generation(tmp_path / "one", tiny_model)
    assert answer("generate", folder, models)
    *rows, last = lines(folder / "completions.jsonl")
    assert last == {"done": True}
    assert [row["id"] for row in rows] == list(range(20))
    assert all(1 <= row["length_tokens"] <= 6 for row in rows)
    assert len({row["text"] for row in rows}) > 10


def test_a_prompt_gets_the_same_answer_whatever_else_is_asked(tmp_path, tiny_model, models):
    for name, count in (("all", 20), ("few", 3)):
        answer("generate", generation(tmp_path / name, tiny_model, count), models)
    everything, few = (lines(tmp_path / name / "completions.jsonl") for name in ("all", "few"))
    assert few[:3] == everything[:3]


def test_another_seed_gives_another_answer(tmp_path, tiny_model, models):
    for seed in (3, 4):
        answer("generate", generation(tmp_path / str(seed), tiny_model, seed=seed), models)
    assert lines(tmp_path / "3" / "completions.jsonl") != lines(tmp_path / "4" / "completions.jsonl")


def test_scores(tmp_path, tiny_reward, models):
    rows = [{"id": n, "messages": tiny.user("Say 1."), "completion": "one " * n} for n in range(1, 4)]
    folder = ask(tmp_path / "one", model=str(tiny_reward), rows=rows)
    assert answer("score", folder, models)
    *scored, last = lines(folder / "scores.jsonl")
    assert last == {"done": True}
    assert len({row["score"] for row in scored}) == 3


@pytest.mark.parametrize(
    ("changes", "word"),
    [({"model": "/nowhere"}, "no model folder"), ({"max_new_tokens": 5000}, "the model reads 512")],
)
def test_what_went_wrong_is_the_last_line(changes, word, tmp_path, tiny_model, models):
    folder = generation(tmp_path / "one", changes.pop("model", tiny_model), **changes)
    assert not answer("generate", folder, models)
    assert word in lines(folder / "completions.jsonl")[-1]["error"]


def test_cancelled(tmp_path, tiny_model, models):
    folder = generation(tmp_path / "one", tiny_model)
    (folder / "cancel").touch()
    assert not answer("generate", folder, models)
    assert lines(folder / "completions.jsonl")[-1] == {"error": "cancelled"}


def test_serve(tmp_path, tiny_model, tiny_reward):
    """Takes what is in the inbox, an unanswerable request too, and ends when told."""
    serving = tmp_path / "serve"
    good, bad = generation(tmp_path / "good", tiny_model), generation(tmp_path / "bad", "/nowhere")
    (serving / "inbox").mkdir(parents=True)
    for number, folder in enumerate((bad, good)):
        (serving / "inbox" / f"{number:06}.json").write_text(json.dumps({"verb": "generate", "folder": str(folder)}))
    child = subprocess.Popen([sys.executable, "-m", "training.engine", "serve", str(serving)])
    try:
        deadline = time.monotonic() + 60
        while lines(good / "completions.jsonl")[-1:] != [{"done": True}] and time.monotonic() < deadline:
            time.sleep(0.05)
        assert lines(good / "completions.jsonl")[-1] == {"done": True}
        assert "error" in lines(bad / "completions.jsonl")[-1]
        (serving / "stop").touch()
        assert child.wait(timeout=10) == 0
        assert list((serving / "inbox").iterdir()) == []
    finally:
        child.kill()
        child.wait()


def test_models_leave_in_the_order_they_were_asked_for():
    loaded = []
    models = ResidentModels(lambda kind, path: loaded.append(path) or path, kept=2)
    for path in ("a", "b", "a", "c", "a", "b"):
        assert models.get("generate", path) == path
    assert loaded == ["a", "b", "c", "b"]
