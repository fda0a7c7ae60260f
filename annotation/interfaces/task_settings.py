"""Settings of a task, declared as dataclass fields with range and meaning: read, refused, drawn as a form. Pure."""

import dataclasses
from typing import Any

WORD_LIMIT = 60


class InvalidSettings(ValueError):
    """Settings that do not read. `problems` maps a setting to what is wrong and how to mend it."""

    def __init__(self, problems: dict[str, str]):
        super().__init__("; ".join(f"{name}: {message}" for name, message in problems.items()))
        self.problems = problems


def setting(
    default: Any, title: str, meaning: str = "", *, low: float | None = None, high: float | None = None, choices=None
):
    """A field of a Settings dataclass. `choices` maps a value to its words; a tuple default holds words."""
    facts = {"title": title, "meaning": meaning, "low": low, "high": high, "choices": choices}
    return dataclasses.field(default=default, metadata=facts)


def read_settings(kind: type, given: dict):
    """The settings in `given`, defaults for what is left out. Raises InvalidSettings with every problem."""
    known = {field.name: field for field in dataclasses.fields(kind)}
    problems = {name: "There is no such setting." for name in given if name not in known}
    values = {}
    for name, value in given.items():
        if name not in known:
            continue
        try:
            values[name] = _read(known[name], value)
        except ValueError as error:
            problems[name] = str(error)
    if problems:
        raise InvalidSettings(problems)
    return kind(**values)


def _read(field: dataclasses.Field, value):
    facts = field.metadata
    if isinstance(field.default, tuple):
        return _words(value)
    if isinstance(field.default, bool):
        if not isinstance(value, bool):
            raise ValueError("Must be on or off.")
        return value
    if isinstance(field.default, int | float):
        value = _number(field, value)
    elif not isinstance(value, str):
        raise ValueError("Must be text.")
    if facts["choices"] and value not in facts["choices"]:
        raise ValueError(f"Must be one of {', '.join(str(choice) for choice in facts['choices'])}.")
    return value


def _number(field: dataclasses.Field, value):
    facts, whole = field.metadata, isinstance(field.default, int)
    try:
        number = int(value) if whole else float(value)
    except (TypeError, ValueError):
        raise ValueError("Must be a whole number." if whole else "Must be a number.") from None
    low, high = facts["low"], facts["high"]
    if isinstance(value, bool) or (low is not None and number < low) or (high is not None and number > high):
        raise ValueError(f"Must lie between {low} and {high}.")
    return number


def _words(value) -> tuple[str, ...]:
    if isinstance(value, str):
        value = value.replace(",", "\n").splitlines()
    if not isinstance(value, list | tuple):
        raise ValueError("Must be a list of words.")
    words = tuple(dict.fromkeys(" ".join(str(word).split()) for word in value if str(word).strip()))
    if any(len(word) > WORD_LIMIT for word in words):
        raise ValueError(f"Each has at most {WORD_LIMIT} characters.")
    return words
