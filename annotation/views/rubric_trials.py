"""Trying a rubric on completions: a new trial, and what everybody gave, side by side."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from annotation.access import Permission, project_for
from annotation.errors import Refused
from annotation.forms.rubrics import TrialForm
from annotation.models import RubricTrial
from annotation.pages import page_or_part
from annotation.selectors import data, rubric_trials
from annotation.services import rubric_trials as services
from annotation.services.feedback.scoring import request_scoring
from annotation.services.rubric_tasks import ask_people, task_of
from annotation.views.rubrics import FORM, page_of, rubric_for, version_or_404

WAITING = (RubricTrial.State.QUEUED, RubricTrial.State.RUNNING)


@FORM
def trial_new(request, slug, pk):
    rubric = rubric_for(request, slug, pk, Permission.DATA_MANAGE)
    version = version_or_404(rubric)
    form = TrialForm(request.POST or None, sets=data.prompt_sets(rubric.project))
    if form.is_valid():
        try:
            trial = services.create_trial(version, by=request.user, **form.cleaned_data)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            return redirect("annotation:trial", slug=slug, pk=trial.pk)
    page = page_of(rubric, version=version, form=form)
    return render(request, "annotation/rubrics/trial_new.html", page, status=422 if form.errors else 200)


@require_safe
def trial_page(request, slug, pk):
    trial = _trial_for(request, slug, pk, Permission.DATA_VIEW)
    jobs = rubric_trials.jobs_of(trial)
    page = page_of(
        trial.version.rubric,
        trial=trial,
        running=trial.state in WAITING,
        jobs=jobs,
        moving=trial.state in WAITING or any(job.state in WAITING for job in jobs),
        judges=rubric_trials.judges(trial.version.rubric.project),
        task=task_of(trial.version.rubric.project, trial.version),
        **rubric_trials.read(trial),
    )
    return page_or_part(request, "annotation/rubrics/trial.html", {"scores": lambda: page})


@require_POST
def trial_people(request, slug, pk):
    """Ask people to score the trial's answers; `overlap` is how many of them each."""
    trial = _trial_for(request, slug, pk, Permission.DATA_MANAGE)
    told = request.POST.get("overlap", "1")
    try:
        if told not in map(str, range(1, 11)):
            raise Refused("Choose 1 to 10 people for each answer.", code="overlap")
        completions = trial.completions.select_related("prompt").order_by("prompt", "pk")
        project = trial.version.rubric.project
        task, count = ask_people(
            project, by=request.user, version=trial.version, completions=completions, overlap=int(told)
        )
        what = "item waits" if count == 1 else "items wait"
        messages.success(request, f"{count} {what} in “{task.title}”. Whoever labels there scores them.")
    except Refused as refusal:
        messages.warning(request, str(refusal))
    return redirect("annotation:trial", slug=slug, pk=pk)


@require_POST
def trial_judge(request, slug, pk):
    """Have a judge score the trial's answers; `judge` is a version of one."""
    trial = _trial_for(request, slug, pk, Permission.DATA_MANAGE)
    told = request.POST.get("judge", "")
    try:
        judge = next((one for one in rubric_trials.judges(trial.version.rubric.project) if str(one.pk) == told), None)
        if judge is None:
            raise Refused("Choose one of the judges that score by rubrics.", code="judge")
        request_scoring(trial, by=request.user, judge=judge)
        messages.success(request, f"{judge} is asked. Its scores come in beside people's.")
    except Refused as refusal:
        messages.warning(request, str(refusal))
    return redirect("annotation:trial", slug=slug, pk=pk)


@require_POST
def trial_retry(request, slug, pk):
    trial = _trial_for(request, slug, pk, Permission.DATA_MANAGE)
    try:
        services.retry_trial(trial)
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("annotation:trial", slug=slug, pk=pk)


def _trial_for(request, slug: str, pk: int, permission: Permission) -> RubricTrial:
    project = project_for(request.user, slug, permission)
    rows = RubricTrial.objects.select_related("version__rubric").filter(version__rubric__project=project)
    trial = get_object_or_404(rows, pk=pk)
    trial.version.rubric.project = project
    return trial
