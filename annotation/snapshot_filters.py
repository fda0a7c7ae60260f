"""Which judgments a snapshot takes in: a closed set of filters, as stored with it. Pure."""

from dataclasses import asdict, dataclass, fields
from datetime import date

RATER_KINDS = {"person": "People", "imported": "Imported", "simulated": "Simulated", "judge": "AI judges"}
ORIGINS = {
    "label": "Labelled here",
    "import": "Imports",
    "simulated": "Simulations",
    "capture": "Captured",
    "review": "Review",
    "compare": "Comparisons",
    "judge": "AI feedback",
}


@dataclass(frozen=True)
class Filters:
    """Empty tuples mean: all of them. What is withdrawn, unpublished or of a running sitting never comes in.

    Votes of comparisons are on prompts kept for evaluation, so they come in only when `origins` names `compare`;
    votes that were not blind only with `open_votes`; items whose answer was known beforehand only with `gold`; hidden
    repeats never. `through` is the newest judgment there was when the snapshot
    was asked for.
    """

    rater_kinds: tuple[str, ...] = ("person", "imported")
    raters: tuple[int, ...] = ()
    origins: tuple[str, ...] = ("label", "import", "simulated", "capture", "review")
    since: str = ""
    until: str = ""
    guides: tuple[int, ...] = ()
    prompt_sets: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    open_votes: bool = False
    surplus: bool = False
    gold: bool = False
    criterion: str = ""  # of pairs: whose grade is the preference; empty for the overall one
    through: int = 0

    @classmethod
    def read(cls, given: dict) -> "Filters":
        """The filters of a stored or posted mapping. Raises ValueError that names every problem."""
        known = {field.name: field.type for field in fields(cls)}
        problems = [f"{name}: there is no such filter" for name in given if name not in known]
        made = {}
        for name, value in given.items():
            if name in known:
                try:
                    made[name] = _READERS[name](value)
                except (TypeError, ValueError) as fault:
                    problems.append(f"{name}: {fault}")
        if problems:
            raise ValueError("; ".join(problems))
        return cls(**made)

    def as_dict(self) -> dict:
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}


def _words(value) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(word, str) for word in value):
        raise ValueError("must be a list of texts")
    return tuple(sorted(set(value)))


def _numbers(value) -> tuple[int, ...]:
    if not isinstance(value, list | tuple) or any(isinstance(n, bool) or not isinstance(n, int) for n in value):
        raise ValueError("must be a list of whole numbers")
    return tuple(sorted(set(value)))


def _day(value) -> str:
    if not isinstance(value, str):
        raise TypeError("must be a date such as 2026-11-21")
    try:
        return date.fromisoformat(value).isoformat() if value else ""
    except ValueError:
        raise ValueError("must be a date such as 2026-11-21") from None


def _one_of(choices):
    def reader(value) -> tuple[str, ...]:
        words = _words(value)
        if strange := [word for word in words if word not in choices]:
            raise ValueError(f"there is no {', '.join(strange)}; there are {', '.join(choices)}")
        return words

    return reader


def _flag(value) -> bool:
    if not isinstance(value, bool):
        raise TypeError("must be true or false")
    return value


def _name(value) -> str:
    if not isinstance(value, str) or len(value) > 60:
        raise ValueError("must be the name of a criterion, or empty for the overall grade")
    return value


def _number(value) -> int:
    return _numbers([value])[0]


_READERS = {
    "rater_kinds": _one_of(RATER_KINDS),
    "raters": _numbers,
    "origins": _one_of(ORIGINS),
    "since": _day,
    "until": _day,
    "guides": _numbers,
    "prompt_sets": _words,
    "categories": _words,
    "open_votes": _flag,
    "surplus": _flag,
    "gold": _flag,
    "criterion": _name,
    "through": _number,
}
