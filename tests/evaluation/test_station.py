"""The loop on the project's page: what it says of the newest comparison, without giving names away too early."""

import pytest
from django.core.cache import cache

from annotation.models import Item
from evaluation.models import Comparison
from evaluation.selectors import station
from tests.evaluation.conftest import vote
from tests.factories import make_comparison, make_rater


@pytest.fixture(autouse=True)
def fresh():
    cache.clear()


def page(as_user, who, address="/p/wall/"):
    cache.clear()
    return as_user(who).get(address).content.decode()


def test_without_a_comparison_it_says_what_one_is(as_user, vera, project):
    assert "of two checkpoints on the same prompts" in page(as_user, vera)


def test_no_name_while_a_pair_wants_a_vote(as_user, rita, alice, voted):
    Item.objects.filter(queue=voted.queue).update(open_slots=1)
    for who in (rita, alice):
        html = page(as_user, who)
        assert "6 votes; 6 pairs want more" in html
        assert "secret" not in html


def test_names_and_rate_when_every_vote_is_in(as_user, vera, voted):
    Item.objects.filter(queue=voted.queue).update(open_slots=0)
    html = page(as_user, vera)
    assert "sft-secret beats dpo-secret in 25% of 6 votes" in html


def test_a_failure_waits_for_those_who_can_mend_it(as_user, rita, vera, project):
    make_comparison(project, state="failed", error="dpo: The disk is full.\nsft: The disk is full.")
    assert "dpo: The disk is full." in page(as_user, rita)
    assert "The disk is full" not in page(as_user, vera)


def test_pairs_wait_for_whoever_has_not_seen_them(rita, alice, ready, project, as_user):
    project.may = {"EVALUATE", "LABEL"}
    [waits] = station.waiting(alice, [project])
    assert waits.title == "6 pairs to vote on"
    assert "secret" not in waits.text
    Item.objects.filter(queue=ready.queue).update(open_slots=0)
    assert station.waiting(alice, [project]) == []


def test_generating_is_said_and_waits_for_nobody(project, waiting, rita):
    project.may = {"EVALUATE", "EVALUATION_VIEW"}
    found = station.stations([project])[project.pk]
    assert found.detail == "the answers are being written"
    assert station.waiting(rita, [project]) == []


def test_a_few_votes_have_no_interval(project, ready, models, rita):
    project.may = {"EVALUATION_VIEW"}
    for item in Item.objects.filter(queue=ready.queue)[:3]:
        vote(item, models[0].source_id, rater=make_rater(project, name="one", kind="imported"))
    Item.objects.filter(queue=ready.queue).update(open_slots=0)
    found = station.stations([project])[project.pk]
    assert found.interval is None
    assert "in 100% of 3 votes" in found.detail
    assert Comparison.objects.count() == 1
