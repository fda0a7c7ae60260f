"""Constitutions: made, read in their versions, changed into a new one."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from annotation.access import Permission, project_for
from annotation.errors import Refused
from annotation.forms.constitutions import BLANK, ConstitutionForm, PrincipleRows
from annotation.models import Constitution
from annotation.pages import page_or_part
from annotation.selectors import judges
from annotation.services.constitutions import add_constitution_version, create_constitution


@require_safe
def constitution_page(request, slug, pk, number=None):
    project = project_for(request.user, slug, Permission.PROJECT_VIEW)
    constitution = _constitution(project, pk)
    versions = list(constitution.versions.order_by("-number").select_related("created_by"))
    shown = next((version for version in versions if number in (None, version.number)), None)
    if shown is None:
        raise Http404("There is no such version of this constitution.")
    page = {
        "project": project,
        "section": "judges",
        "constitution": constitution,
        "versions": versions,
        "shown": shown,
        "newest": shown == versions[0],
        "changes": judges.changes_of(versions, shown),
        "whole": sum(one.weight for one in shown.read),
    }
    return render(request, "annotation/judges/constitution.html", page)


@require_http_methods(["GET", "HEAD", "POST"])
def constitution_new(request, slug):
    project = project_for(request.user, slug, Permission.DATA_MANAGE)
    form = ConstitutionForm(request.POST or None)
    del form.fields["change_note"]
    return _editor(request, project, form, PrincipleRows.of(request.POST or None, more=_more(request)), None)


@require_http_methods(["GET", "HEAD", "POST"])
def constitution_edit(request, slug, pk):
    project = project_for(request.user, slug, Permission.DATA_MANAGE)
    constitution = _constitution(project, pk)
    form = ConstitutionForm(request.POST or None)
    del form.fields["name"], form.fields["description"]
    newest = constitution.versions.order_by("-number").first()
    rows = PrincipleRows.of(request.POST or None, principles=newest.read, more=_more(request))
    return _editor(request, project, form, rows, constitution, number=newest.number + 1)


def _more(request) -> int:
    return BLANK if "more" in request.POST else 0


def _editor(request, project, form, rows, constitution: Constitution | None, *, number: int = 1):
    """The form, with more rows where more were asked for; else what it makes of a valid one."""
    if request.method == "POST" and not _more(request) and form.is_valid() & rows.is_valid():
        try:
            if constitution is None:
                constitution = create_constitution(project, by=request.user, rows=rows.rows(), **form.cleaned_data)
            else:
                add_constitution_version(constitution, by=request.user, rows=rows.rows(), **form.cleaned_data)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, f"Version {number} of {constitution.name} is there.")
            return redirect("annotation:constitution", slug=project.slug, pk=constitution.pk)
    wrong = request.method == "POST" and not _more(request)
    page = {"project": project, "section": "judges", "form": form, "rows": rows, "constitution": constitution}
    page |= {"number": number}
    return page_or_part(
        request, "annotation/judges/constitution_edit.html", {"principles": lambda: page}, status=422 if wrong else 200
    )


def _constitution(project, pk: int) -> Constitution:
    found = judges.constitution_of(project, pk)
    if found is None:
        raise Http404("There is no such constitution in this project.")
    return found
