"""Simulated annotators judge the demo's pairs. Rater and judgment both say that they are simulated."""

import random
from collections.abc import Iterator
from datetime import timedelta

from django.utils import timezone

from annotation.demo.corpus import Pair
from annotation.demo.people import PEOPLE, Answer, Person, panel
from annotation.interfaces import pairwise
from annotation.models import Item, Project, Rater
from annotation.services.judgments import Given, record_judgments
from evaluation.services.demo.content import JUDGES_A_PAIR

SEED = 21
DAYS = 14  # over which the answers are spread, so that figures by week have something to say


def judge(project: Project, items: list[tuple[Item, Pair]]) -> int:
    """Three different people on each pair; returns how many judgments were recorded."""
    if not items:
        return 0
    recorded = record_judgments(
        project,
        judgments=_given(project, items),
        origin="simulated",
        rater_kind=Rater.Kind.SIMULATED,
        names={person.key: person.name for person in PEOPLE},
        instruction=project.instructions.order_by("-number").first(),
    )
    return recorded.count


def _given(project: Project, items: list[tuple[Item, Pair]]) -> Iterator[Given]:
    rng = random.Random(SEED)
    first_left = {person.key: rng.random() < 0.5 for person in PEOPLE}
    now = timezone.now()
    scale = pairwise.settings(project.first_task.settings).scale
    for at, (item, pair) in enumerate(items):
        day = now - timedelta(days=DAYS * (1 - at / len(items)))
        for person in panel(rng, JUDGES_A_PAIR):
            first_left[person.key] = not first_left[person.key]  # balanced for each of them
            left, right = (pair.first, pair.second) if first_left[person.key] else (pair.second, pair.first)
            answer = person.judge(pair.asked.prompt, left, right, scale=scale, rng=rng)
            yield _true_order(item, person, answer, first_left=first_left[person.key], scale=scale, at=day)


def _true_order(item: Item, person: Person, answer: Answer, *, first_left: bool, scale: int, at) -> Given:
    """What was said of left and right, as said of first and second."""
    sign = 1 if first_left else -1
    return Given(
        item=item,
        rater=person.key,
        outcome=answer.outcome,
        strength=None if answer.strength is None else sign * answer.strength,
        scale=scale,
        shown_order=(0, 1) if first_left else (1, 0),
        reason=answer.reason,
        judged_at=at,
        active_ms=answer.active_ms,
    )
