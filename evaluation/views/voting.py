"""The arena: a pair, a vote by key, the next pair. Votes are leases and judgments like any other."""

from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from annotation.access import Permission
from annotation.errors import Refused
from annotation.interfaces import pairwise
from annotation.models import Reveal
from annotation.pages import page_or_part
from annotation.selectors.labelling import progress_of
from annotation.selectors.tasks import task_of
from annotation.services.labelling import hand_out, submit, withdraw
from annotation.services.leases import heartbeat
from annotation.services.sittings import end_sitting
from evaluation.access import comparison_for
from evaluation.models import Comparison
from evaluation.selectors.arena import bout_of
from evaluation.selectors.own_votes import own_votes
from evaluation.selectors.sight import sight_of

LONGEST_RULER = 200  # ticks; a longer queue is measured by the project's goal


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def vote(request: HttpRequest, slug: str, pk: int):
    """The pair to vote on; a POST stores a vote first. `?after=<token>` shows who was who, where each vote reveals."""
    found = comparison_for(request.user, slug, pk, Permission.LABEL)
    if request.method != "POST":
        return _arena(request, found, after=_token(request.GET.get("after")))
    token = _token(request.POST.get("token"))
    try:
        _submit(request, found, token)
    except Refused as error:
        return _arena(request, found, problem=error)
    reveal = found.project.reveal == Reveal.VOTE
    if request.htmx:
        return _arena(request, found, after=token if reveal else None, undo=None if reveal else token)
    address = reverse("evaluation:comparison-vote", kwargs={"slug": slug, "pk": pk})
    return redirect(f"{address}?after={token}" if reveal else address)


def _token(text: str | None) -> UUID | None:
    try:
        return UUID(str(text))
    except ValueError:
        return None


def _submit(request: HttpRequest, comparison: Comparison, token: UUID | None) -> None:
    """The button pressed decides: a cell, both bad, a reason to skip, a reason to flag."""
    form = request.POST
    submission = _token(form.get("submission"))
    if token is None or submission is None:
        raise Refused("The form was incomplete. Load the page again and vote once more.", code="malformed")
    payload = {"comment": form.get("comment", "")}
    if form.get("skip"):
        payload |= {"outcome": "skip", "reason": form["skip"]}
    elif form.get("flag"):
        payload |= {"outcome": "broken", "reason": form["flag"]}
    elif form.get("both_bad"):
        payload |= {"outcome": "both_bad"}
    else:
        payload |= {"outcome": "answer", **pairwise.form(form)}
    submit(
        comparison.project,
        by=request.user,
        token=token,
        submission=submission,
        payload=payload,
        active_ms=form.get("active_ms"),
    )


def _arena(request, comparison: Comparison, *, after=None, undo=None, problem: Refused | None = None):
    sight = sight_of(comparison, request.user)
    page = {"project": comparison.project, "section": "compare", "comparison": comparison, "problem": problem}
    if after and comparison.project.reveal == Reveal.VOTE:
        page["seen"] = next(iter(own_votes(comparison, request.user, token=after)), None)
    if not page.get("seen") and comparison.state == Comparison.State.READY:
        handed = hand_out(comparison.project, by=request.user, queue=comparison.queue)
        page["marks"] = progress_of(handed.sitting).marks
        if lease := handed.lease:
            task = task_of(comparison.project, comparison.queue)
            page |= {
                "task": task,
                "bout": bout_of(comparison, lease, opened=sight.opened),
                **pairwise.dock(pairwise.settings(task.settings)),
                "skip_reasons": pairwise.SKIP_REASONS.items(),
                "flag_reasons": pairwise.FLAG_REASONS.items(),
                "submission": uuid4(),
            }
        sight = sight_of(comparison, request.user)
    short = sight.total <= LONGEST_RULER
    page["goal"] = sight.total if short else comparison.project.sitting_goal
    page |= {"sight": sight, "undo": undo, "undo_submission": uuid4()}
    return page_or_part(request, "evaluation/vote.html", {"arena": lambda: page}, status=422 if problem else 200)


@require_POST
def undo(request: HttpRequest, slug: str, pk: int):
    """Take the last vote back; its pair is on the screen again."""
    found = comparison_for(request.user, slug, pk, Permission.LABEL)
    token, submission = _token(request.POST.get("token")), _token(request.POST.get("submission"))
    try:
        if token is None or submission is None:
            raise Refused("There is nothing to undo.", code="malformed")
        withdraw(found.project, by=request.user, token=token, submission=submission)
    except Refused as error:
        return _arena(request, found, problem=error)
    return _arena(request, found) if request.htmx else redirect("evaluation:comparison-vote", slug=slug, pk=pk)


@require_POST
def beat(request: HttpRequest, slug: str, pk: int):
    """Somebody is there: hold the lease, keep the comment."""
    found = comparison_for(request.user, slug, pk, Permission.LABEL)
    token = _token(request.POST.get("token"))
    if token is None:
        return HttpResponse("The form was incomplete.", status=422)
    draft = {"comment": request.POST.get("comment", "")}
    try:
        heartbeat(found.project, by=request.user, token=token, draft=draft)
    except Refused as error:
        return HttpResponse(str(error), status=error.status, content_type="text/plain; charset=utf-8")
    return HttpResponse(status=204)


@require_POST
def finish(request: HttpRequest, slug: str, pk: int):
    """End the sitting: its votes are final, and names appear; results too, to whoever may see them."""
    found = comparison_for(request.user, slug, pk, Permission.LABEL)
    end_sitting(found.project, by=request.user, queue=found.queue)
    whole = "EVALUATION_VIEW" in found.project.may
    return redirect("evaluation:comparison" if whole else "evaluation:comparison-yours", slug=slug, pk=pk)


@never_cache
@require_safe
def yours(request: HttpRequest, slug: str, pk: int):
    """Who was who in one's own votes: for those who vote and see nothing else of the comparison."""
    found = comparison_for(request.user, slug, pk, Permission.OWN_WORK)
    sight = sight_of(found, request.user)
    page = {"project": found.project, "section": "work", "comparison": found, "sight": sight}
    page["own"] = [] if sight.sitting_open else own_votes(found, request.user)
    return render(request, "evaluation/yours.html", page)
