"""What pages know of methods: the committed catalogue, read without torch (docs/run-directory.md, catalogue.json)."""

import functools
import re

from training.engine.spec import committed_catalogue

LARGE_PANELS = 2  # the two most important of a method come first and stand large
SOURCE_SLOT = "<name>"


def methods() -> list[dict]:
    return committed_catalogue()["methods"]


def method(name: str) -> dict | None:
    return _by_name().get(name)


def families() -> dict[str, list[dict]]:
    """Methods by family, in the catalogue's order."""
    grouped: dict[str, list[dict]] = {}
    for entry in methods():
        grouped.setdefault(entry["family"], []).append(entry)
    return grouped


def verifiers() -> list[dict]:
    return committed_catalogue()["verifiers"]


def training_settings() -> list[dict]:
    return committed_catalogue()["training"]


def settings_help() -> dict[str, str]:
    """One sentence for each setting there is, whatever its method."""
    rows = training_settings() + [row for entry in methods() for row in entry["settings"]]
    return {row["name"]: row["help"] for row in rows}


def metric(key: str) -> dict:
    """Unit, meaning, direction and panel of a metric as logged; an unknown one explains itself as little as it can."""
    vocabulary = committed_catalogue()["metrics"]
    bare = key.removeprefix("eval_")
    if bare in vocabulary:
        return vocabulary[bare]
    found = next((entry for pattern, entry in _patterns() if pattern.fullmatch(bare)), None)
    return found or {"unit": "", "meaning": "", "good": None, "group": ""}


def panels(method_names, logged=()) -> list[dict]:
    """The panels of some methods, most important first, their pattern lines spread over the keys that were logged."""
    groups = {group["key"]: group for group in committed_catalogue()["groups"]}
    wanted: list[str] = []
    for name in method_names:
        wanted += [key for key in (_by_name().get(name) or {"panels": []})["panels"] if key not in wanted]
    return [
        {**groups[key], "size": "l" if at < LARGE_PANELS else "", "lines": _lines(groups[key], logged)}
        for at, key in enumerate(wanted)
        if key in groups
    ]


def _lines(group: dict, logged) -> list[dict]:
    lines = []
    for line in group["lines"]:
        if SOURCE_SLOT not in line["key"]:
            lines.append(line)
            continue
        pattern = _pattern(line["key"])
        for key in sorted(logged):
            if found := pattern.fullmatch(key):
                lines.append({**line, "key": key, "name": line["name"].replace(SOURCE_SLOT, found[1])})
    return lines


@functools.cache
def _by_name() -> dict[str, dict]:
    return {entry["name"]: entry for entry in methods()}


@functools.cache
def _patterns() -> list[tuple[re.Pattern, dict]]:
    vocabulary = committed_catalogue()["metrics"]
    return [(_pattern(key), entry) for key, entry in vocabulary.items() if SOURCE_SLOT in key]


@functools.cache
def _pattern(key: str) -> re.Pattern:
    return re.compile(re.escape(key).replace(re.escape(SOURCE_SLOT), "([^/]+)"))
