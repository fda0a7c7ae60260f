"""Batches: named, dated pieces of the work, their figures side by side."""

from django.contrib import messages
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from annotation.access import Permission, project_for
from annotation.errors import Refused
from annotation.forms.batches import BatchForm
from annotation.selectors import batches as selected
from annotation.services import batches
from annotation.snapshot_format import text_digest

_KEPT_SECONDS = 60
FORM = require_http_methods(["GET", "HEAD", "POST"])


def figures(project) -> list:
    """Of every batch; of much work they may be a minute old."""
    rows = selected.batches_of(project)
    stamp = "-".join(f"{row.pk}.{row.since}.{row.until}.{row.title}" for row in rows)
    return cache.get_or_set(
        f"batches:{project.split_salt}:{text_digest(stamp)}",
        lambda: [selected.figures_of(row) for row in rows],
        _KEPT_SECONDS,
    )


@FORM
def batch_list(request, slug):
    project = project_for(request.user, slug, Permission.PROJECT_VIEW)
    may = Permission.DATA_MANAGE.name in project.may
    if request.method == "POST" and not may:
        raise PermissionDenied("Your role here does not include making batches.")
    form = BatchForm(request.POST or None)
    if form.is_valid():
        try:
            batch = batches.create_batch(project, by=request.user, **form.cleaned_data)
            messages.success(request, f"{batch.title} is there. Items are put into it in the browser.")
            return redirect("annotation:batches", slug=slug)
        except Refused as refusal:
            form.refuse(refusal)
    page = {"project": project, "section": "progress", "rows": figures(project), "form": form if may else None}
    return render(request, "annotation/batches.html", page, status=422 if form.errors else 200)


@FORM
def batch_change(request, slug, pk):
    project = project_for(request.user, slug, Permission.DATA_MANAGE)
    batch = get_object_or_404(project.batches, pk=pk)
    initial = {name: getattr(batch, name) for name in batches.FIELDS}
    form = BatchForm(request.POST or None, initial=initial)
    if form.is_valid():
        try:
            batches.change_batch(batch, by=request.user, **form.cleaned_data)
            messages.success(request, "Saved.")
            return redirect("annotation:batches", slug=slug)
        except Refused as refusal:
            form.refuse(refusal)
    page = {"project": project, "section": "progress", "batch": batch, "form": form}
    return render(request, "annotation/batch.html", page, status=422 if form.errors else 200)
