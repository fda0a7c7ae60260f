"""A project's page, a new project, its settings."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_http_methods, require_safe

from annotation.access import Permission, project_for
from annotation.errors import Refused
from annotation.forms.projects import ProjectForm, SettingsForm
from annotation.loop import loops, waiting_for
from annotation.selectors import data
from annotation.selectors.overview import headlines
from annotation.selectors.tasks import tasks_of
from annotation.services import projects

FORM = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def project_page(request, slug):
    project = project_for(request.user, slug, Permission.MEMBER)
    if Permission.PROJECT_VIEW.name not in project.may:  # an annotator's project is the labelling
        return redirect(_labelling(slug))
    page = {
        "project": project,
        "section": "projects",
        "stations": loops([project])[project.pk],
        "facts": headlines([project])[project.pk],
        "waiting": waiting_for(request.user, [project]),
        "counts": data.counts(project),
        "tasks": tasks_of(project),
    }
    return render(request, "annotation/project.html", page)


def _labelling(slug: str) -> str:
    try:
        return reverse("annotation:label", args=[slug])
    except NoReverseMatch:
        return reverse("annotation:guide", args=[slug])


@FORM
def project_new(request):
    if not request.user.has_perm("annotation.create_project"):
        raise PermissionDenied("Creating projects is a permission of its own; an administrator can give it to you.")
    form = ProjectForm(request.POST or None)
    if form.is_valid():
        try:
            project = projects.create_project(by=request.user, task=form.task(), **form.project())
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{project.name} is there. Import what is to be judged, then invite people.")
            return redirect("annotation:project", slug=project.slug)
    page = {"section": "projects", "form": form}
    return render(request, "annotation/project_new.html", page, status=422 if form.errors else 200)


@FORM
def project_settings(request, slug):
    project = project_for(request.user, slug, Permission.PROJECT_MANAGE)
    form = SettingsForm(request.POST or None, instance=project)
    if form.is_valid():
        if changed := form.changed():
            projects.change_settings(project, by=request.user, **changed)
        messages.success(request, "Saved." if changed else "Nothing was changed.")
        return redirect("annotation:settings", slug=slug)
    page = {"project": project, "section": "projects", "form": form}
    return render(request, "annotation/settings.html", page, status=422 if form.errors else 200)
