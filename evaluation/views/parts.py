"""Page or part: the one place that decides."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def page_or_part(request: HttpRequest, template: str, context: dict, *, part: str, status: int = 200) -> HttpResponse:
    """The whole page, or only the element `part` where htmx asked to swap that. Parts are named as their element."""
    asked = request.htmx and request.htmx.target == part
    return render(request, f"{template}#{part}" if asked else template, context, status=status)
