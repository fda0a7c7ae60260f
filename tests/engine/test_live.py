"""Completions that can be read while they are written, and live requests that wait behind no other."""

import json
import subprocess
import sys
import time

import pytest

from tests.engine.test_requests import generation, lines
from training.engine.live import Live
from training.engine.nets.decode import Sampled
from training.engine.requests import answer, load
from training.engine.resident_models import ResidentModels


def told(path):
    """What the stream says of each row: its text, and whether it ended."""
    texts, ended = {}, set()
    for line in lines(path):
        if line.get("begin"):
            texts[line["id"]] = ""
        texts[line["id"]] += line.get("text", "")
        if line.get("end"):
            ended.add(line["id"])
    return texts, ended


@pytest.fixture(scope="module")
def models():
    return ResidentModels(load)


def test_what_is_streamed_is_what_is_answered(tmp_path, tiny_model, models):
    folder = generation(tmp_path / "one", tiny_model, 20, max_new_tokens=24)
    request = json.loads((folder / "request.json").read_text()) | {"stream": str(tmp_path / "stream.jsonl")}
    (folder / "request.json").write_text(json.dumps(request))
    assert answer("generate", folder, models)
    *rows, _ = lines(folder / "completions.jsonl")
    texts, ended = told(tmp_path / "stream.jsonl")
    assert texts == {row["id"]: row["text"] for row in rows}
    assert ended == set(range(20))
    plain = generation(tmp_path / "plain", tiny_model, 20, max_new_tokens=24)
    answer("generate", plain, models)
    assert lines(plain / "completions.jsonl") == lines(folder / "completions.jsonl")


class Steps:
    """A decoder that is looked at step by step, with bytes for tokens."""

    def __init__(self, live):
        self.live, self.ids = live, []

    def step(self, data: bytes):
        self.ids += data
        self.live.looked_at = 0.0
        self.live(lambda: [Sampled(self.ids, [], False)])


def bytewise(ids):
    return bytes(ids).decode("utf-8", "replace")


def test_half_a_character_waits_for_its_rest(tmp_path):
    steps = Steps(Live(tmp_path / "s", [7], bytewise, tmp_path / "cancel"))
    steps.step(b"a")
    steps.step("ä".encode()[:1])
    assert told(tmp_path / "s")[0] == {7: "a"}
    steps.step("ä".encode()[1:])
    assert told(tmp_path / "s")[0] == {7: "aä"}


def test_text_that_reads_differently_later_begins_again(tmp_path):
    live = Live(tmp_path / "s", [7], lambda ids: {1: " x", 2: "x y"}[len(ids)], tmp_path / "cancel")
    steps = Steps(live)
    steps.step(b"1")
    steps.step(b"2")
    assert told(tmp_path / "s")[0] == {7: "x y"}


def test_cancelled_in_the_middle(tmp_path):
    from training.engine.errors import EngineError

    steps = Steps(Live(tmp_path / "s", [7], bytewise, tmp_path / "cancel"))
    (tmp_path / "cancel").touch()
    with pytest.raises(EngineError, match="cancelled"):
        steps.step(b"a")


def test_live_requests_wait_behind_no_other(tmp_path, tiny_model):
    """Two live ones are answered while a large one is still being written."""
    inbox = tmp_path / "serve" / "inbox"
    inbox.mkdir(parents=True)
    large = generation(tmp_path / "large", tiny_model, 640, max_new_tokens=64)
    quick = [generation(tmp_path / name, tiny_model, 1, max_new_tokens=8) for name in ("a", "b")]
    for number, folder in enumerate([large, *quick]):
        row = {"verb": "generate", "folder": str(folder), "live": folder is not large}
        (inbox / f"{number:06}.json").write_text(json.dumps(row))
    child = subprocess.Popen([sys.executable, "-m", "training.engine", "serve", str(tmp_path / "serve")])
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not all(
            lines(folder / "completions.jsonl")[-1:] == [{"done": True}] for folder in quick
        ):
            time.sleep(0.02)
        assert [lines(folder / "completions.jsonl")[-1] for folder in quick] == [{"done": True}] * 2
        assert lines(large / "completions.jsonl")[-1:] != [{"done": True}]
    finally:
        child.kill()
        child.wait()
