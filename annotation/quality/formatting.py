"""How much a text is formatted: markdown marks counted. Pure."""

import re

_MARKS = re.compile(
    r"""^\s{0,3}\#{1,6}\s            # a heading
      | ^\s*(?:[-*+]|\d{1,3}[.)])\s  # a list item
      | ^\s*(?:```|~~~)              # a fence
      | ^\s*\|.*\|\s*$               # a row of a table
      | ^\s{0,3}>\s                  # a quotation
      | \*\*[^*\n]+\*\*              # bold
      | `[^`\n]+`                    # code
    """,
    re.MULTILINE | re.VERBOSE,
)


def marks(text: str) -> int:
    """Headings, list items, fences, table rows, quotations, bold and code spans."""
    return sum(1 for _ in _MARKS.finditer(text))
