"""Where people contradict each other: more are asked, somebody decides; and answers that are known."""

import pytest
from django.core.cache import cache
from hypothesis import given
from hypothesis import strategies as st

from annotation.errors import Refused
from annotation.interfaces import INTERFACES
from annotation.models import AuditEntry, Item, Judgment, Task
from annotation.policy import Said, decided
from annotation.quality.odds import at_odds
from annotation.quality.readings import readings
from annotation.selectors.snapshot_source import chosen_judgments, picked_items
from annotation.services.judgments import Given, record_judgments
from annotation.services.review import decide, set_gold, weigh
from annotation.snapshot_filters import Filters
from tests.annotation.leasing import FIRST, LAST, give, next_lease
from tests.factories import make_judgment, make_pair_item, make_project, make_user

INCOMPARABLE = {"demonstration", "edit", "chat"}  # what two people write or talk about is not the same question
SPOKEN = {
    "pairwise": (2, {"scale": 8, "strength": 2, "preferred": 0}),
    "ranking": (None, {"ranks": [1, 2, 2]}),
    "thumbs": (None, {"label": True}),
    "likert": (None, {"ratings": {"overall": 4}, "scale": 5}),
    "rubric": (None, {"sheets": [{"clear": {"score": 0.5}}]}),
    "steps": (None, {"labels": [1, 0, -1], "first_error": 3}),
}


def said(project, person, grade: dict):
    lease = next_lease(project, person)
    lease.shown_order = [0, 1]
    lease.save()
    return give(project, person, lease, grade).judgment


@pytest.mark.django_db
class TestContradiction:
    def test_opposite_sides_wait_for_a_decision(self, project, bob, as_user, rita):
        item = make_pair_item(project, overlap=2)
        said(project, bob, FIRST)
        assert not Item.objects.get(pk=item.pk).at_odds
        said(project, make_user(), LAST)
        assert Item.objects.get(pk=item.pk).at_odds
        page = as_user(rita).get("/p/wall/review/").content.decode()
        assert f"/p/wall/data/items/{item.pk}/" in page
        assert "1 wait" in page

    def test_one_side_with_different_strength_does_not(self, project, bob):
        item = make_pair_item(project, overlap=2)
        said(project, bob, FIRST)
        said(project, make_user(), {"outcome": "answer", "grade": 4})
        assert not Item.objects.get(pk=item.pk).at_odds

    def test_a_changed_mind_takes_it_back(self, project, bob):
        item = make_pair_item(project, overlap=2)
        said(project, bob, FIRST)
        ann = make_user()
        lease = next_lease(project, ann)
        lease.shown_order = [0, 1]
        lease.save()
        give(project, ann, lease, LAST)
        assert Item.objects.get(pk=item.pk).at_odds
        give(project, ann, lease, FIRST, change=True)
        assert not Item.objects.get(pk=item.pk).at_odds

    def test_further_people_are_asked_up_to_the_most(self, project, bob):
        Task.objects.update(overlap_most=3)
        item = make_pair_item(project, overlap=2)
        said(project, bob, FIRST)
        said(project, make_user(), LAST)
        item.refresh_from_db()
        assert (item.overlap, item.open_slots) == (3, 1)
        said(project, make_user(), FIRST)
        item.refresh_from_db()
        assert (item.overlap, item.open_slots) == (3, 0)
        assert next_lease(project, make_user()) is None

    def test_what_was_recorded_elsewhere_is_weighed_too(self, project):
        item = make_pair_item(project)
        both = [Given(item, rater, strength=strength, scale=8) for rater, strength in (("a", 2), ("b", -2))]
        record_judgments(project, judgments=both, origin="import", rater_kind="imported")
        assert Item.objects.get(pk=item.pk).at_odds


