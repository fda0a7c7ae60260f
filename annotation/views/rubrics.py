"""Rubrics: the list, a version, what changed between two, a new version."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from annotation.access import Permission, project_for
from annotation.errors import Refused
from annotation.forms import rubrics as forms
from annotation.models import Rubric, RubricVersion
from annotation.pages import page_or_part
from annotation.rubric_difference import difference
from annotation.rubric_document import document
from annotation.selectors import rubric_trials
from annotation.selectors import rubrics as selectors
from annotation.selectors.rubric_confidence import of_version
from annotation.services import rubrics as services

FORM = require_http_methods(["GET", "HEAD", "POST"])


def rubric_for(request, slug: str, pk: int, permission: Permission) -> Rubric:
    """A rubric through the one door, with its project."""
    project = project_for(request.user, slug, permission)
    rubric = get_object_or_404(Rubric.objects.filter(project=project), pk=pk)
    rubric.project = project
    return rubric


def version_or_404(rubric: Rubric, number: int | None = None) -> RubricVersion:
    version = selectors.version_of(rubric, number)
    if version is None:
        raise Http404(f"There is no version {number} of this rubric.")
    return version


def page_of(rubric: Rubric, **context) -> dict:
    return {"project": rubric.project, "section": "rubrics", "rubric": rubric, **context}


@require_safe
def rubric_list(request, slug):
    project = project_for(request.user, slug, Permission.PROJECT_VIEW)
    page = {"project": project, "section": "rubrics", "rubrics": list(selectors.rubrics(project))}
    return render(request, "annotation/rubrics/list.html", page)


@FORM
def rubric_new(request, slug):
    project = project_for(request.user, slug, Permission.DATA_MANAGE)
    form = forms.RubricForm(request.POST or None)
    if form.is_valid():
        try:
            version = services.create_rubric(project, by=request.user, **form.cleaned_data)
        except Refused as refusal:
            form.add_error("name", str(refusal))
        else:
            messages.success(request, f"{version.rubric.name} is there. Now say what an answer is scored on.")
            return redirect("annotation:rubric-edit", slug=slug, pk=version.rubric_id)
    page = {"project": project, "section": "rubrics", "form": form}
    return render(request, "annotation/rubrics/new.html", page, status=422 if form.errors else 200)


@require_safe
def rubric_page(request, slug, pk, number=None):
    rubric = rubric_for(request, slug, pk, Permission.PROJECT_VIEW)
    version = version_or_404(rubric, number)
    versions = selectors.versions(rubric)
    page = page_of(
        rubric,
        version=version,
        versions=versions,
        newest=versions[0],
        before=next((other for other in versions if other.number < version.number), None),
        confidence=of_version(version),
        trials=rubric_trials.of_version(version) if Permission.DATA_VIEW.name in rubric.project.may else (),
    )
    return render(request, "annotation/rubrics/version.html", page)


@require_safe
def rubric_difference(request, slug, pk):
    """`?from=1&to=3`; without them the newest version and the one before it."""
    rubric = rubric_for(request, slug, pk, Permission.PROJECT_VIEW)
    versions = selectors.versions(rubric)
    numbers = [version.number for version in versions]
    new = _chosen(request.GET.get("to"), numbers, numbers[0])
    old = _chosen(request.GET.get("from"), numbers, max(new - 1, 1))
    older, newer = version_or_404(rubric, old), version_or_404(rubric, new)
    told = difference(selectors.categories_of(older), selectors.categories_of(newer))
    page = page_of(rubric, versions=versions, older=older, newer=newer, told=told)
    return page_or_part(request, "annotation/rubrics/difference.html", {"difference": lambda: page})


def _chosen(given: str | None, numbers: list[int], usual: int) -> int:
    return int(given) if given and given.isdecimal() and len(given) < 9 and int(given) in numbers else usual


@FORM
def rubric_edit(request, slug, pk):
    """Publishing makes the next version; every other button gives the form back with one thing changed."""
    rubric = rubric_for(request, slug, pk, Permission.DATA_MANAGE)
    newest = version_or_404(rubric)
    given, problems, refusal, status = document(selectors.categories_of(newest)), [], None, 200
    after, note, about = newest.number, "", {"name": rubric.name, "description": rubric.description}
    if request.method == "POST":
        given, note = forms.read_editor(request.POST), request.POST.get("note", "")
        about = {name: request.POST.get(name, about[name]) for name in about}
        told = request.POST.get("after", "")
        after = int(told) if told.isdecimal() and len(told) < 9 else newest.number
        do = request.POST.get("do", "publish")
        if do == "publish":
            try:
                return _published(request, rubric, given, note, after, about)
            except Refused as refused:
                problems, refusal, status, after = refused.problems, refused, refused.status, newest.number
        else:
            given = forms.changed(given, do)
    page = page_of(
        rubric,
        newest=newest,
        after=after,
        note=note,
        about=about,
        categories=forms.laid_out(given, problems),
        refusal=refusal,
        problems=problems,
    )
    return page_or_part(request, "annotation/rubrics/edit.html", {"editor": lambda: page}, status=status)


def _published(request, rubric: Rubric, given: dict, note: str, after: int, about: dict):
    form = forms.RubricForm(about)
    if not form.is_valid():
        name, errors = next(iter(form.errors.items()))
        raise Refused(f"{form.fields[name].label or name.capitalize()}: {errors[0]}", code="about")
    version = services.publish(rubric, by=request.user, document=given, note=note, after=after, **form.cleaned_data)
    said = f"Version {version.number} is what is scored by from now on." if version else "Saved. No item was changed."
    messages.success(request, said)
    return redirect("annotation:rubric", slug=rubric.project.slug, pk=rubric.pk)
