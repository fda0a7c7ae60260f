"""A rubric version as a document: what is checked when one is written, compared between two, and frozen. Pure.

    {"categories": [{"name", "generation_prompt", "improvement_prompt",
                     "items": [{"key", "text", "weight", "kind", "verifier", "options", "critique_prompt",
                                "parent", "retired"}]}]}

Editor, API, snapshots and versions all speak it. `key` is an item's identity over versions, `parent` the key of the
retired item it was split from.
"""

import math
from dataclasses import asdict, dataclass, field
from uuid import UUID, uuid4

from annotation import verifiers
from annotation.rubric_scores import normalised, sums_to_one

VERIFIABLE, NON_VERIFIABLE = "verifiable", "non_verifiable"
KINDS = {VERIFIABLE: "Verifiable", NON_VERIFIABLE: "Non-verifiable"}
MOST_CATEGORIES, MOST_ITEMS = 20, 60
LONGEST = {"name": 80, "text": 2_000, "critique_prompt": 20_000, "generation_prompt": 20_000,
           "improvement_prompt": 20_000}  # fmt: skip


class InvalidRubric(ValueError):
    """`problems`: every mistake as {"path", "message"}."""

    def __init__(self, problems: list[dict]):
        super().__init__("; ".join(problem["message"] for problem in problems))
        self.problems = problems


@dataclass(frozen=True)
class Part:
    """An item of a version."""

    key: str
    text: str
    weight: float
    kind: str = NON_VERIFIABLE
    verifier: str = ""
    options: dict = field(default_factory=dict)
    critique_prompt: str = ""
    parent: str | None = None
    retired: bool = False


@dataclass(frozen=True)
class Category:
    name: str
    generation_prompt: str
    improvement_prompt: str
    items: tuple[Part, ...]

    @property
    def active(self) -> list[Part]:
        return [item for item in self.items if not item.retired]


Categories = tuple[Category, ...]


def document(categories: Categories) -> dict:
    return {"categories": [asdict(category) | {"items": [asdict(item) for item in category.items]}
                           for category in categories]}  # fmt: skip


def read(given: dict) -> Categories:
    """The categories of a document. Raises InvalidRubric naming every problem with its path."""
    return _Reading().categories(given)


