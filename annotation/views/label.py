"""The labelling page and its calls. The page works without JavaScript; the calls make it quick and safe to go away."""

from uuid import UUID, uuid4

from django.http import HttpRequest
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_http_methods, require_POST

from annotation.access import Permission, project_for
from annotation.errors import Refused
from annotation.models import Task
from annotation.queues import kind_of
from annotation.selectors import labelling as show
from annotation.selectors.tasks import task_of, way_of
from annotation.services.labelling import hand_out, submit, withdraw
from annotation.services.leases import heartbeat
from annotation.services.sittings import end_sitting
from annotation.snapshot_format import canonical_json, text_digest
from annotation.templatetags.labelling import label_address
from annotation.views.calls import call, owner_of, uuid_in, uuids_in

BEAT_SECONDS = 20


def queue_in(values) -> str:
    return str(values.get("queue") or "label")[:80]


@require_http_methods(["GET", "POST"])
def label(request: HttpRequest, slug: str):
    """The page. A POST is the form of a browser without JavaScript: stores the answer and comes back."""
    project = project_for(request.user, slug, Permission.LABEL)
    queue = queue_in(request.POST if request.method == "POST" else request.GET)
    problem = None
    try:
        if request.method == "POST":
            _submit_form(request, project)
            return redirect(label_address(project, queue))
    except Refused as error:
        problem = error
    return _page(request, project, queue, problem)


def _page(request, project, queue: str, problem: Refused | None):
    try:
        given = hand_out(project, by=request.user, queue=queue)
    except Refused as error:
        return render(request, "annotation/label/no_queue.html", {"project": project, "problem": error}, status=404)
    lease, task = given.lease, given.sitting.task or Task()
    way, settings = way_of(task)
    guide = show.guide_of(project)
    context = {
        "project": project,
        "task": task,
        "stamp": stamp_of(task),
        "queue": queue,
        "queue_title": kind_of(queue).title(queue) if kind_of(queue).reveals else task.title,
        "reveals": kind_of(queue).reveals,
        "sitting": given.sitting,
        "pair": show.shown_of(lease, settings) if lease else None,
        "progress": show.progress_of(given.sitting),
        "guide": guide,
        "way": way,
        "settings": settings,
        "keys": way.keys(settings),
        "one_key": way.ONE_KEY,
        **way.dock(settings),
        "skip_reasons": list(way.SKIP_REASONS.items()),
        "flag_reasons": list(way.FLAG_REASONS.items()),
        "submission": uuid4(),
        "owner": owner_of(request.user),
        "beat_seconds": max(1, min(BEAT_SECONDS, project.lease_seconds // 3)),
        "problem": problem,
    }
    return render(request, "annotation/label/page.html", context, status=problem.status if problem else 200)


def stamp_of(task: Task) -> str:
    """Changes when the page of a task would look different."""
    return text_digest(canonical_json([task.pk, task.interface, task.settings, task.question, task.hint]))[:12]


def _submit_form(request, project) -> None:
    """The plain form says its answer, `both_bad`, `skip` or `flag`; the button pressed decides."""
    form = request.POST
    payload = {"comment": form.get("comment", "")}
    if form.get("skip"):
        payload |= {"outcome": "skip", "reason": form["skip"]}
    elif form.get("flag"):
        payload |= {"outcome": "broken", "reason": form["flag"]}
    elif form.get("both_bad"):
        payload |= {"outcome": "both_bad"}
    else:
        way, _ = way_of(task_of(project, queue_in(form)))
        payload |= {"outcome": "answer", **way.form(form)}
    token, submission = uuid_in(form, "token"), uuid_in(form, "submission")
    submit(project, by=request.user, token=token, submission=submission, payload=payload)


@call
def next_pair(request, project, body: dict) -> dict:
    """The next pair that the page does not know, to have it ready. `pair` is null when there is none now."""
    return _next(request, project, queue_in(body), uuids_in(body, "known"))


def _next(request, project, queue: str, known: tuple[UUID, ...]) -> dict:
    given = hand_out(project, by=request.user, queue=queue, known=known)
    sitting, lease = given.sitting, given.lease
    if lease is None:
        return {"sitting": sitting.pk, "pair": None}
    return {"sitting": sitting.pk, "pair": _pair(show.shown_of(lease, show.settings_of(sitting)), sitting.task)}


def _pair(shown: show.Shown, task: Task | None) -> dict:
    return {
        "token": shown.token,
        "html": render_to_string(shown.template, {"pair": shown}),
        "idle_after_seconds": shown.idle_after_seconds,
        "active_ms": shown.active_ms,
        "draft": shown.draft,
        "stamp": stamp_of(task or Task()),
        "outcome": shown.outcome,
        "given": shown.given,
        "comment": shown.comment,
    }


@call
def answer(request, project, body: dict) -> dict:
    """Store an answer (with `change`, change one), and send the next pair along. Sent twice, it is stored once."""
    done = submit(
        project,
        by=request.user,
        token=uuid_in(body, "token"),
        submission=uuid_in(body, "submission"),
        payload=body,
        change=body.get("change") is True,
        active_ms=body.get("active_ms"),
    )
    stored = {"stored": True, "repeated": done.repeated, "surplus": done.judgment.surplus}
    if body.get("more") is not True:
        return stored
    return stored | _next(request, project, queue_in(body), uuids_in(body, "known"))


@call
def undo(request, project, body: dict) -> dict:
    """Take an answer back. `held` says whether the pair is this person's again."""
    done = withdraw(project, by=request.user, token=uuid_in(body, "token"), submission=uuid_in(body, "submission"))
    return {"stored": True, "repeated": done.repeated, "held": done.judgment.assignment.state == "leased"}


@call
def beat(request, project, body: dict) -> dict:
    """Somebody is there: hold the leases, keep the draft. Carries the guide when it is newer than the page's."""
    draft = body.get("draft")
    state = heartbeat(
        project,
        by=request.user,
        token=uuid_in(body, "token"),
        active_ms=body.get("active_ms"),
        draft=draft if isinstance(draft, dict) else None,
    )
    guide = show.guide_of(project)
    said = {"state": state, "guide": guide.number if guide else 0}
    if guide and body.get("guide") != guide.number:
        said["guide_html"] = render_to_string("annotation/label/guide.html", {"guide": guide})
    return said


@call
def answers(request, project, body: dict) -> dict:
    """The answers of the open sitting, as the drawer shows them."""
    sitting = own_sittings(request.user, project).filter(queue=queue_in(body), ended_at=None).first()
    rows = show.answers_of(sitting) if sitting else []
    return {"html": render_to_string("annotation/label/answers.html", {"answers": rows}), "count": len(rows)}


@call
def answered(request, project, body: dict) -> dict:
    """One item answered in the open sitting, with its answer, to read and to change."""
    row = show.answered(project, user=request.user, token=uuid_in(body, "token"))
    if row is None:
        raise Refused("This answer is not there any more, or its sitting has ended.", code="gone", status=404)
    return {"pair": _pair(row, row.task)}


def own_sittings(user, project):
    return project.sittings.filter(rater__user=user)


@require_POST
def end(request: HttpRequest, slug: str):
    """End the sitting and show its figures."""
    project = project_for(request.user, slug, Permission.LABEL)
    queue = queue_in(request.POST)
    sitting = end_sitting(project, by=request.user, queue=queue)
    if sitting is None:
        sitting = own_sittings(request.user, project).filter(queue=queue).order_by("-pk").first()
    if sitting is None:
        return redirect("annotation:work")
    return redirect("annotation:sitting", slug=project.slug, pk=sitting.pk)
