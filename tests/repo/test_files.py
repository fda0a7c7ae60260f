"""How the repository is kept: names, sizes, nothing of one machine in it."""

import re
from pathlib import PurePosixPath

from tests.repo import tree

NAMELESS = {"utils", "util", "helpers", "helper", "common", "misc", "lib"}
LONGEST = 400  # lines; a file is one thing
GENERATED = ("/migrations/", "static/vendor/", "uv.lock")
WRITTEN = (".py", ".js", ".css", ".html", ".sh")


def test_no_file_is_called_after_nothing():
    named = [name for name in tree.files() if PurePosixPath(name).stem in NAMELESS]
    assert not named


def test_no_file_is_too_long():
    long = {
        name: lines
        for name in tree.having(*WRITTEN)
        if not any(part in name for part in GENERATED) and (lines := tree.text(name).count("\n")) > LONGEST
    }
    assert not long, f"longer than {LONGEST} lines: {long}"


def test_nothing_names_a_registry_or_a_path_of_one_machine():
    # Put together here, so that this file does not hold what it looks for.
    places = [rf"(^|[^\w.])/{word}/" for word in ("work", "farm")]
    registries = ["index" + "-url", r"https?://[^\s\"']*/simp" + "le", "https?://regist" + "ry", "pypi" + r"\.org"]
    pattern = re.compile("|".join([*places, *registries]), re.MULTILINE)
    found = []
    for name in tree.files():
        if name.startswith("static/vendor/") or not is_text(name):
            continue
        found += [f"{name}: {match.group()}" for match in pattern.finditer(tree.text(name))]
    assert not found


def is_text(name: str) -> bool:
    try:
        tree.text(name)
    except UnicodeDecodeError:
        return False
    return True


def test_every_folder_of_python_is_a_package():
    for name in tree.having(".py"):
        folder = PurePosixPath(name).parent
        if folder.parts and folder.parts[0] in tree.APPS:
            assert f"{folder}/__init__.py" in tree.files(), folder


def test_no_weights_but_safetensors_and_no_pickles():
    assert not tree.having(".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt", ".npy")
