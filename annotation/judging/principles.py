"""Principles of a constitution: reading what was typed, drawing some, telling versions apart. Pure."""

import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import count

MOST = 100
LONGEST = 2000
CRITIQUE = (
    "Name, specifically, every way in which the last answer goes against this principle: {principle} "
    "If there is none, say so."
)
REVISION = (
    "Rewrite the last answer so that it follows the principle and stays as helpful as it can be. "
    "Reply with the new answer alone."
)


@dataclass(frozen=True)
class Principle:
    """`key` stays the same over versions. `critique` and `revision` are what the chain asks; empty: the house's own."""

    key: str
    text: str
    weight: float = 1.0
    tags: tuple[str, ...] = ()
    critique: str = ""
    revision: str = ""

    @classmethod
    def of(cls, row: Mapping) -> "Principle":
        return cls(**{**row, "tags": tuple(row.get("tags", ()))})

    def as_dict(self) -> dict:
        return asdict(self) | {"tags": list(self.tags)}

    @property
    def critique_request(self) -> str:
        return (self.critique or CRITIQUE).replace("{principle}", self.text)

    @property
    def revision_request(self) -> str:
        return (self.revision or REVISION).replace("{principle}", self.text)


@dataclass
class Read:
    """What was typed, read; `problems` by place."""

    principles: list[Principle] = field(default_factory=list)
    problems: list[dict] = field(default_factory=list)


def read(rows: Sequence[Mapping], taken: Collection[str] = ()) -> Read:
    """Principles from rows of {key, text, weight, tags, critique, revision}; rows without a text are left out.

    New ones get a key, p1, p2 and so on, which no other has, and none of `taken`, those of earlier versions.
    """
    found = Read()
    typed = [row for row in rows if str(row.get("text", "")).strip()]
    used = {str(row.get("key")) for row in typed if row.get("key")}
    free = (key for number in count(1) if (key := f"p{number}") not in used and key not in taken)
    seen: set[str] = set()
    for place, row in enumerate(typed):
        key = str(row.get("key") or "") or next(free)
        if key in seen:
            key = next(free)
        seen.add(key)
        _take(found, place, key, row)
    if not typed:
        found.problems.append({"path": "principles", "message": "A constitution needs at least one principle."})
    if len(typed) > MOST:
        found.problems.append(
            {"path": "principles", "message": f"At most {MOST} principles, please: nobody reads more."}
        )
    return found


def _take(found: Read, place: int, key: str, row: Mapping) -> None:
    where = f"principles[{place}]"
    text = str(row["text"]).strip()
    if len(text) > LONGEST:
        found.problems.append({"path": f"{where}.text", "message": f"At most {LONGEST:,} characters."})
    try:
        weight = float(row.get("weight", 1) if row.get("weight") not in (None, "") else 1)
    except (TypeError, ValueError):
        weight = -1.0
    if not 0 < weight <= 100:
        found.problems.append({"path": f"{where}.weight", "message": "A number above 0 and up to 100; 1 is usual."})
    tags = row.get("tags") or ()
    tags = tags.split(",") if isinstance(tags, str) else tags
    names = tuple(dict.fromkeys(name for tag in tags if (name := str(tag).strip()[:40])))
    words = {name: str(row.get(name) or "").strip()[:LONGEST] for name in ("critique", "revision")}
    found.principles.append(Principle(key, text[:LONGEST], weight, names, **words))


def drawn(principles: Sequence[Principle], size: int, *seed) -> list[Principle]:
    """`size` different principles, drawn by weight; the same for the same seed. 0 takes all, in their order."""
    if not size or size >= len(principles):
        return list(principles)
    rng = random.Random(":".join(map(str, seed)))
    left, chosen = list(principles), []
    while len(chosen) < size:
        [one] = rng.choices(left, weights=[principle.weight for principle in left])
        left.remove(one)
        chosen.append(one)
    return chosen


@dataclass(frozen=True)
class Change:
    """A principle in two versions: `kind` is added, removed, changed or same."""

    kind: str
    before: Principle | None
    after: Principle | None

    @property
    def principle(self) -> Principle:
        return self.after or self.before


def differences(before: Sequence[Principle], after: Sequence[Principle]) -> list[Change]:
    """What became of each principle, in the order of the new version, removed ones last."""
    old = {principle.key: principle for principle in before}
    new = {principle.key for principle in after}
    changes = []
    for principle in after:
        was = old.get(principle.key)
        kind = "added" if was is None else "same" if was == principle else "changed"
        changes.append(Change(kind, was, principle))
    return changes + [Change("removed", one, None) for one in before if one.key not in new]
