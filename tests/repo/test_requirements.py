"""Requirements: exact, explained, and locked."""

import re

from tests.repo import tree


def named(file: str) -> list[str]:
    return [
        line for line in tree.text(f"requirements/{file}").splitlines() if line and not line.startswith(("#", "-r"))
    ]


def test_every_requirement_is_pinned_exactly():
    for file in ("base.txt", "dev.txt", "lock.txt"):
        for line in named(file):
            assert re.match(r"[A-Za-z0-9._-]+(\[[a-z]+\])?==[0-9][\w.]*(\s|$)", line), line


def test_every_pin_is_in_the_lock():
    locked = {line.split("==")[0]: line.split("==")[1] for line in named("lock.txt")}
    for line in named("base.txt") + named("dev.txt"):
        name, version = line.split("#")[0].strip().split("==")
        key = re.sub(r"[-_.]+", "-", name.split("[")[0]).lower()
        assert locked.get(key) == version, f"{name}: run `make lock`"
