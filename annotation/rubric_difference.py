"""What changed from one version of a rubric to another: items added, taken out, reworded, weighed anew. Pure.

Items are the same where their key is. Two texts are compared word by word; `marked` cuts a text at what only it has.
"""

from dataclasses import dataclass

from annotation.rubric_document import Categories, Part
from annotation.wordmarks import Span, differences


@dataclass(frozen=True)
class Stretch:
    """A piece of a text; `own` where only this text has it."""

    text: str
    own: bool


@dataclass(frozen=True)
class Change:
    """One item in both versions. `kind` is what a reader looks for first."""

    kind: str  # added, removed, retired, split, changed
    category: str
    before: Part | None
    after: Part | None
    fields: tuple[str, ...] = ()
    texts: tuple["TextChange", ...] = ()

    @property
    def item(self) -> Part:
        return self.after or self.before


@dataclass(frozen=True)
class TextChange:
    """A text that reads differently, both ways marked. `category` is said where the text belongs to no item."""

    field: str
    old: tuple[Stretch, ...]
    new: tuple[Stretch, ...]
    category: str = ""


@dataclass(frozen=True)
class Difference:
    items: tuple[Change, ...]
    prompts: tuple[TextChange, ...]
    unchanged: int

    def __bool__(self) -> bool:
        return bool(self.items or self.prompts)


_FIELDS = ("text", "weight", "kind", "verifier", "options", "critique_prompt")
_TEXTS = ("text", "critique_prompt")
_PROMPTS = ("generation_prompt", "improvement_prompt")


def difference(old: Categories, new: Categories) -> Difference:
    before, after = _by_key(old), _by_key(new)
    changes, unchanged = [], 0
    for key in [*after, *(key for key in before if key not in after)]:
        change = _change(before.get(key), after.get(key), after)
        if change:
            changes.append(change)
        elif key in after and not after[key][1].retired:
            unchanged += 1
    return Difference(tuple(changes), tuple(_prompts(old, new)), unchanged)


def marked(old: str, new: str) -> tuple[tuple[Stretch, ...], tuple[Stretch, ...]]:
    """Both texts, cut at the stretches that only one of them has."""
    left, right = differences(old, new)
    return _cut(old, left), _cut(new, right)


def _by_key(categories: Categories) -> dict[str, tuple[str, Part]]:
    return {item.key: (category.name, item) for category in categories for item in category.items}


def _change(before, after, all_after) -> Change | None:
    if before is None:
        category, item = after
        return None if item.retired else Change("added", category, None, item)
    if after is None:
        category, item = before
        return None if item.retired else Change("removed", category, item, None)
    (old_category, old), (category, new) = before, after
    if new.retired and not old.retired:
        was_split = any(part.parent == new.key for _, part in all_after.values())
        return Change("split" if was_split else "retired", category, old, new)
    fields = tuple(name for name in _FIELDS if getattr(old, name) != getattr(new, name))
    if old_category != category:
        fields = (*fields, "category")
    if old.retired and not new.retired:
        fields = (*fields, "retired")
    if not fields:
        return None
    texts = tuple(
        TextChange(name, *marked(getattr(old, name), getattr(new, name))) for name in _TEXTS if name in fields
    )
    return Change("changed", category, old, new, fields, texts)


def _prompts(old: Categories, new: Categories):
    before = {category.name: category for category in old}
    for category in new:
        was = before.get(category.name)
        for name in _PROMPTS:
            words, said = getattr(was, name, ""), getattr(category, name)
            if words != said:
                yield TextChange(name, *marked(words, said), category=category.name)


def _cut(text: str, spans: list[Span]) -> tuple[Stretch, ...]:
    pieces, at = [], 0
    for span in spans:
        pieces += [Stretch(text[at : span.start], own=False), Stretch(text[span.start : span.end], own=True)]
        at = span.end
    return tuple(piece for piece in [*pieces, Stretch(text[at:], own=False)] if piece.text)
