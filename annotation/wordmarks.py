"""Which words of two texts only one side has, and what an edit changed. Pure: no Django, no torch.

Compared as word sequences (longest common subsequence by blocks), without regard to case and to punctuation at a word's
ends, so that "shed," and "shed" are the same word. A lone common small word between two differing stretches is no
anchor: marks that break at every "the" cannot be read.
"""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise

WORD = re.compile(r"\w[\w'’-]*|[^\w\s]", re.UNICODE)
TOKEN = re.compile(r"\s+|[^\s]+")
# In words. The comparison is quadratic at worst: longer texts stay unmarked rather than hold up the page.
LONGEST = 4000


@dataclass(frozen=True, slots=True)
class Span:
    """Characters [start, end) of a text."""

    start: int
    end: int


def differences(first: str, second: str) -> tuple[list[Span], list[Span]]:
    """The stretches that only `first` has, and those that only `second` has, in order, not touching each other."""
    left, right = list(WORD.finditer(first)), list(WORD.finditer(second))
    if len(left) > LONGEST or len(right) > LONGEST:
        return [], []
    matcher = SequenceMatcher(
        None, [word.group().casefold() for word in left], [word.group().casefold() for word in right], autojunk=False
    )
    blocks = _anchors(matcher.get_matching_blocks(), left)
    return _rest(left, [(a, a + size) for a, _, size in blocks]), _rest(right, [(b, b + size) for _, b, size in blocks])


def _anchors(blocks, words) -> list[tuple[int, int, int]]:
    """Common stretches worth standing on: two words, or one of four letters or more."""
    kept = []
    for a, b, size in blocks[:-1]:
        texts = [words[a + step].group() for step in range(size)]
        letters = [text for text in texts if text[0].isalnum()]
        if len(letters) >= 2 or any(len(text) >= 4 for text in letters) or (a == 0 and b == 0):
            kept.append((a, b, size))
    return [*kept, tuple(blocks[-1])]


def _rest(words, common: list[tuple[int, int]]) -> list[Span]:
    """What lies between the common stretches, as characters. Punctuation at the edges is not worth a mark."""
    spans = []
    for (_, start), (end, _) in pairwise([(0, 0), *common]):
        own = [word for word in words[start:end] if word.group()[0].isalnum()]
        if own:
            spans.append(Span(own[0].start(), own[-1].end()))
    return spans


@dataclass(frozen=True, slots=True)
class Change:
    """A stretch of an edited text: `kind` is "same", "out" (only before) or "in" (only after)."""

    kind: str
    text: str


def changes(before: str, after: str) -> list[Change]:
    """What an edit did, word by word: the stretches without `in` give `before` back, those without `out` `after`."""
    old, new = TOKEN.findall(before), TOKEN.findall(after)
    if max(len(old), len(new)) > 2 * LONGEST:
        return [part for part in (Change("out", before), Change("in", after)) if part.text]
    made = []
    for _, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if old[a:b] == new[c:d]:
            made.append(Change("same", "".join(old[a:b])))
            continue
        made += [Change("out", "".join(old[a:b])), Change("in", "".join(new[c:d]))]
    return [part for part in made if part.text]
