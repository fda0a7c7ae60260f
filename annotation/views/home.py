"""Where everybody lands."""

from django.shortcuts import render
from django.views.decorators.http import require_safe

from annotation.access import projects_of


@require_safe
def home(request):
    return render(request, "annotation/home.html", {"memberships": projects_of(request.user)})
