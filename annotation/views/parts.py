"""Page or part: the one place that decides, for every view of the site that swaps fragments."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def page_or_part(
    request: HttpRequest, template: str, context: dict, *, parts: tuple[str, ...], status: int = 200
) -> HttpResponse:
    """The whole page, or the one element of `parts` that htmx asked to swap. Parts are named as their element."""
    wanted = request.htmx.target if request.htmx else None
    name = f"{template}#{wanted}" if wanted in parts else template
    return render(request, name, context, status=status)
