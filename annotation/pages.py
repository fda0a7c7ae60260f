"""Page or part: the one function that decides. A part is a template partial named like the element it replaces."""

from collections.abc import Callable, Mapping

from django.shortcuts import render


def page_or_part(request, template: str, parts: Mapping[str, Callable[[], dict]], *, status: int = 200, **context):
    """The part that htmx asks for (by its target), with only the context that part needs; else the whole page."""
    wanted = request.htmx.target if request.htmx and not request.htmx.history_restore_request else None
    if wanted in parts:
        return render(request, f"{template}#{wanted}", {**context, **parts[wanted]()}, status=status)
    for make in parts.values():
        context |= make()
    return render(request, template, context, status=status)
