"""The guide that annotators read, in its versions."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from annotation.access import Permission, project_for
from annotation.errors import Refused
from annotation.forms.projects import GuideForm
from annotation.services.projects import add_instruction


@require_safe
def guide(request, slug, number=None):
    project = project_for(request.user, slug, Permission.MEMBER)
    versions = list(project.instructions.order_by("-number").select_related("created_by"))
    shown = next((version for version in versions if number in (None, version.number)), None)
    if number and shown is None:
        raise Http404(f"There is no version {number} of this guide.")
    page = {
        "project": project,
        "section": "projects",
        "versions": versions,
        "shown": shown,
        "newest": bool(versions) and shown == versions[0],
    }
    return render(request, "annotation/guide.html", page)


@require_http_methods(["GET", "HEAD", "POST"])
def guide_edit(request, slug):
    project = project_for(request.user, slug, Permission.PROJECT_MANAGE)
    newest = project.instructions.order_by("-number").first()
    form = GuideForm(request.POST or None, initial={"text": newest.text if newest else ""})
    if form.is_valid():
        try:
            version = add_instruction(project, by=request.user, **form.cleaned_data)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, f"Version {version.number} is what annotators read from now on.")
            return redirect("annotation:guide", slug=slug)
    page = {"project": project, "section": "projects", "form": form, "newest": newest}
    return render(request, "annotation/guide_edit.html", page, status=422 if form.errors else 200)
