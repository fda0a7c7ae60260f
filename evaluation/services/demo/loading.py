"""Loads the demo, step by step."""

from dataclasses import dataclass

from django.db import transaction

from evaluation.services.demo.content import make_items, make_project, make_prompt_sets
from evaluation.services.demo.judging import judge
from evaluation.services.demo.people import SignIn, make_people
from evaluation.services.demo.training import freeze_snapshots, launch_runs, register_tiny


@dataclass(frozen=True)
class Loaded:
    """What this call made; all of it empty when everything was there."""

    sign_ins: list[SignIn]
    judgments: int
    runs: list[str]


def load() -> Loaded:
    """Make what is missing of the demo. Seconds on the first start, a few queries on every other."""
    users, sign_ins = make_people()
    project = make_project(users)
    make_prompt_sets(project)
    with transaction.atomic():  # pairs without their judgments would never get them
        judgments = judge(project, make_items(project))
    by = users["researcher"]
    snapshots = freeze_snapshots(project, by=by)
    runs = launch_runs(project, by=by, snapshots=snapshots, model=register_tiny(project, by=by))
    return Loaded(sign_ins, judgments, [run.name for run in runs])
