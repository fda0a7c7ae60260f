"""Every method is proven: it has an oracle, stands in a test by name, and its card is in the committed catalogue."""

import json
from pathlib import PurePosixPath

import pytest

from tests.repo import tree

FOLDERS = ("training/engine/algorithms", "training/engine/recipes")
METHODS = [
    PurePosixPath(name).stem
    for name in tree.having(".py")
    if str(PurePosixPath(name).parent) in FOLDERS and not name.endswith("__init__.py")
]


def test_there_are_methods():
    assert {"sft", "reward_bt", "dpo", "grpo"} <= set(METHODS)


@pytest.mark.parametrize("method", METHODS)
def test_every_method_has_an_oracle(method):
    assert f"training/engine/oracles/{method}.py" in tree.files()


@pytest.mark.parametrize("method", METHODS)
def test_every_method_stands_in_a_test(method):
    naming = [
        name for name in tree.having(".py") if name.startswith("tests/engine/") and f'"{method}"' in tree.text(name)
    ]
    assert naming


def test_the_catalogue_holds_exactly_the_methods():
    cards = json.loads(tree.text("training/catalogue.json"))["methods"]
    assert sorted(card["name"] for card in cards) == sorted(METHODS)


def test_every_maths_file_is_used():
    """A word of the vocabulary that no method and no machinery speaks is dead."""
    words = [PurePosixPath(name).stem for name in tree.having(".py") if name.startswith("training/engine/maths/")]
    engine = [name for name in tree.having(".py") if name.startswith("training/engine/")]
    for word in set(words) - {"__init__"}:
        users = [name for name in engine if "maths import" in tree.text(name) and word in tree.text(name)]
        assert users, word
