"""What is known of the data's quality: the overview, its computing, everything below it in views/raters.py."""

from datetime import date, timedelta

from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from annotation.access import Permission, project_for
from annotation.errors import Refused
from annotation.models import Project
from annotation.pages import page_or_part
from annotation.quality.report import LEAST_SHARED, LEAST_WEEK
from annotation.quality.worth import main_agreement, more_needed, worth
from annotation.selectors import quality
from annotation.selectors.quality import Scope
from annotation.services.quality import request_report


@require_safe
def overview(request, slug):
    project = project_for(request.user, slug, Permission.PROJECT_VIEW)
    scope = scope_of(request.GET)
    state = quality.standing(project, scope)
    body = state.ready.body if state.ready else None
    page = {**ground(project, scope, "overview"), "standing": state, "body": body}
    if body:
        figure = main_agreement(body)
        page |= {
            "worth": worth(body),
            "main": figure,
            "missing": more_needed(figure),
            "least": LEAST_SHARED,
            "least_week": LEAST_WEEK,
        }
    return page_or_part(request, "annotation/quality/overview.html", {"report": lambda: page})


@require_POST
def compute(request, slug):
    project = project_for(request.user, slug, Permission.DATA_MANAGE)
    scope = scope_of(request.POST)
    try:
        request_report(project, by=request.user, **scope.fields)
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect(address("annotation:quality", project, scope))


def scope_of(given) -> Scope:
    """The scope that an address or a form names; a week is its Monday. What does not read is left out."""
    week = given.get("week", "")
    try:
        monday = date.fromisoformat(week) if week else None
    except ValueError:
        monday = None
    if monday is None:
        return Scope(queue=given.get("queue", "")[:80])
    monday -= timedelta(days=monday.weekday())
    return Scope(given.get("queue", "")[:80], monday.isoformat(), (monday + timedelta(days=6)).isoformat())


def address(name: str, project: Project, scope: Scope, *arguments) -> str:
    asked = {"queue": scope.queue, "week": scope.since}
    query = urlencode({name: value for name, value in asked.items() if value})
    return reverse(name, args=[project.slug, *arguments]) + (f"?{query}" if query else "")


def ground(project: Project, scope: Scope, here: str) -> dict:
    """What every page of this section shows above its own."""
    whole = quality.ready_report(project, Scope(queue=scope.queue))
    weeks = [row["week"] for row in whole.body.get("weeks", ())][::-1] if whole else []
    if scope.since and scope.since not in weeks:
        weeks.insert(0, scope.since)
    query = address("annotation:quality", project, scope).partition("?")[2]
    return {
        "project": project,
        "section": "quality",
        "here": here,
        "scope": scope,
        "query": query,
        "weeks": weeks,
        "queues": quality.queues(project),
    }
