"""Where everybody lands."""

from django.shortcuts import render

from annotation.access import projects_of


def home(request):
    return render(request, "annotation/home.html", {"memberships": projects_of(request.user)})
