"""The catalogue: methods as cards, and a page for each."""

from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_safe

from annotation.access import GRANTS, Permission, projects_of
from training import catalogue


@require_safe
def methods(request):
    return render(request, "training/methods.html", {"section": "methods", "families": catalogue.families()})


@require_safe
def method(request, name: str):
    entry = catalogue.method(name)
    if entry is None:
        raise Http404("No such method.")
    places = [row.project for row in projects_of(request.user) if Permission.RUN_MANAGE in GRANTS[row.role]]
    panels = catalogue.panels([name])
    return render(
        request, "training/method.html", {"section": "methods", "method": entry, "places": places, "panels": panels}
    )