class _Reading:
    """One document being read; collects what is wrong instead of stopping at the first."""

    def __init__(self):
        self.problems: list[dict] = []
        self.keys: set[str] = set()

    def wrong(self, path: str, message: str) -> None:
        self.problems.append({"path": path, "message": message})

    def categories(self, given) -> Categories:
        rows = given.get("categories") if isinstance(given, dict) else None
        if not isinstance(rows, list) or not rows:
            raise InvalidRubric([{"path": "categories", "message": "A rubric needs at least one category."}])
        if len(rows) > MOST_CATEGORIES:
            self.wrong("categories", f"A rubric has at most {MOST_CATEGORIES} categories.")
        found = tuple(self.category(f"categories.{at}", row) for at, row in enumerate(rows[:MOST_CATEGORIES]))
        names = [category.name for category in found]
        for at, name in enumerate(names):
            if name in names[:at]:
                said = f"Another category is called “{name}”." if name else "Only one category can be for all others."
                self.wrong(f"categories.{at}.name", said)
        if self.problems:
            raise InvalidRubric(self.problems)
        return found

    def category(self, path: str, row) -> Category:
        row = row if isinstance(row, dict) else {}
        self.unknown(path, row, {"name", "generation_prompt", "improvement_prompt", "items"})
        rows = row.get("items")
        rows = rows if isinstance(rows, list) else []
        if len(rows) > MOST_ITEMS:
            self.wrong(f"{path}.items", f"A category has at most {MOST_ITEMS} items, retired ones included.")
        items = tuple(self.item(f"{path}.items.{at}", item) for at, item in enumerate(rows[:MOST_ITEMS]))
        active = [item for item in items if not item.retired]
        if not active:
            self.wrong(f"{path}.items", "Give this category at least one item that is not retired.")
        elif not sums_to_one([item.weight for item in active]):
            whole = sum(item.weight for item in active)
            self.wrong(
                f"{path}.items",
                f"The weights sum to {whole:.3g}, and must sum to 1. Normalise keeps their proportions.",
            )
        retired = {item.key for item in items if item.retired}
        for at, item in enumerate(items):
            if item.parent and item.parent not in retired:
                self.wrong(f"{path}.items.{at}.parent", "An item can only be a part of a retired item of its category.")
        text = {name: self.text(f"{path}.{name}", row.get(name, "")) for name in
                ("name", "generation_prompt", "improvement_prompt")}  # fmt: skip
        return Category(items=items, **text)

    def item(self, path: str, row) -> Part:
        row = row if isinstance(row, dict) else {}
        self.unknown(path, row, set(Part.__dataclass_fields__))
        key = self.key(f"{path}.key", row.get("key")) or str(uuid4())
        if key in self.keys:
            self.wrong(f"{path}.key", "Two items have this key.")
        self.keys.add(key)
        text = self.text(f"{path}.text", row.get("text", ""))
        if not text:
            self.wrong(f"{path}.text", "Say what is scored.")
        retired = row.get("retired", False) is True
        kind = row.get("kind", NON_VERIFIABLE)
        if kind not in KINDS:
            self.wrong(f"{path}.kind", f"Must be one of {', '.join(KINDS)}.")
        name, options = self.verifier(path, row) if kind == VERIFIABLE else ("", {})
        return Part(
            key=key,
            text=text,
            weight=0.0 if retired else self.weight(f"{path}.weight", row.get("weight")),
            kind=kind,
            verifier=name,
            options=options,
            critique_prompt=self.text(f"{path}.critique_prompt", row.get("critique_prompt", "")),
            parent=self.key(f"{path}.parent", row.get("parent")),
            retired=retired,
        )

    def verifier(self, path: str, row: dict) -> tuple[str, dict]:
        name, entries = row.get("verifier") or "", verifiers.known()
        if name not in entries:
            there = ", ".join(entries) or "none here"
            self.wrong(f"{path}.verifier", f"A verifiable item needs a verifier; there are: {there}.")
            return "", {}
        given = row.get("options") or {}
        if not isinstance(given, dict):
            self.wrong(f"{path}.options", "Options must be an object.")
            return name, {}
        options, wrong = verifiers.read_options(entries[name], given)
        for option, message in wrong:
            self.wrong(f"{path}.options.{option}", message)
        return name, options

    def weight(self, path: str, given) -> float:
        try:
            value = float(given)
        except (TypeError, ValueError):
            value = math.nan
        if isinstance(given, bool) or not 0 <= value <= 1:
            self.wrong(path, "A weight is a number from 0 to 1.")
            return 0.0
        return value

    def text(self, path: str, given) -> str:
        name = path.rpartition(".")[2]
        if not isinstance(given, str):
            self.wrong(path, "Must be text.")
            return ""
        if len(given) > LONGEST[name]:
            self.wrong(path, f"At most {LONGEST[name]:,} characters.")
        if "\x00" in given:
            self.wrong(path, "Holds a character that cannot be stored.")
        return given.replace("\r\n", "\n").strip()

    def key(self, path: str, given) -> str | None:
        if given in (None, ""):
            return None
        try:
            return str(UUID(str(given)))
        except ValueError:
            self.wrong(path, "A key is a UUID; leave it out for a new item.")
            return None

    def unknown(self, path: str, row: dict, names: set[str]) -> None:
        for name in row.keys() - names:
            self.wrong(f"{path}.{name}", "There is no such field.")


def with_normalised_weights(given: dict) -> dict:
    """The document as it was given, with the weights of each category's active items scaled to sum to one."""
    return {**given, "categories": [_scaled(row) for row in given.get("categories", [])]}


def _scaled(row: dict) -> dict:
    active = [item for item in row.get("items", []) if not item.get("retired")]
    weights = iter(normalised([number(item.get("weight")) for item in active]))
    items = [item if item.get("retired") else {**item, "weight": next(weights)} for item in row.get("items", [])]
    return {**row, "items": items}


def number(given) -> float:
    try:
        value = float(given)
    except (TypeError, ValueError):
        return 0.0
    return value if math.isfinite(value) else 0.0


def split(categories: Categories, key: str, parts: list[dict]) -> dict:
    """A document in which the item `key` is retired and `parts` stand after it, sharing its weight.

    A part is text, kind, verifier, options, critique_prompt, and `share`: how much of the item's weight it takes, in
    proportion to the others. Raises KeyError if there is no such item to split.
    """
    told = document(categories)
    for row in told["categories"]:
        for at, item in enumerate(row["items"]):
            if item["key"] == key and not item["retired"]:
                row["items"][at : at + 1] = [{**item, "retired": True, "weight": 0.0}, *_parts(item, parts)]
                return told
    raise KeyError(key)


def _parts(item: dict, parts: list[dict]) -> list[dict]:
    shares = normalised([number(part.get("share", 1)) for part in parts], digits=9)
    return [
        {name: value for name, value in part.items() if name != "share"}
        | {"weight": round(item["weight"] * share, 6), "parent": item["key"]}
        for part, share in zip(parts, shares, strict=True)
    ]


def category_for(categories, name: str):
    """Whichever of `categories` scores prompts of the category `name`: its own, else the one for all others."""
    by_name = {category.name: category for category in categories}
    return by_name.get(name) or by_name.get("")
