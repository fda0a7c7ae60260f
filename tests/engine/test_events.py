"""Event lines: numbered over attempts, only whole ones count."""

import json
import math
from contextlib import closing

import pytest

from training.engine.events import EventWriter, read_events


def test_writes_and_reads(tmp_path):
    with closing(EventWriter(tmp_path / "events.jsonl", clock=lambda: 5.0)) as writer:
        assert writer.write("notice", message="one") == 0
        assert writer.write("metrics", step=1, values={"loss": math.nan, "reward": math.inf, "kl": -math.inf}) == 1
    first, second = read_events(tmp_path / "events.jsonl")
    assert first == {"seq": 0, "time": 5.0, "type": "notice", "message": "one", "end": first["end"]}
    assert second["values"] == {"loss": "NaN", "reward": "Infinity", "kl": "-Infinity"}
    assert list(read_events(tmp_path / "events.jsonl", offset=first["end"])) == [second]


def test_a_stump_is_not_read_and_then_removed(tmp_path):
    path = tmp_path / "events.jsonl"
    with closing(EventWriter(path)) as writer:
        writer.write("notice", message="whole")
    with path.open("a") as file:
        file.write('{"seq": 1, "ty')
    assert [event["seq"] for event in read_events(path)] == [0]
    with closing(EventWriter(path)) as again:
        assert again.last["message"] == "whole"
        assert again.write("notice", message="next") == 1
    assert [json.loads(line)["seq"] for line in path.read_text().splitlines()] == [0, 1]


def test_unknown_type(tmp_path):
    with closing(EventWriter(tmp_path / "events.jsonl")) as writer, pytest.raises(ValueError, match="not an event"):
        writer.write("rumour")


def test_no_file_no_events(tmp_path):
    assert list(read_events(tmp_path / "none")) == []
