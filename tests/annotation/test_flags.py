"""Looking at a flagged item."""

import pytest

from annotation.models import Item
from tests.annotation.leasing import FLAG, give, next_lease
from tests.factories import make_pair_item, make_project

pytestmark = pytest.mark.django_db


@pytest.fixture
def flagged(project, bob):
    item = make_pair_item(project)
    give(project, bob, next_lease(project, bob), FLAG | {"comment": "cut off"})
    return item


def decide(client, item, decision):
    return client.post(f"/p/wall/data/items/{item.pk}/flag/", {"decision": decision}, follow=True)


def test_the_item_says_why_and_what_to_do(as_user, rita, flagged):
    text = as_user(rita).get(f"/p/wall/data/items/{flagged.pk}/").content.decode()
    assert "Flagged: it goes to nobody" in text
    assert "broken, “cut off”" in text
    assert "Back into the queue" in text


@pytest.mark.parametrize(("decision", "slots"), [("back", 1), ("out", 0)])
def test_a_decision_is_final(as_user, rita, flagged, decision, slots):
    decide(as_user(rita), flagged, decision)
    item = Item.objects.get(pk=flagged.pk)
    assert (item.put_aside, item.open_slots) == (False, slots)
    assert "Nobody flagged this item" in decide(as_user(rita), flagged, decision).content.decode()


def test_no_decision_changes_nothing(as_user, rita, flagged):
    assert "Choose whether" in decide(as_user(rita), flagged, "perhaps").content.decode()
    assert Item.objects.get(pk=flagged.pk).put_aside


@pytest.mark.parametrize(
    ("who", "status"), [("alice", 302), ("rita", 302), ("bob", 403), ("vera", 403), ("charlie", 404)]
)
def test_who_may_decide(cast, as_user, flagged, who, status):
    address = f"/p/wall/data/items/{flagged.pk}/flag/"
    assert as_user(getattr(cast, who)).post(address, {"decision": "back"}).status_code == status


def test_other_verbs_and_other_items(as_user, rita, project):
    elsewhere = make_pair_item(make_project())
    assert as_user(rita).get(f"/p/wall/data/items/{elsewhere.pk}/flag/").status_code == 405
    assert decide(as_user(rita), elsewhere, "out").status_code == 404
