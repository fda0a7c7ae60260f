"""The examples of docs/api.md, run as they stand, against a real server, each answer compared with the one printed."""

import json
import os
import re
import shutil
import subprocess

import pytest

from annotation.services.tokens import create_token
from tests import need
from tests.factories import make_checkpoint
from tests.repo import tree
from training.services import generation, supervision

BLOCK = re.compile(r"^```(bash|json|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BETWEEN = "=====8<====="


def examples() -> list[tuple[str, str, str]]:
    """(script, kind of the answer, answer) of every example; an example without an answer has an empty one."""
    found: list[tuple[str, str, str]] = []
    for kind, text in BLOCK.findall(tree.text("docs/api.md")):
        if kind == "bash":
            found.append((text, "text", ""))
        else:
            found[-1] = (found[-1][0], kind, text)
    return found


@pytest.mark.django_db(transaction=True)
def test_every_example_answers_what_the_page_says(cast, live_server, home, tmp_path, monkeypatch):
    if not shutil.which("curl"):
        need.missing("no curl: the documented examples use it")
    monkeypatch.setattr(supervision, "execute", lambda run_id: None)  # what a worker would do later
    monkeypatch.setattr(generation, "fulfil", lambda request_id: None)
    make_checkpoint(cast.project, name="before", path="/models/before")
    make_checkpoint(cast.project, name="after", path="/models/after")
    _, secret = create_token(cast.project, by=cast.rita, name="examples")
    script = f"\necho '{BETWEEN}'\n".join(["set -euo pipefail", *(script for script, _, _ in examples())])
    environment = {"PATH": os.environ["PATH"], "SITE": live_server.url, "TOKEN": secret, "no_proxy": "*"}
    ran = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    assert ran.returncode == 0, ran.stdout[-2000:] + ran.stderr
    for given, (script, kind, expected) in zip(ran.stdout.split(f"{BETWEEN}\n")[1:], examples(), strict=True):
        if kind == "json":
            assert_like(json.loads(given), json.loads(expected), script)
        else:
            assert given.strip() == expected.strip(), script


def assert_like(given, expected, where: str) -> None:
    """Equal, but that "..." stands for anything."""
    if expected == "...":
        return
    if isinstance(expected, dict) and isinstance(given, dict):
        assert given.keys() == expected.keys(), where
        for key in expected:
            assert_like(given[key], expected[key], where)
    elif isinstance(expected, list) and isinstance(given, list):
        assert len(given) == len(expected), where
        for one, other in zip(given, expected, strict=True):
            assert_like(one, other, where)
    else:
        assert given == expected, where


def test_there_are_examples():
    assert len(examples()) >= 10
