"""What people type into a search box, and what a text is found by: words, alike for every database. Pure.

`water "tomato plants" -glass` finds texts with water and that phrase and without glass; the last word counts as a
beginning, so that results come while one types. Case and accents do not matter. Languages that write without spaces
are found by the beginning of a run of letters only.
"""

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

# Each column of the index with its weight in PostgreSQL. `marks` holds tags, each as one word.
COLUMNS = {"prompt": "A", "completions": "B", "comments": "C", "marks": "D"}
ANYWHERE = ("prompt", "completions", "comments")
LONGEST = 200_000  # characters of one column: what a tsvector can hold of any text
MOST_WORDS = 20
_PART = re.compile(r'(-?)(?:"([^"]*)"?|(\S+))')
_NO_WORD = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Query:
    """Phrases that must be there and phrases that must not; `begins`: the last word of the last one may go on."""

    wanted: tuple[tuple[str, ...], ...] = ()
    unwanted: tuple[tuple[str, ...], ...] = ()
    begins: bool = False

    def __bool__(self) -> bool:
        return bool(self.wanted)


def words_of(text: str) -> str:
    """The words of a text, without case and accents, between single spaces."""
    plain = unicodedata.normalize("NFKD", text[:LONGEST].casefold())
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return " ".join(word[:500] for word in _NO_WORD.sub(" ", letters).split())


def mark(tag: str) -> str:
    """A tag as one word, whatever it is made of."""
    return f"t{hashlib.sha256(tag.encode()).hexdigest()[:16]}"


def parse(text: str) -> Query:
    wanted, unwanted, begins = [], [], False
    for minus, quoted, bare in _PART.findall(text)[:MOST_WORDS]:
        words = tuple(words_of(quoted or bare).split())
        if words:
            (unwanted if minus else wanted).append(words)
            begins = not minus and bool(bare) and len(words[-1]) > 1
    return Query(tuple(wanted), tuple(unwanted), begins and not text.endswith(" "))


def to_fts5(query: Query, columns: Sequence[str]) -> str:
    """The query in SQLite's words. Only letters and digits reach it, so nothing needs escaping."""

    def phrase(words: tuple[str, ...], going_on: bool) -> str:
        return f'"{" ".join(words)}"' + (" *" if going_on else "")

    last = len(query.wanted) - 1
    wanted = " AND ".join(phrase(words, query.begins and at == last) for at, words in enumerate(query.wanted))
    unwanted = " OR ".join(phrase(words, False) for words in query.unwanted)
    asked = f"({wanted}) NOT ({unwanted})" if unwanted else wanted
    return f"{{{' '.join(columns)}}} : ({asked})"


def to_tsquery(query: Query, columns: Sequence[str]) -> str:
    """The query in PostgreSQL's words."""
    weights = "".join(COLUMNS[column] for column in columns)

    def phrase(words: tuple[str, ...], going_on: bool) -> str:
        ends = [""] * (len(words) - 1) + ["*" if going_on else ""]
        return "(" + " <-> ".join(f"{word}:{end}{weights}" for word, end in zip(words, ends, strict=True)) + ")"

    last = len(query.wanted) - 1
    wanted = [phrase(words, query.begins and at == last) for at, words in enumerate(query.wanted)]
    return " & ".join([*wanted, *(f"!{phrase(words, False)}" for words in query.unwanted)])