@pytest.mark.django_db
class TestDecision:
    @pytest.fixture
    def item(self, project):
        item = make_pair_item(project, "one", "two", overlap=2)
        for strength in (2, -3):
            make_judgment(item, strength=strength)
        weigh([item.pk])
        return item

    def rows(self, project):
        filters = Filters(rater_kinds=("person", "simulated"))
        return [decided(item.voices) for batch in picked_items(project, filters, texts=False) for item in batch]

    def test_the_decision_stands_for_all(self, project, rita, item):
        chosen = item.judgments.get(strength=-3)
        made = decide(project, by=rita, item=item.pk, judgment=chosen.pk)
        assert (made.strength, made.origin, made.rater.user) == (-3, "review", rita)
        assert not Item.objects.get(pk=item.pk).at_odds
        assert [[voice.id for voice in voices] for voices in self.rows(project)] == [[made.pk]]
        assert AuditEntry.objects.filter(action="item.decide").exists()

    def test_a_later_decision_replaces_the_earlier(self, project, rita, item):
        first = decide(project, by=rita, item=item.pk, judgment=item.judgments.get(strength=-3).pk)
        second = decide(project, by=rita, item=item.pk, judgment=item.judgments.get(strength=2).pk)
        first.refresh_from_db()
        assert first.withdrawn
        assert [revision.kind for revision in first.revisions.order_by("number")] == ["give", "withdraw"]
        assert [[voice.id for voice in voices] for voices in self.rows(project)] == [[second.pk]]

    def test_it_stays_decided_when_another_answer_comes(self, project, rita, item):
        decide(project, by=rita, item=item.pk, judgment=item.judgments.get(strength=2).pk)
        make_judgment(item, strength=-4)
        weigh([item.pk])
        assert not Item.objects.get(pk=item.pk).at_odds

    def test_from_the_page(self, project, rita, as_user, item):
        client, address = as_user(rita), f"/p/wall/data/items/{item.pk}/"
        assert "People contradict each other" in client.get(address).content.decode()
        client.post(f"{address}decide/", {"judgment": item.judgments.get(strength=2).pk})
        page = client.get(address).content.decode()
        assert "People contradict each other" not in page
        assert "decides" in page

    @pytest.mark.parametrize("judgment", ["", "x", "999999999"])
    def test_an_answer_that_is_not_there_is_refused(self, project, rita, as_user, item, judgment):
        page = as_user(rita).post(f"/p/wall/data/items/{item.pk}/decide/", {"judgment": judgment}, follow=True)
        assert "not there any more" in page.content.decode()
        assert not Judgment.objects.filter(origin="review").exists()

    def test_another_projects_answer_is_not_there(self, project, rita, item):
        strange = make_judgment(make_pair_item(make_project()))
        with pytest.raises(Refused, match="not there any more"):
            decide(project, by=rita, item=item.pk, judgment=strange.pk)


@pytest.mark.django_db
def test_gold_is_made_of_an_answer_and_taken_back(project, rita, as_user):
    cache.clear()
    item = make_pair_item(project, overlap=2)
    known = make_judgment(item, strength=3)
    address = f"/p/wall/data/items/{item.pk}/"
    as_user(rita).post(f"{address}gold/", {"judgment": known.pk})
    item.refresh_from_db()
    assert (item.gold, item.overlap, item.open_slots) == (known.value, 0, 0)
    assert "Gold: its answer is known" in as_user(rita).get(address).content.decode()
    filters = Filters(rater_kinds=("simulated",))
    assert not chosen_judgments(project, filters).exists()
    assert chosen_judgments(project, Filters(rater_kinds=("simulated",), gold=True)).exists()
    set_gold(project, by=rita, item=item.pk, judgment=None)
    item.refresh_from_db()
    assert (item.gold, item.overlap) == (None, project.first_task.overlap)


@pytest.mark.parametrize("name", sorted(INTERFACES))
def test_every_way_can_be_compared_or_says_that_it_cannot(name):
    if name in INCOMPARABLE:
        assert not list(readings(name, None, None, {"text": "x"}))
    else:
        strength, value = SPOKEN[name]
        assert list(readings(name, value.get("scale"), strength, value))
        assert not at_odds(name, [SPOKEN[name], SPOKEN[name]])


@pytest.mark.parametrize(
    ("name", "one", "other", "odds"),
    [
        ("pairwise", (1, {"strength": 1}), (-1, {"strength": -1}), True),
        ("pairwise", (4, {"strength": 4}), (0, {"strength": 0}), False),
        ("thumbs", (None, {"label": True}), (None, {"label": False}), True),
        ("likert", (None, {"ratings": {"a": 1}, "scale": 5}), (None, {"ratings": {"a": 3}, "scale": 5}), True),
        ("likert", (None, {"ratings": {"a": 4}, "scale": 5}), (None, {"ratings": {"a": 5}, "scale": 5}), False),
        ("ranking", (None, {"ranks": [1, 2, 3]}), (None, {"ranks": [3, 2, 1]}), True),
        ("ranking", (None, {"ranks": [1, 2, 3]}), (None, {"ranks": [1, 3, 2]}), False),
        ("steps", (None, {"labels": [1, -1]}), (None, {"labels": [1, 1]}), True),
    ],
)
def test_contradictions_by_hand(name, one, other, odds):
    assert at_odds(name, [one, other]) is odds


@given(st.lists(st.integers(-4, 4), max_size=6))
def test_pairs_are_at_odds_when_both_sides_have_a_voice(strengths):
    answers = [(strength, {"strength": strength}) for strength in strengths]
    assert at_odds("pairwise", answers) is (min(strengths, default=0) < 0 < max(strengths, default=0))


def test_without_a_decision_everybody_counts():
    voices = [Said(1, 1, "answer", 8, 2), Said(2, 1, "answer", 8, -1)]
    assert decided(voices) == voices
    assert decided([*voices, Said(3, 1, "answer", 8, 4, decides=True)])[0].id == 3
