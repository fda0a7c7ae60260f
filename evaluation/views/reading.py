"""Reading: all answers to one prompt side by side, blind where a vote still waits."""

from django.http import Http404, HttpRequest
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from annotation.access import Permission
from annotation.rendering import render as prose
from evaluation.access import comparison_for
from evaluation.marking import marked
from evaluation.selectors.reading import Reading, reading
from evaluation.selectors.sight import named_prompts, sight_of


@never_cache
@require_safe
def read(request: HttpRequest, slug: str, pk: int):
    """`?prompt=<number>` from 1."""
    found = comparison_for(request.user, slug, pk, Permission.DATA_VIEW)
    sight = sight_of(found, request.user)
    number = request.GET.get("prompt", "1")
    shown = None
    if number.isdecimal() and len(number) < 10:
        named = named_prompts(found, request.user, sight)
        shown = reading(found, request.user, number=int(number), named=named)
    if shown is None and number != "1":
        raise Http404("No such prompt.")
    page = {"project": found.project, "section": "compare", "comparison": found, "sight": sight, "reading": shown}
    if shown:
        page["sheets"] = list(zip(shown.answers, _htmls(shown), strict=True))
    return render(request, "evaluation/read.html", page)


def _htmls(shown: Reading) -> list[str]:
    """Two answers carry marks; of more, each is marked where it differs from A, and A is not."""
    htmls = [prose(answer.completion.text) for answer in shown.answers]
    if len(htmls) == 2:
        return marked([("a", htmls[0]), ("b", htmls[1])])
    if len(htmls) < 2:
        return htmls
    letters = [answer.letter for answer in shown.answers[1:]]
    others = zip(letters, htmls[1:], strict=True)
    return [htmls[0], *(marked([("a", htmls[0]), (letter, html)])[1] for letter, html in others)]
