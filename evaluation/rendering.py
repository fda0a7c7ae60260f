"""Answers side by side as harmless HTML, with marks on the words that only one side has."""

from collections.abc import Sequence

from django.utils.safestring import SafeString, mark_safe

from annotation.rendering import render
from evaluation.marking import marked

LETTERS = "abcd"


def side_by_side(texts: Sequence[str]) -> list[SafeString]:
    """Two texts carry marks each; of more, every one is marked where it differs from the first, and that is not."""
    htmls = [render(text) for text in texts]
    if len(htmls) == 2:
        htmls = marked(list(zip(LETTERS, htmls, strict=False)))
    else:
        others = zip(LETTERS[1:], htmls[1:], strict=False)
        htmls = [*htmls[:1], *(marked([("a", htmls[0]), other])[1] for other in others)]
    # Safe: sanitised by `render`; `marked` takes it apart and puts it together again, its text escaped anew.
    return [mark_safe(html) for html in htmls]  # noqa: S308
