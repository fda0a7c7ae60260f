"""Reads fields out of a row, each fault with its JSON path. Pure."""

import math
import re
from datetime import UTC, datetime

from annotation.importers.records import MAX_COMMENT, MAX_TEXT, ROLES, RowProblem

# PostgreSQL stores no NUL and nothing stores half a surrogate pair.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def check_text(value, path: str, *, empty: bool = False) -> str:
    if not isinstance(value, str):
        raise RowProblem(path, f"must be text; it is {kind_of(value)}.")
    if not empty and not value.strip():
        raise RowProblem(path, "is empty.")
    if len(value) > MAX_TEXT:
        raise RowProblem(path, f"is {len(value):,} characters long; {MAX_TEXT:,} are taken at most.")
    if found := _UNSTORABLE.search(value):
        code = f"U+{ord(found[0]):04X}"
        raise RowProblem(path, f"holds the character {code} at position {found.start()}, which cannot be stored.")
    return value


def given(row: dict, key: str):
    """A field that must be there."""
    if row.get(key) is None:
        raise RowProblem(f"$.{key}", f"is missing; the row has {_names(row)}.")
    return row[key]


def text(row: dict, key: str, *, empty: bool = False, default: str | None = None) -> str:
    if default is not None and row.get(key) is None:
        return default
    return check_text(given(row, key), f"$.{key}", empty=empty)


def short(row: dict, key: str, limit: int = 80) -> str:
    """An optional word such as a category."""
    value = text(row, key, empty=True, default="").strip()
    if len(value) > limit:
        raise RowProblem(f"$.{key}", f"is {len(value)} characters long; {limit} are taken at most.")
    return value


def number(row: dict, key: str) -> float | None:
    value = row.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise RowProblem(f"$.{key}", f"must be a finite number; it is {kind_of(value)}.")
    return value


def boolean(row: dict, key: str) -> bool:
    value = row.get(key)
    if value in (0, 1) and value is not None:  # True and False too
        return bool(value)
    raise RowProblem(f"$.{key}", f"must be true or false; it is {'missing' if key not in row else kind_of(value)}.")


def whole(row: dict, key: str) -> int:
    value = row.get(key)
    if isinstance(value, bool) or not isinstance(value, int):
        raise RowProblem(f"$.{key}", f"must be a whole number; it is {kind_of(value)}.")
    return value


def listed(row: dict, key: str) -> list:
    """A list, empty where it is missing or null."""
    value = row.get(key)
    if value is None:
        return []
    if not isinstance(value, list):
        raise RowProblem(f"$.{key}", f"must be a list; it is {kind_of(value)}.")
    return value


def comment(value, path: str) -> str:
    """What somebody wrote beside an answer, cut to what a comment holds."""
    return "" if value is None else check_text(value, path, empty=True).strip()[:MAX_COMMENT]


def moment(value, path: str) -> datetime | None:
    """A time as ISO text or in seconds; without a zone it is UTC."""
    if value is None or value == "":
        return None
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, tz=UTC)
        made = datetime.fromisoformat(value)
    except (TypeError, ValueError, OverflowError, OSError):
        raise RowProblem(path, f"must be a time such as 2026-11-21T10:30:00Z; it is {kind_of(value)}.") from None
    return made if made.tzinfo else made.replace(tzinfo=UTC)


def milliseconds(value, path: str, *, per: float = 1000) -> int | None:
    """A length of time in milliseconds; `per` says how many of them the given unit has."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
        raise RowProblem(path, f"must be a length of time, not below 0; it is {kind_of(value)}.")
    return min(round(value * per), 2**31 - 1)


def turns(value, path: str) -> list[dict]:
    """A message list, reduced to roles and contents."""
    if not isinstance(value, list) or not value:
        raise RowProblem(path, f"must be a list of messages; it is {kind_of(value)}.")
    made = []
    for place, message in enumerate(value):
        at = f"{path}[{place}]"
        if not isinstance(message, dict):
            raise RowProblem(at, f"must be a message with role and content; it is {kind_of(message)}.")
        if message.get("role") not in ROLES:
            raise RowProblem(f"{at}.role", f"must be system, user or assistant; it is {kind_of(message.get('role'))}.")
        content = check_text(message.get("content"), f"{at}.content", empty=message["role"] == "assistant")
        made.append({"role": message["role"], "content": content})
    return made


def asking(messages: list[dict], path: str) -> list[dict]:
    """A prompt: a message list that ends with the user's turn."""
    if not messages or messages[-1]["role"] != "user":
        raise RowProblem(path, "must end with a turn of the user, so that there is something to answer.")
    return messages


def prompt(value, path: str = "$.prompt") -> list[dict]:
    """A prompt as text or as messages."""
    if isinstance(value, str):
        return [{"role": "user", "content": check_text(value, path)}]
    return asking(turns(value, path), path)


def kind_of(value) -> str:
    """A value in an error: short, and never the whole of it."""
    if value is None:
        return "null"
    if isinstance(value, str):
        return f"“{value[:40]}…”" if len(value) > 40 else f"“{value}”"
    if isinstance(value, bool | int | float):
        return str(value)
    return "a list" if isinstance(value, list) else "an object"


def _names(row: dict) -> str:
    names = ", ".join(str(name)[:40] for name in list(row)[:8])
    return names or "no fields"
