"""The oracles pass, cover every recipe, and can fail."""

import json

import pytest

from training.engine import oracles, registry
from training.engine.commands import main

COLUMNS = {"method", "source", "oracle", "expected", "measured", "tolerance", "passed"}


@pytest.mark.parametrize("name", oracles.names())
def test_passes(name):
    rows = oracles.run([name])
    assert rows
    assert all(set(row) == COLUMNS for row in rows)
    assert [row for row in rows if not row["passed"]] == []


def test_every_recipe_has_one():
    assert set(registry.recipes()) <= set(oracles.names())


def test_a_wrong_number_fails(monkeypatch):
    from training.engine.oracles import sft

    monkeypatch.setattr(sft, "rows", lambda: iter([("one is two", 1.0, 2.0, 0.1), ("shapes", [1.0, 1.0], 1.0, 0.1)]))
    assert [row["passed"] for row in oracles.run(["sft"])] == [False, False]


def test_not_a_number_fails(monkeypatch):
    from training.engine.oracles import sft

    monkeypatch.setattr(sft, "rows", lambda: iter([("nothing", 1.0, float("nan"), 0.1)]))
    assert oracles.run(["sft"])[0]["passed"] is False


def test_unknown_name():
    with pytest.raises(ValueError, match="known are"):
        oracles.run(["no_such"])


def test_command(capsys):
    assert main(["verify", "--json", "sft"]) == 0
    assert {row["method"] for row in json.loads(capsys.readouterr().out)} == {"sft"}
    assert main(["verify", "sft"]) == 0
    assert "0 failed" in capsys.readouterr().out
