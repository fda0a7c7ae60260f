"""The verifiers there are, by name: programs that score an answer. Pure.

The app that has them registers where its catalogue is read, so that this one never hears of it. An entry has `name`,
`title`, `help`, and `options`: a list of `name`, `type` (bool, int, float or str), `default`, `help`.
"""

from collections.abc import Callable

_TYPES = {"bool": bool, "int": int, "float": float, "str": str}
_TRUE, _FALSE = {"true", "on", "yes", "1"}, {"false", "off", "no", "0", ""}
_sources: list[Callable[[], list[dict]]] = []


def register(catalogue: Callable[[], list[dict]]) -> None:
    if catalogue not in _sources:
        _sources.append(catalogue)


def known() -> dict[str, dict]:
    """Every verifier's entry by its name."""
    return {entry["name"]: {"options": [], **entry} for catalogue in _sources for entry in catalogue()}


def read_options(entry: dict, given: dict) -> tuple[dict, list[tuple[str, str]]]:
    """The options of a verifier with what is not given at its default; and what is wrong, as (name, words)."""
    options, wrong = {}, []
    for option in entry["options"]:
        value = given.get(option["name"], option["default"])
        try:
            options[option["name"]] = _read(option["type"], value)
        except (TypeError, ValueError):
            wrong.append((option["name"], f"{option['name']} must be {_words(option['type'])}."))
    names = {option["name"] for option in entry["options"]}
    wrong += [(name, f"{entry['title']} has no option “{name}”.") for name in given if name not in names]
    return options, wrong


def _read(kind: str, value):
    if kind == "bool":
        if isinstance(value, bool):
            return value
        word = str(value).strip().lower()
        if word in _TRUE | _FALSE:
            return word in _TRUE
        raise ValueError(value)
    if isinstance(value, bool):
        raise TypeError(value)
    if kind == "int" and isinstance(value, float) and value != int(value):
        raise ValueError(value)
    return _TYPES[kind](value)


def _words(kind: str) -> str:
    return {"bool": "yes or no", "int": "a whole number", "float": "a number", "str": "text"}[kind]
