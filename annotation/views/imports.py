"""Importing: the form, and the page of one import while it is read and after."""

from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from annotation.access import Permission, project_for
from annotation.errors import Refused
from annotation.forms.imports import ImportForm
from annotation.importers import FORMATS
from annotation.pages import page_or_part
from annotation.selectors import data
from annotation.services.imports import start_import


@require_http_methods(["GET", "HEAD", "POST"])
def import_new(request, slug):
    project = project_for(request.user, slug, Permission.DATA_MANAGE)
    initial = {"format": request.GET.get("format") if request.GET.get("format") in FORMATS else "pairs"}
    form = ImportForm(request.POST or None, request.FILES or None, initial=initial)
    status = 422 if form.errors else 200
    if request.method == "POST" and form.is_valid():
        try:
            job = start_import(project, by=request.user, **form.cleaned_data)
        except Refused as refusal:
            form.refuse(refusal)
            status = refusal.status
        else:
            return redirect("annotation:import", slug=slug, pk=job.pk)
    page = {"project": project, "section": "data", "form": form, "formats": FORMATS.values()}
    return render(request, "annotation/import_new.html", page, status=status)


@require_safe
def import_page(request, slug, pk):
    project = project_for(request.user, slug, Permission.DATA_VIEW)
    job = data.imports(project).filter(pk=pk).select_related("created_by").first()
    if job is None:
        raise Http404("There is no such import in this project.")
    left_out = {key.removeprefix("left out: "): n for key, n in job.counts.items() if key.startswith("left out: ")}
    page = {
        "project": project,
        "section": "data",
        "job": job,
        "format": FORMATS.get(job.format),
        "left_out": left_out,
        "share": round(100 * job.rows_done / job.rows_total) if job.rows_total else None,
        "ahead": data.imports(project).filter(state__in=("queued", "reading"), pk__lt=pk).count(),
    }
    return page_or_part(request, "annotation/import.html", {"progress": lambda: page})
