"""`manage.py verify`: gathers every oracle, and fails if one does not hold."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from annotation import oracles as annotation
from evaluation import oracles as evaluation
from evaluation.management.commands import verify

KEYS = {"method", "source", "oracle", "expected", "measured", "tolerance", "passed"}


def run(*arguments) -> str:
    out = io.StringIO()
    call_command("verify", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def engine(monkeypatch):
    """The engine's rows without the engine: it has tests of its own."""
    row = dict.fromkeys(KEYS, 1.0) | {"method": "dpo", "passed": True, "expected": [0.5, 0.25]}
    asked = []
    monkeypatch.setattr(verify, "engine_rows", lambda names: asked.append(names) or [row])
    return asked


def test_all_are_gathered(engine):
    rows = json.loads(run("--json"))
    assert all(set(row) == KEYS for row in rows)
    assert {"dpo", "agreement", "bradley_terry", "win_rate"} <= {row["method"] for row in rows}
    assert engine == [[]]


def test_names_narrow_them_down(engine):
    assert {row["method"] for row in json.loads(run("--json", "win_rate", "agreement"))} == {"win_rate", "agreement"}
    assert engine == []
    assert "1 of 1 oracles hold" in run("dpo")
    assert engine == [["dpo"]]


def test_one_that_does_not_hold_fails(engine, monkeypatch):
    monkeypatch.setattr(
        annotation, "krippendorff_alpha", lambda *_args, **_settings: annotation.raw_agreement([[1, 2]])
    )
    with pytest.raises(CommandError, match="do not hold"):
        run("agreement")


def test_an_unknown_name_fails():
    with pytest.raises(CommandError, match="no oracle is called alchemy"):
        run("alchemy")


def test_the_engines_run_in_a_process_of_their_own():
    rows = verify.engine_rows(["sft"])
    assert rows
    assert all(row["passed"] for row in rows)


def test_each_name_is_claimed_once():
    assert not annotation.ORACLES.keys() & evaluation.ORACLES.keys()
