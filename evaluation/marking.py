"""Marks in rendered answers: the words that only one side has. Pure: no Django, no torch.

Works on HTML that is already sanitised. Tags are passed through as they are, text is escaped again, and a mark never
reaches over a tag, so nothing can be opened or closed that was not. Compared is what the reader sees, not markdown.
"""

from collections.abc import Sequence
from html import escape
from html.parser import HTMLParser

from annotation.wordmarks import Span, differences

GAP = "\n"  # between two texts, so that no word reaches over a tag


class _Pieces(HTMLParser):
    """The HTML as a list of [is_text, content]; text unescaped."""

    def __init__(self, html: str):
        super().__init__(convert_charrefs=True)
        self.pieces: list[tuple[bool, str]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):  # noqa: ARG002 (the parser calls it so)
        self.pieces.append((False, self.get_starttag_text()))

    handle_startendtag = handle_starttag

    def handle_endtag(self, tag):
        self.pieces.append((False, f"</{tag}>"))

    def handle_data(self, data):
        self.pieces.append((True, data))


def marked(sides: Sequence[tuple[str, str]]) -> list[str]:
    """The HTML of two sides, (letter, html) each, with what only that side has in <mark data-side="letter">."""
    (_, first), (_, second) = sides
    pieces = [_Pieces(first).pieces, _Pieces(second).pieces]
    found = differences(*(GAP.join(text for is_text, text in own if is_text) for own in pieces))
    return [_written(own, spans, side) for own, spans, (side, _) in zip(pieces, found, sides, strict=True)]


def _written(pieces: list[tuple[bool, str]], spans: list[Span], side: str) -> str:
    out, at = [], 0
    for is_text, content in pieces:
        if not is_text:
            out.append(content)
            continue
        out.append(_with_marks(content, at, spans, side))
        at += len(content) + len(GAP)
    return "".join(out)


def _with_marks(text: str, at: int, spans: list[Span], side: str) -> str:
    """`text`, which starts at `at` of the whole, escaped, with its share of the spans marked."""
    out, last = [], 0
    for span in spans:
        start, end = max(0, span.start - at), min(len(text), span.end - at)
        own = text[start:end] if start < end else ""
        if not own.strip():
            continue
        start += len(own) - len(own.lstrip())
        end -= len(own) - len(own.rstrip())
        out += [escape(text[last:start]), f'<mark data-side="{side}">', escape(text[start:end]), "</mark>"]
        last = end
    return "".join([*out, escape(text[last:])])
