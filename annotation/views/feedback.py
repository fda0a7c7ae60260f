"""Feedback jobs: the forms that start them, the page of one while it runs and after, and what was said in a row."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from annotation.access import Permission, project_for
from annotation.errors import Refused
from annotation.forms.feedback import FORMS
from annotation.judging.showing import shown_steps
from annotation.models import FeedbackJob
from annotation.pages import page_or_part
from annotation.selectors import feedback
from annotation.services.feedback import jobs
from annotation.services.feedback.inverting import make_constitution


@require_http_methods(["GET", "HEAD", "POST"])
def feedback_new(request, slug, kind):
    project = project_for(request.user, slug, Permission.DATA_MANAGE)
    if kind not in FORMS:
        raise Http404("There is no such kind of job.")
    form = FORMS[kind](request.POST or None, project=project)
    if form.is_valid():
        try:
            job = form.ask(project, by=request.user, **form.asked())
        except Refused as refusal:
            form.refuse(refusal)
        else:
            return redirect("annotation:feedback", slug=slug, pk=job.pk)
    page = {"project": project, "section": "judges", "form": form, "kind": FeedbackJob.Kind(kind)}
    return render(request, "annotation/judges/feedback_new.html", page, status=422 if form.errors else 200)


@require_safe
def feedback_page(request, slug, pk):
    project, job = _job(request, slug, pk, Permission.DATA_VIEW)
    state = request.GET.get("state", "")
    rows = feedback.rows_page(job, state=state, page=request.GET.get("page"))
    for row in rows:
        row.where = feedback.place_words(job, row)
    page = {
        "project": project,
        "section": "judges",
        "job": job,
        "title": f"{job.get_kind_display()} {job.pk}",
        "counts": feedback.counts(job),
        "share": round(100 * job.done / job.total) if job.total else 0,
        "rows": rows,
        "state": state,
    }
    return page_or_part(request, "annotation/judges/feedback.html", {"progress": lambda: page})


@require_safe
def feedback_row(request, slug, pk, number):
    project, job = _job(request, slug, pk, Permission.DATA_VIEW)
    row = feedback.row_of(job, number)
    if row is None:
        raise Http404("This job has no such row.")
    before, after = feedback.neighbours(row)
    principles = {one.key: one for one in job.constitution.read} if job.constitution else {}
    page = {
        "project": project,
        "section": "judges",
        "job": job,
        "row": row,
        "title": f"Row {row.number + 1}",
        "answers": feedback.answers_shown(row),
        "where": feedback.place_words(job, row),
        "prompt": row.prompt or row.item.prompt,
        "steps": shown_steps(job.kind, row.steps, principles),
        "before": before,
        "after": after,
    }
    return render(request, "annotation/judges/feedback_row.html", page)


@require_POST
def feedback_cancel(request, slug, pk):
    _, job = _job(request, slug, pk, Permission.DATA_MANAGE)
    return _done(request, slug, job, jobs.cancel_job)


@require_POST
def feedback_retry(request, slug, pk):
    _, job = _job(request, slug, pk, Permission.DATA_MANAGE)
    return _done(request, slug, job, jobs.retry_job)


def _done(request, slug, job, service):
    try:
        service(job, by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("annotation:feedback", slug=slug, pk=job.pk)


@require_POST
def feedback_constitution(request, slug, pk):
    """Make a constitution of the principles that an inverse constitution has kept."""
    _, job = _job(request, slug, pk, Permission.DATA_MANAGE)
    name = " ".join(request.POST.get("name", "").split())[:80] or f"Found in job {job.pk}"
    try:
        constitution = make_constitution(job, by=request.user, name=name)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("annotation:feedback", slug=slug, pk=pk)
    return redirect("annotation:constitution", slug=slug, pk=constitution.pk)


def _job(request, slug: str, pk: int, permission: Permission):
    project = project_for(request.user, slug, permission)
    job = feedback.job_of(project, pk)
    if job is None:
        raise Http404("There is no such job in this project.")
    return project, job
