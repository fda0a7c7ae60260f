"""Where everybody lands: annotators on their labelling, everybody else on the projects."""

from django.shortcuts import render
from django.views.decorators.http import require_safe

from annotation.access import Permission, projects_with_rights
from annotation.loop import loops, waiting_for
from annotation.models import Role
from annotation.selectors.overview import headlines
from annotation.selectors.work import only_annotates
from annotation.views.work import work


@require_safe
def home(request):
    """Annotators go on labelling; everybody else sees their projects."""
    if only_annotates(request.user):
        return work(request)
    projects = projects_with_rights(request.user)
    seen = [project for project in projects if Permission.PROJECT_VIEW.name in project.may]
    stations, facts = loops(seen), headlines(seen)
    page = {
        "section": "projects",
        "projects": [(project, stations[project.pk], facts[project.pk]) for project in seen],
        "labelling": [project for project in projects if project.role == Role.ANNOTATOR],
        "waiting": waiting_for(request.user, seen),
        "may_create": request.user.has_perm("annotation.create_project"),
    }
    return render(request, "annotation/home.html", page)
