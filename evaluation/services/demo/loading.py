"""Loads the demo, step by step."""

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import transaction

from annotation.models import Project, Role
from annotation.services.quality import request_report
from evaluation.services.demo.ai_feedback import make_feedback
from evaluation.services.demo.chats import make_chats
from evaluation.services.demo.content import SLUG, make_items, make_project, make_prompt_sets
from evaluation.services.demo.judging import judge
from evaluation.services.demo.people import SignIn, make_people
from evaluation.services.demo.rubric import make_rubric
from evaluation.services.demo.tasks import make_tasks
from evaluation.services.demo.training import freeze_snapshots, launch_runs, register_tiny
from evaluation.services.demo.ways import make_ways


@dataclass(frozen=True)
class Loaded:
    """What this call made; all of it empty when everything was there."""

    sign_ins: list[SignIn]
    judgments: int
    runs: list[str]


def load() -> Loaded:
    """Make what is missing of the demo. Seconds on the first start, a few queries on every other."""
    project, sign_ins = _ground()
    make_prompt_sets(project)
    with transaction.atomic():  # pairs without their judgments would never get them
        judgments = judge(project, make_items(project))
    by = _researcher(project)
    make_rubric(project, by=by)
    make_feedback(project, by=by)
    snapshots = freeze_snapshots(project, by=by)
    make_ways(project)  # after the snapshots, which are of pairs
    tiny = register_tiny(project, by=by)
    make_tasks(project, by=project.created_by)
    make_chats(project, by=project.created_by, model=tiny)
    if judgments:
        request_report(project, by=None)  # a worker computes it, after the start
    runs = launch_runs(project, by=by, snapshots=snapshots, model=tiny)
    return Loaded(sign_ins, judgments, [run.name for run in runs])


def _ground() -> tuple[Project, list[SignIn]]:
    """The project, and the sign-ins of its people if they were made just now: both or neither."""
    if project := Project.objects.filter(slug=SLUG).first():
        return project, []
    with transaction.atomic():
        users, sign_ins = make_people()
        return make_project(users), sign_ins


def _researcher(project: Project) -> User:
    """Who freezes and launches: the project's first researcher, or its maker when there is none any more."""
    membership = project.memberships.filter(role=Role.RESEARCHER).select_related("user").order_by("pk").first()
    return membership.user if membership else project.created_by
