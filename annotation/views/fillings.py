"""Filling a task: what there is, how many items it gives, and how far they are."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from annotation.access import Permission, project_for
from annotation.errors import Refused
from annotation.forms.fillings import FillingForm
from annotation.interfaces import interface
from annotation.models import Filling
from annotation.pages import page_or_part
from annotation.selectors.fillings import count, fillings_of
from annotation.services.fillings import check, start_filling

TEMPLATE = "annotation/filling_new.html"


@require_http_methods(["GET", "HEAD", "POST"])
def filling_new(request, slug, pk):
    """The form; after it is sent, the same page with how far the items are."""
    project = project_for(request.user, slug, Permission.DATA_MANAGE)
    task = get_object_or_404(project.tasks, pk=pk)
    form = FillingForm(request.POST or None, task=task)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            filling = start_filling(project, by=request.user, task=task, choice=form.choice())
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _said(filling))
            return redirect("annotation:filling-new", slug=slug, pk=pk)
    status = 422 if form.errors else status
    parts = {"fillings": lambda: _going(task), "count": lambda: _counted(task, form)}
    page = {"project": project, "section": "data", "task": task, "way": interface(task.interface), "form": form}
    return page_or_part(request, TEMPLATE, parts, status=status, **page)


@require_POST
def filling_count(request, slug, pk):
    """How many items the form as it stands would give; the part alone, for htmx, or the whole page."""
    project = project_for(request.user, slug, Permission.DATA_MANAGE)
    task = get_object_or_404(project.tasks, pk=pk)
    form = FillingForm(request.POST, task=task)
    counted = _counted(task, form)
    page = {"project": project, "section": "data", "task": task, "way": interface(task.interface), "form": form}
    if request.htmx:
        return render(request, f"{TEMPLATE}#count", page | counted)
    return render(request, TEMPLATE, page | counted | _going(task))


def _counted(task, form: FillingForm) -> dict:
    """What the form chooses, or why it gives nothing."""
    if not form.is_bound:
        form = FillingForm({"grouping": form.initial["grouping"]}, task=task)
    if not form.is_valid():
        return {"counted": None, "why": "Correct what is marked, and this counts again."}
    try:
        check(task, form.choice())
    except Refused as refusal:
        return {"counted": None, "why": str(refusal)}
    return {"counted": count(task, form.choice()), "why": ""}


def _going(task) -> dict:
    rows = list(fillings_of(task)[:10])
    return {"fillings": rows, "going": any(row.state != Filling.State.DONE for row in rows)}


def _said(filling: Filling) -> str:
    if filling.state != Filling.State.DONE:
        return f"About {filling.expected:,} items are being added."
    there = f", {filling.duplicates:,} were there already" if filling.duplicates else ""
    return f"{filling.made:,} item{'s' if filling.made != 1 else ''} added{there}."
