"""Where a text is cut into steps: by its numbers, blank lines, lines, sentences, or a mark that the data sets. Pure.

A cut loses nothing: joining the steps gives the text back, character for character. What stands in a fence, a display
formula or an environment is never cut.
"""

import re
from collections.abc import Iterable
from itertools import pairwise

RULES = {
    "numbered": "At its numbers: “1.”, “2)”, “Step 3:”",
    "blank": "At blank lines",
    "line": "At every line",
    "sentence": "At every sentence",
    "mark": "Where the data says, at a mark",
}
MOST = 200  # steps; what comes after is one with the last

_WHOLE = re.compile(
    r"^(?P<fence>```|~~~).*?^(?P=fence)[^\n]*$|\$\$.+?\$\$|\\\[.+?\\\]|\\begin\{(?P<name>\w+\*?)\}.+?\\end\{(?P=name)\}",
    re.DOTALL | re.MULTILINE,
)
_NUMBER = re.compile(r"^[ \t]*(?:\*\*|#{1,6} )?(?:step[ \t]+)?\d{1,3}[.):](?!\d)", re.IGNORECASE | re.MULTILINE)
_LINE = re.compile(r"\n+(?=[^\n])")
_BLANK = re.compile(r"\n[ \t]*\n\s*(?=\S)")
_SENTENCE = re.compile(r"[.!?…]+[\"'”’)\]]*\s+(?=[\"'“‘(\[]*[A-Z0-9\\$])|\n+(?=[^\n])|[。！？]+\s*(?=\S)")
_NO_END = re.compile(r"(?:^|\s)(?:\d{1,3}|[A-Za-z]|e\.g|i\.e|cf|vs|Mr|Mrs|Ms|Dr|Prof|Eq|Fig|No|approx|resp)\.$")


def cut(text: str, rule: str, mark: str = "") -> list[str]:
    """The steps of `text`, in order; none of an empty text. A text without numbers is cut at its lines."""
    return list(sliced(text, ends(text, rule, mark)))


def ends(text: str, rule: str, mark: str = "") -> list[int]:
    """The positions right after each step. Raises KeyError for a rule there is not."""
    if not text:
        return []
    whole = [found.span() for found in _WHOLE.finditer(text)]
    places = sorted({at for at in _PLACES[rule](text, mark) if not any(low < at < high for low, high in whole)})
    kept, before = [], 0
    for at in places:
        if text[before:at].strip() and text[at:].strip():
            kept.append(at)
            before = at
    return [*kept[: MOST - 1], len(text)]


def sliced(text: str, at: Iterable[int]) -> Iterable[str]:
    """The stretches of `text` that end at these positions."""
    return (text[start:end] for start, end in pairwise([0, *at]))


def bare(step: str, mark: str = "") -> str:
    """A step as one reads it and trains on it: without the space and the mark around it."""
    step = step.strip()
    return step.removesuffix(mark).strip() if mark else step


def _numbers(text: str, _mark: str) -> list[int]:
    found = [hit.start() for hit in _NUMBER.finditer(text)]
    return found or _lines(text, "")


def _lines(text: str, _mark: str) -> list[int]:
    return [hit.end() for hit in _LINE.finditer(text)]


def _blanks(text: str, _mark: str) -> list[int]:
    return [hit.end() - len(_indent(text, hit.end())) for hit in _BLANK.finditer(text)]


def _indent(text: str, at: int) -> str:
    """The space before `at` on its line: it belongs to the step that begins there."""
    return re.search(r"[ \t]*$", text[:at])[0]


def _sentences(text: str, _mark: str) -> list[int]:
    return [
        hit.end()
        for hit in _SENTENCE.finditer(text)
        if "\n" in hit[0] or not _NO_END.search(text[max(0, hit.start() - 12) : hit.start() + 1])
    ]


def _marks(text: str, mark: str) -> list[int]:
    return [hit.end() for hit in re.finditer(re.escape(mark), text)] if mark else []


_PLACES = {"numbered": _numbers, "blank": _blanks, "line": _lines, "sentence": _sentences, "mark": _marks}
