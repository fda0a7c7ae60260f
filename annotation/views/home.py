"""Where everybody lands."""

from django.shortcuts import render
from django.views.decorators.http import require_safe

from annotation.access import projects_of
from annotation.selectors.work import only_annotates
from annotation.views.work import work


@require_safe
def home(request):
    """Annotators go on labelling; everybody else sees their projects."""
    if only_annotates(request.user):
        return work(request)
    return render(request, "annotation/home.html", {"memberships": projects_of(request.user)})
