"""Sixty-four people label at once over HTTP: no error, no slot given twice, no label lost or doubled."""

from collections import Counter

import pytest
from django.contrib.auth.models import User
from django.db.models import Count, Q

from annotation.models import Assignment, Item, Judgment, JudgmentRevision, Membership, Rater, Role
from annotation.services.items import ANSWERS, HOLDING_STATES, create_items, settle_slots
from annotation.views.calls import owner_of
from benchmarks.labellers import Labeller, run_all
from tests.factories import make_completion, make_prompt
from tests.web import Web

pytestmark = [
    pytest.mark.services,
    pytest.mark.fault,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("crowd"),
]
PEOPLE, ITEMS, OVERLAP = 64, 150, 3


@pytest.fixture
def crowd(project):
    users = User.objects.bulk_create(User(username=f"person-{number}", password="!") for number in range(PEOPLE))
    Membership.objects.bulk_create(Membership(project=project, user=user, role=Role.ANNOTATOR) for user in users)
    return users


@pytest.fixture
def items(project):
    prompt = make_prompt(project)
    completions = [make_completion(prompt), make_completion(prompt)]
    return create_items(project, rows=[(prompt, completions)] * ITEMS, overlap=OVERLAP)


@pytest.fixture
def web(tmp_path, transactional_db):
    server = Web(tmp_path, workers=2, threads=32)
    server.start()
    yield server
    server.stop()


def test_sixty_four_at_once(web, project, crowd, items):
    people = [
        Labeller(("127.0.0.1", web.port), project.slug, web.cookie(user), owner_of(user), skip_share=0.05, seed=user.pk)
        for user in crowd
    ]
    run_all(people)
    assert [error for person in people for error in person.errors] == []

    # No slot twice: what is held or answered never exceeds the overlap, and nobody had an item twice.
    holding = Count("assignments", filter=Q(assignments__state__in=HOLDING_STATES))
    assert not Item.objects.annotate(holding=holding).filter(holding__gt=OVERLAP).exists()
    pairs = Counter(Assignment.objects.values_list("item", "rater"))
    assert max(pairs.values()) == 1

    # Nothing lost, nothing doubled: every confirmed answer is there once, as it was sent.
    sent = {body["submission"]: body for person in people for body in person.stored}
    rows = {str(row.submission): row for row in JudgmentRevision.objects.select_related("judgment")}
    assert rows.keys() == sent.keys()
    for submission, body in sent.items():
        assert rows[submission].judgment.shown_value.get("grade") == body.get("grade")
    assert Judgment.objects.count() == len(sent)
    assert not Judgment.objects.filter(surplus=True).exists()

    # Everything was labelled, and the slots agree with a recount.
    assert Judgment.objects.filter(outcome__in=ANSWERS).count() == ITEMS * OVERLAP
    before = list(Item.objects.order_by("pk").values_list("open_slots", flat=True))
    settle_slots(item.pk for item in items)
    assert list(Item.objects.order_by("pk").values_list("open_slots", flat=True)) == before == [0] * ITEMS

    # Sides are balanced for everybody.
    assert all(abs(rater.left_count - rater.right_count) <= 3 for rater in Rater.objects.all())
