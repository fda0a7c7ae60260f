"""Documents: links lead somewhere, commands exist, every decision is listed."""

import re
from pathlib import PurePosixPath

import pytest

from tests.repo import tree

LINK = re.compile(r"!?\[[^\]]*\]\((?!https?:|#|mailto:)([^)#\s]+)[^)]*\)")


@pytest.mark.parametrize("name", [name for name in tree.having(".md") if not name.startswith("annotation/demo/")])
def test_links_lead_somewhere(name):
    absent = [
        target
        for target in LINK.findall(tree.text(name))
        if not (tree.ROOT / PurePosixPath(name).parent / target).exists()
    ]
    assert not absent


def test_commands_that_documents_name_exist():
    targets = set(re.findall(r"^([a-z-]+):", tree.text("Makefile"), re.MULTILINE))
    for name in tree.having(".md"):
        named = set(re.findall(r"`make ([a-z-]+)", tree.text(name)))
        assert named <= targets, name


def test_every_decision_is_listed():
    numbered = [name for name in tree.files() if re.match(r"docs/adr/\d{4}-", name)]
    listed = tree.text("docs/adr/README.md")
    assert numbered
    for name in numbered:
        assert PurePosixPath(name).name in listed


def test_every_variable_that_settings_read_is_told_to_operators():
    read = set(re.findall(r"\"(PLUMBLINE_[A-Z_]+)\"", tree.text("alignment_site/settings.py")))
    internal = {"PLUMBLINE_DEBUG", "PLUMBLINE_DEMO", "PLUMBLINE_EAGER_TASKS"}
    told = tree.text("docs/operator.md")
    assert {name for name in read - internal if f"`{name}`" not in told} == set()
