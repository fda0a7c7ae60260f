"""Vendored files are what static/vendor/VERSIONS.md says, and nothing else lies there."""

import hashlib
import re

from tests.repo import tree

TABLE = re.compile(r"^\| (\S+) \| \S+ \| \S+ \| (\w[\w.-]*) \((\S+)\) \| ([0-9a-f]{64}) \|$", re.MULTILINE)


def rows() -> dict[str, tuple[str, str]]:
    """File to its hash and the file of its licence."""
    found = TABLE.findall(tree.text("static/vendor/VERSIONS.md"))
    return {name: (sha256, licence) for name, _, licence, sha256 in found}


def test_hashes_are_as_written():
    assert rows()
    for name, (sha256, _) in rows().items():
        assert hashlib.sha256((tree.ROOT / "static/vendor" / name).read_bytes()).hexdigest() == sha256


def test_nothing_lies_there_that_is_not_written_down():
    there = {name.removeprefix("static/vendor/") for name in tree.files() if name.startswith("static/vendor/")}
    assert there == {"VERSIONS.md", *rows(), *(licence for _, licence in rows().values())}
