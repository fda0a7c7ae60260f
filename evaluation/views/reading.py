"""Reading: all answers to one prompt side by side, blind where a vote still waits."""

from django.http import Http404, HttpRequest
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from annotation.access import Permission
from evaluation.access import comparison_for
from evaluation.rendering import side_by_side
from evaluation.selectors.reading import reading
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
        htmls = side_by_side([answer.completion.text for answer in shown.answers])
        page["sheets"] = list(zip(shown.answers, htmls, strict=True))
    return render(request, "evaluation/read.html", page)
