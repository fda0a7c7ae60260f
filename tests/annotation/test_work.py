"""An annotator's home: where they stopped, today's figures, their queues, their last answers."""

from datetime import timedelta

import pytest
from django.utils import timezone

from annotation.models import Assignment, Instruction, Judgment, Role, Sitting
from annotation.selectors.work import wilson
from annotation.services.sittings import end_sitting
from tests.annotation.leasing import FIRST, LAST, give, next_lease
from tests.factories import make_pair_item, make_project, make_prompt, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def items(project):
    return [make_pair_item(project, prompt=make_prompt(project, f"Question {number}?")) for number in range(30)]


def page(as_user, user, address="/your-work/"):
    response = as_user(user).get(address)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_an_annotator_lands_on_it(as_user, bob, items):
    assert "30 pairs wait for you" in page(as_user, bob, "/")
    assert "Start labelling" in page(as_user, bob, "/")


def test_a_lead_finds_it_beside_the_projects(as_user, alice, items):
    assert "pairs wait for you" not in page(as_user, alice, "/")
    assert "30 pairs wait for you" in page(as_user, alice)


def test_an_open_sitting_goes_on(as_user, bob, project, items):
    for _ in range(3):
        give(project, bob, next_lease(project, bob))
    text = page(as_user, bob)
    assert "57 pairs left in this sitting" in text
    assert "You stopped after item 3, just now." in text
    assert "Continue labelling" in text
    assert text.count('class="done"') == 3


def test_a_sitting_left_alone_is_not_offered(as_user, bob, project, items):
    give(project, bob, next_lease(project, bob))
    Sitting.objects.update(last_seen_at=timezone.now() - timedelta(minutes=31))
    assert "29 pairs wait for you" in page(as_user, bob)


def test_figures_of_today(as_user, bob, project, items):
    for number in range(21):
        give(project, bob, next_lease(project, bob), FIRST if number % 3 else LAST)
    Judgment.objects.update(active_ms=30_000)
    Judgment.objects.filter(pk=Judgment.objects.first().pk).update(judged_at=timezone.now() - timedelta(days=1))
    text = page(as_user, bob)
    assert '<span class="value">20</span><span class="fine">yesterday 1</span>' in text
    assert '10<span class="unit">min</span>' in text
    assert "half lie between 30 and 30 s" in text
    assert "of 20; sides are drawn, so 50 is fair" in text


def test_too_little_is_not_shown(as_user, bob, project, items):
    give(project, bob, next_lease(project, bob))
    text = page(as_user, bob)
    assert "after four answers" in text
    assert "after 20 clear answers; so far 1" in text


def test_queues_of_all_projects_without_what_was_seen(as_user, bob, project, items):
    other = make_project(name="Other", members={Role.ANNOTATOR: [bob]})
    make_pair_item(other)
    make_pair_item(make_project(name="Not theirs"))
    give(project, bob, next_lease(project, bob))
    text = page(as_user, bob)
    assert '<td class="n">29</td>' in text
    assert '<td class="n">1</td>' in text
    assert "Not theirs" not in text


def test_last_answers_can_be_changed_until_the_sitting_ends(as_user, bob, project, items):
    lease = next_lease(project, bob)
    give(project, bob, lease)
    assert f"?change={lease.token}" in page(as_user, bob)
    end_sitting(project, by=bob)
    text = page(as_user, bob)
    assert "?change=" not in text
    assert "Question 0?" in text


def test_a_guide_that_changed(as_user, bob, alice, project):
    assert "The guide of" not in page(as_user, bob)
    Instruction.objects.create(project=project, number=2, text="x", change_note="Shorter is better.", created_by=alice)
    assert "New in guide 2: Shorter is better." in page(as_user, bob)


def test_a_newcomer(as_user):
    assert "You belong to no project yet" in page(as_user, make_user())


def test_nothing_of_others_is_on_it(as_user, bob, rita, project, items):
    give(project, rita, next_lease(project, rita), FIRST | {"comment": "hers"})
    text = page(as_user, bob)
    assert "None yet." in text
    assert Assignment.objects.count() == 1


def test_queries_do_not_grow(as_user, bob, project, items, django_assert_max_num_queries):
    for _ in range(20):
        give(project, bob, next_lease(project, bob))
    client = as_user(bob)
    with django_assert_max_num_queries(16):
        client.get("/your-work/")


def test_wilson_by_hand():
    # 8 of 10: centre (.8 + 1.96^2 / 20) / (1 + 1.96^2 / 10) = .7168, reach .2265.
    share = wilson(8, 10)
    assert (round(share.value), round(share.low, 1), round(share.high, 1)) == (80, 49.0, 94.3)
