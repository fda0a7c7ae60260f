"""Which items somebody asks for: a short list of fields, each checked; nothing else reaches the database. Pure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date

STATES = {
    "open": "Open: somebody is wanted",
    "leased": "Leased: somebody has it now",
    "done": "Done: judged by as many as wanted",
    "flagged": "Flagged: waits for a look",
    "kept_out": "Kept out",
}
SCOPES = {
    "": "anywhere",
    "prompt": "in prompts",
    "completions": "in answers",
    "comments": "in comments",
}
_NUMBERS = {"source", "rater", "batch", "block"}
_DAYS = {"since", "until", "judged_since", "judged_until"}
_YES = {"disagreement", "comment"}
_LONGEST = 300


@dataclass(frozen=True)
class ItemFilter:
    """`since` and `until` are days on which items came in, the others days on which they were judged, inclusive."""

    queue: str = ""
    state: str = ""
    source: int = 0
    category: str = ""
    tag: str = ""
    prompt_set: str = ""
    rater: int = 0
    disagreement: bool = False
    comment: bool = False
    batch: int = 0
    block: int = 0
    since: str = ""
    until: str = ""
    judged_since: str = ""
    judged_until: str = ""
    search: str = ""
    scope: str = ""

    @classmethod
    def read(cls, given: Mapping) -> "ItemFilter":
        """Of a form, a query string or JSON. Raises ValueError that names every field that does not read."""
        names = [field.name for field in fields(cls)]
        problems = [f"there is no filter “{name}”" for name in given if name not in names]
        values = {}
        for name in names:
            raw = given.get(name)
            if raw in (None, "", False, 0, "0"):
                continue
            try:
                values[name] = _read(name, raw)
            except ValueError as fault:
                problems.append(f"{name} {fault}")
        if problems:
            told = "; ".join(problems)
            raise ValueError(f"{told[0].upper()}{told[1:]}.")
        return cls(**values)

    def as_dict(self) -> dict:
        """Only what is asked for."""
        return {name: value for name, value in asdict(self).items() if value}

    def day(self, name: str) -> date | None:
        text = getattr(self, name)
        return date.fromisoformat(text) if text else None


def _read(name: str, raw):
    if name in _NUMBERS:
        if isinstance(raw, bool) or not str(raw).isascii() or not str(raw).isdigit() or len(str(raw)) > 18:
            raise ValueError("must be a number")
        return int(raw)
    if name in _YES:
        if str(raw).lower() in ("1", "true", "on", "yes"):
            return True
        raise ValueError("is yes or left out")
    text = str(raw)
    if len(text) > _LONGEST or "\x00" in text:
        raise ValueError(f"has at most {_LONGEST} characters")
    if name in _DAYS:
        try:
            return date.fromisoformat(text).isoformat()
        except ValueError:
            raise ValueError("must be a day such as 2026-03-01") from None
    allowed = {"state": STATES, "scope": SCOPES}.get(name)
    if allowed is not None and text not in allowed:
        raise ValueError(f"must be one of {', '.join(key for key in allowed if key)}")
    return text
