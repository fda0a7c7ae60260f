"""The demo's further tasks: simulated answers that are true of what they judge, and work that waits for people."""

from itertools import islice

import pytest

from annotation.demo.solutions import solutions
from annotation.models import Completion, Item, Judgment, Project
from annotation.steps_cut import cut
from evaluation.services.demo.tasks import JUDGED, OPEN, make_tasks, works


def test_a_solution_knows_its_wrong_step():
    for one in islice(solutions(1), 200):
        steps = cut(one.text, "numbered")
        assert len(steps) == one.steps
        wrong = [at for at, step in enumerate(steps) if "+" in step and not _holds(step)]
        assert wrong == ([] if one.first_error is None else [one.first_error])


def _holds(step: str) -> bool:
    left, right = step.split("$")[1].split("=")
    return sum(map(int, left.split("+"))) == int(right)


@pytest.mark.django_db
def test_each_has_answers_and_open_items(project, alice):
    queues = make_tasks(project, by=alice)
    assert queues == [work.queue for work in works()]
    for queue in queues:
        assert Judgment.objects.filter(item__queue=queue, rater__kind="simulated", outcome="answer").count() == JUDGED
        assert Item.objects.filter(queue=queue, open_slots__gt=0).count() == OPEN
    assert Completion.objects.filter(improves__isnull=False).exists()
    before = Judgment.objects.count()
    assert make_tasks(Project.objects.get(pk=project.pk), by=alice) == []
    assert Judgment.objects.count() == before
