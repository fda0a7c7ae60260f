"""A constitution, a judge by a rule that has judged some of the pairs, and what rules find in people's choices."""

from django.contrib.auth.models import User
from django.db import transaction

from annotation.models import Project
from annotation.services.constitutions import add_constitution_version, create_constitution
from annotation.services.feedback.inverting import request_inverse
from annotation.services.feedback.jobs import request_judging
from annotation.services.feedback.running import run
from annotation.services.judges import create_judge

JUDGED, EXPLAINED = 300, 120  # pairs
FIRST = (
    {"text": "Choose the answer that is right. A wrong one helps nobody, however well it is said.", "weight": 3},
    {"text": "Choose the answer that a neighbour could act on at once.", "weight": 1},
    {"text": "Choose the answer that is kind to somebody who has never held a spade.", "weight": 1, "tags": ["tone"]},
    {"text": "Choose the answer that is as long as it needs to be.", "weight": 1, "tags": ["length"]},
)
SECOND = (
    FIRST[0] | {"key": "p1"},
    FIRST[1]
    | {"key": "p2", "text": "Choose the answer that a neighbour could act on at once, with what is in the shed."},
    FIRST[2] | {"key": "p3"},
    FIRST[3] | {"key": "p4", "text": "Choose the answer that is no longer than it needs to be."},
    {"text": "Choose the answer that says so where it does not know.", "weight": 2, "tags": ["honesty"]},
)


def make_feedback(project: Project, *, by: User) -> None:
    """Once: what is there stays as it is."""
    if project.constitutions.exists() or project.judges.exists():
        return
    with transaction.atomic():
        charter = create_constitution(
            project, by=by, name="Orchard charter", rows=FIRST, description="How neighbours speak to each other here."
        )
        note = "Brevity said plainly; doubt may be admitted"
        add_constitution_version(charter, by=by, rows=SECOND, change_note=note)
        judge = create_judge(project, by=by, name="Brevity", rule="shorter", mode="verdict")
        jobs = [
            request_judging(judge.versions.get(), by=by, queue="label", with_people=True, most=JUDGED),
            request_inverse(project, by=by, queue="label", most=EXPLAINED),
        ]
    for job in jobs:  # here and not by a worker, which does not run yet
        run(job.pk, speaker_of=_nobody)


def _nobody(source, _sampling):
    raise AssertionError(f"{source} has no part in the demo's first feedback")
