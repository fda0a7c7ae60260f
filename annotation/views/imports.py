"""Importing: the upload, the look at its first rows, and the page of one import while it is read and after."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from annotation.access import Permission, project_for
from annotation.errors import Refused
from annotation.forms.imports import COLUMN, RECOGNISE, ConfirmForm, ImportForm
from annotation.importers import COLUMNS, FORMATS
from annotation.importers.format import GROUPS
from annotation.models import ImportJob
from annotation.pages import page_or_part
from annotation.selectors import data
from annotation.selectors.tasks import open_tasks
from annotation.services.import_proposals import confirm_import, drop_import, look, propose_import
from annotation.services.imports import start_import


@require_http_methods(["GET", "HEAD", "POST"])
def import_new(request, slug):
    project = project_for(request.user, slug, Permission.DATA_MANAGE)
    initial = {"format": request.GET.get("format") if request.GET.get("format") in FORMATS else RECOGNISE}
    form = ImportForm(request.POST or None, request.FILES or None, initial=initial, tasks=open_tasks(project))
    status = 422 if form.errors else 200
    if request.method == "POST" and form.is_valid():
        try:
            job = _begin(project, request.user, form.cleaned_data)
        except Refused as refusal:
            form.refuse(refusal)
            status = refusal.status
        else:
            return redirect("annotation:import", slug=slug, pk=job.pk)
    groups = [(title, [one for one in FORMATS.values() if one.group == group and one.name != COLUMNS])
              for group, title in GROUPS.items()]  # fmt: skip
    page = {"project": project, "section": "data", "form": form, "groups": groups}
    return render(request, "annotation/import_new.html", page, status=status)


def _begin(project, user, chosen: dict) -> ImportJob:
    """A format that was named is imported at once; one to be recognised, or a table, is looked at first."""
    format, files, name = (chosen.pop(key) for key in ("format", "files", "name"))
    if format in (RECOGNISE, COLUMNS):
        return propose_import(project, by=user, name=name, files=files)
    return start_import(project, by=user, format=format, name=name, files=files, **chosen)


@require_safe
def import_page(request, slug, pk):
    project = project_for(request.user, slug, Permission.DATA_VIEW)
    job = _job(project, pk)
    if job.state == ImportJob.State.PROPOSED:
        return _looked(request, project, job)
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


def _job(project, pk: int) -> ImportJob:
    job = data.imports(project).filter(pk=pk).select_related("created_by").first()
    if job is None:
        raise Http404("There is no such import in this project.")
    return job


def _looked(request, project, job: ImportJob, *, chosen: dict | None = None, form=None, status: int = 200):
    """The page of an upload that waits to be confirmed: why this format, and its first rows as they will look.

    `chosen` is what stands in the form now; `form` one that was refused.
    """
    form = form or _form(project, job, initial=chosen)
    format, mapping = form["format"].value(), form.mapping()
    blank = format not in FORMATS or (format == COLUMNS and not mapping.get("prompt"))
    proposed, rows, fault = look(job, job.format if blank else format, None if blank else mapping, show=not blank)
    page = {
        "project": project,
        "section": "data",
        "job": job,
        "form": form,
        "format": FORMATS.get(format),
        "proposed": proposed,
        "proposed_format": FORMATS.get(proposed.format),
        "rows": rows,
        "fault": fault,
    }
    return page_or_part(request, "annotation/import_look.html", {"look": lambda: page}, status=status)


def _form(project, job: ImportJob, posted=None, initial: dict | None = None) -> ConfirmForm:
    proposed, _, _ = look(job, job.format, show=False)
    first = {"format": job.format, "name": job.name}
    first |= {f"{COLUMN}{role}": name for role, name in (proposed.mapping or {}).items()}
    return ConfirmForm(posted, initial=first if initial is None else initial, names=proposed.columns,
                       tasks=open_tasks(project))  # fmt: skip


@require_POST
def import_look(request, slug, pk):
    """The first rows again, under another format or other columns; nothing is kept."""
    project = project_for(request.user, slug, Permission.DATA_MANAGE)
    job = _job(project, pk)
    if job.state != ImportJob.State.PROPOSED:
        return redirect("annotation:import", slug=slug, pk=pk)
    return _looked(request, project, job, chosen=request.POST.dict())


@require_POST
def import_confirm(request, slug, pk):
    project = project_for(request.user, slug, Permission.DATA_MANAGE)
    job = _job(project, pk)
    if job.state != ImportJob.State.PROPOSED:
        messages.warning(request, "This upload was confirmed already.")
        return redirect("annotation:import", slug=slug, pk=pk)
    form = _form(project, job, request.POST)
    if not form.is_valid():
        return _looked(request, project, job, form=form, status=422)
    try:
        confirm_import(job, by=request.user, format=form.cleaned_data["format"], name=form.cleaned_data["name"],
                       **form.options())  # fmt: skip
    except Refused as refusal:
        form.refuse(refusal)
        return _looked(request, project, job, form=form, status=refusal.status)
    return redirect("annotation:import", slug=slug, pk=pk)


@require_POST
def import_drop(request, slug, pk):
    project = project_for(request.user, slug, Permission.DATA_MANAGE)
    job = _job(project, pk)
    try:
        drop_import(job)
    except Refused as refusal:
        messages.warning(request, str(refusal))
        return redirect("annotation:import", slug=slug, pk=pk)
    messages.success(request, "The upload was removed. Nothing was imported.")
    return redirect("annotation:import-new", slug=slug)
