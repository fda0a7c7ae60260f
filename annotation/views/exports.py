"""Exports of everything: asked for, watched, downloaded."""

from django.contrib import messages
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from annotation.access import Permission, project_for
from annotation.errors import Refused
from annotation.forms.exports import ExportForm
from annotation.pages import page_or_part
from annotation.selectors import exports as selected
from annotation.services import exports

SHOWN = 30


@require_http_methods(["GET", "HEAD", "POST"])
def export_list(request, slug):
    project = project_for(request.user, slug, Permission.EXPORT)
    form = ExportForm(request.POST or None, names=selected.may_see_names(project))
    if form.is_valid():
        exports.create_export(project, by=request.user, **form.values())
        messages.success(request, "A worker writes it now; you can go on with something else.")
        return redirect("annotation:exports", slug=slug)
    found = list(selected.exports(project)[:SHOWN])
    page = {
        "project": project,
        "section": "data",
        "form": form,
        "exports": found,
        "kept_days": exports.KEPT.days,
        "busy": any(row.state in ("queued", "writing") for row in found),
    }
    return page_or_part(request, "annotation/exports.html", {"list": lambda: page}, status=422 if form.errors else 200)


def _export(request, slug, pk):
    project = project_for(request.user, slug, Permission.EXPORT)
    return get_object_or_404(selected.exports(project), pk=pk)


@require_safe
def export_download(request, slug, pk):
    export = _export(request, slug, pk)
    path = selected.ready_file(export)
    if path is None:
        raise Http404("This archive is not there: it is not ready, or was removed. Ask for a new export.")
    if request.method == "GET":
        exports.note_download(export, by=request.user)
    return FileResponse(path.open("rb"), as_attachment=True, filename=f"{slug}-{path.name}")


@require_POST
def export_retry(request, slug, pk):
    export = _export(request, slug, pk)
    try:
        exports.retry_export(export, by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("annotation:exports", slug=slug)


@require_POST
def export_remove(request, slug, pk):
    export = _export(request, slug, pk)
    try:
        exports.remove_export(export, by=request.user)
        messages.success(request, "The archive was removed from the disk.")
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("annotation:exports", slug=slug)
