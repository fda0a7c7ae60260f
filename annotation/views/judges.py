"""Judges: the page of all, the page of one with what its verdicts are worth, new ones and new versions."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from annotation.access import Permission, project_for
from annotation.errors import Refused
from annotation.forms.judges import JudgeForm, JudgingForm
from annotation.judging.rules import MEASURES
from annotation.judging.templates import HOUSE
from annotation.models import Judge
from annotation.selectors import judges
from annotation.services.feedback.jobs import request_judging
from annotation.services.judge_figures import measure
from annotation.services.judges import add_judge_version, create_judge, retire_judge


@require_safe
def judges_page(request, slug):
    project = project_for(request.user, slug, Permission.PROJECT_VIEW)
    page = {
        "project": project,
        "section": "judges",
        "judges": judges.judges(project),
        "constitutions": judges.constitutions(project),
        "jobs": judges.jobs(project) if Permission.DATA_VIEW.name in project.may else [],
        "rules": MEASURES,
    }
    return render(request, "annotation/judges/list.html", page)


@require_safe
def judge_page(request, slug, pk):
    project = project_for(request.user, slug, Permission.PROJECT_VIEW)
    return _judge_page(request, project, _judge(project, pk))


def _judge_page(request, project, judge: Judge, *, form: JudgingForm | None = None, status: int = 200):
    versions = judges.versions_of(judge)
    asked = request.GET.get("version", "")
    shown = next((one for one in versions if str(one.number) == asked), versions[0])
    page = {
        "project": project,
        "section": "judges",
        "judge": judge,
        "versions": versions,
        "shown": shown,
        "newest": shown == versions[0],
        "figures": shown.figures,
        "rule": MEASURES.get(shown.rule),
        "jobs": judges.jobs(project, judge=shown, kind="compare") if Permission.DATA_VIEW.name in project.may else [],
    }
    if Permission.DATA_MANAGE.name in project.may and shown == versions[0] and judge.retired_at is None:
        page["form"] = form or JudgingForm(project=project)
    return render(request, "annotation/judges/judge.html", page, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def judge_new(request, slug):
    project = project_for(request.user, slug, Permission.DATA_MANAGE)
    form = JudgeForm(request.POST or None, project=project)
    if form.is_valid():
        try:
            judge = create_judge(project, by=request.user, name=form.cleaned_data["name"], **form.how())
        except Refused as refusal:
            form.refuse(refusal)
        else:
            return redirect("annotation:judge", slug=slug, pk=judge.pk)
    return _form(request, project, form)


@require_http_methods(["GET", "HEAD", "POST"])
def judge_version_new(request, slug, pk):
    project = project_for(request.user, slug, Permission.DATA_MANAGE)
    judge = _judge(project, pk)
    newest = judges.versions_of(judge)[0]
    form = JudgeForm(request.POST or None, project=project, before=newest)
    if form.is_valid():
        try:
            note = form.cleaned_data["change_note"]
            version = add_judge_version(judge, by=request.user, change_note=note, **form.how())
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, f"Version {version.number} judges from now on.")
            return redirect("annotation:judge", slug=slug, pk=pk)
    return _form(request, project, form, judge=judge, number=newest.number + 1)


def _form(request, project, form, **more):
    page = {"project": project, "section": "judges", "form": form, "house": HOUSE, **more}
    return render(request, "annotation/judges/judge_edit.html", page, status=422 if form.errors else 200)


@require_POST
def judge_run(request, slug, pk):
    """Have the newest version judge pairs."""
    project = project_for(request.user, slug, Permission.DATA_MANAGE)
    judge = _judge(project, pk)
    form = JudgingForm(request.POST, project=project)
    if form.is_valid():
        try:
            job = request_judging(judges.versions_of(judge)[0], by=request.user, **form.cleaned_data)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            return redirect("annotation:feedback", slug=slug, pk=job.pk)
    return _judge_page(request, project, judge, form=form, status=422)


@require_POST
def judge_measure(request, slug, pk):
    """Its figures again, with what people have said since."""
    project = project_for(request.user, slug, Permission.DATA_MANAGE)
    judge = _judge(project, pk)
    for version in judges.versions_of(judge):
        measure(version)
    messages.success(request, "Measured again, with what people have said since.")
    return redirect("annotation:judge", slug=slug, pk=pk)


@require_POST
def judge_retire(request, slug, pk):
    project = project_for(request.user, slug, Permission.DATA_MANAGE)
    judge = _judge(project, pk)
    try:
        retire_judge(judge, by=request.user)
        messages.success(request, f"{judge.name} is retired. What it said stays.")
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("annotation:judge", slug=slug, pk=pk)


def _judge(project, pk: int) -> Judge:
    found = judges.judge_of(project, pk)
    if found is None:
        raise Http404("There is no such judge in this project.")
    return found
