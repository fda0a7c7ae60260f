"""The order items are handed out in, what is woven into it, and with which probability."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from annotation.models import Assignment, Item, Judgment, Task
from annotation.services import drawing
from annotation.services.items import create_items, settle_slots
from annotation.services.ranking import prioritise, rank_task
from annotation.services.repeats import REPEATED_KINDS, prepare
from annotation.services.sittings import end_sitting
from annotation.services.tasks import change_task
from annotation.uncertainty import ensemble_spread, probability, split_share
from tests.annotation.leasing import FIRST, give, next_lease
from tests.factories import make_completion, make_judgment, make_pair_item, make_prompt, make_user

database = [pytest.mark.django_db, pytest.mark.services]


@pytest.fixture
def items(project):
    return [make_pair_item(project, overlap=2) for _ in range(4)]


@pytest.fixture
def task(project):
    return project.first_task


@pytest.fixture(autouse=True)
def forget():
    cache.clear()


def handed(project, user, count: int) -> list[Item]:
    found = []
    for _ in range(count):
        lease = next_lease(project, user)
        found.append(lease.item)
        give(project, user, lease)
    return found


def roll(monkeypatch, value: float) -> None:
    monkeypatch.setattr(drawing.chance, "random", lambda: value)


class TestOrders:
    pytestmark = database

    def test_by_priority_highest_first(self, project, bob, items, task, alice):
        for item, priority in zip(items, [0, 5, -3, 5], strict=True):
            Item.objects.filter(pk=item.pk).update(priority=priority)
        change_task(task, by=alice, order="priority", random_share=0.0)
        rank_task(task.pk)
        assert handed(project, bob, 4) == [items[1], items[3], items[0], items[2]]

    def test_a_priority_set_later_counts_at_once(self, project, bob, items, task, alice):
        change_task(task, by=alice, order="priority", random_share=0.0)
        rank_task(task.pk)
        assert handed(project, bob, 1) == [items[0]]
        prioritise([items[3].pk], 7)
        assert handed(project, bob, 2) == [items[3], items[1]]

    def test_where_people_disagree_first(self, project, bob, items, task, alice):
        settled, split = items[1], items[2]
        for strength in (2, 3):
            make_judgment(settled, strength=strength)
        for strength in (2, -3):
            make_judgment(split, strength=strength)
        Item.objects.update(overlap=4)
        settle_slots([item.pk for item in items])
        change_task(task, by=alice, order="disagreement", random_share=0.0)
        rank_task(task.pk)
        assert handed(project, bob, 1) == [split]

    def test_at_random_everybody_gets_everything_once(self, project, bob, items, task, alice):
        change_task(task, by=alice, order="random")
        rank_task(task.pk)
        assert Item.objects.values("rank").distinct().count() == 4
        assert {item.pk for item in handed(project, bob, 4)} == {item.pk for item in items}
        assert next_lease(project, bob) is None

    def test_back_in_sequence(self, project, bob, items, task, alice):
        change_task(task, by=alice, order="random")
        rank_task(task.pk)
        change_task(task, by=alice, order="sequence")
        rank_task(task.pk)
        assert handed(project, bob, 4) == items

    def test_a_new_order_starts_at_its_top(self, project, bob, items, task, alice):
        assert handed(project, bob, 2) == items[:2]
        Item.objects.filter(pk=items[3].pk).update(priority=9)
        change_task(task, by=alice, order="priority", random_share=0.0)
        rank_task(task.pk)
        assert handed(project, bob, 2) == [items[3], items[2]]

    def test_it_goes_on_in_the_next_sitting(self, project, bob, items, task, alice):
        Item.objects.filter(pk=items[3].pk).update(priority=9)
        change_task(task, by=alice, order="priority", random_share=0.0)
        rank_task(task.pk)
        assert handed(project, bob, 2) == [items[3], items[0]]
        end_sitting(project, by=bob)
        assert handed(project, bob, 2) == [items[1], items[2]]

    @pytest.mark.parametrize("order", ["sequence", "random", "priority"])
    def test_a_dozen_queries_at_most(self, project, bob, items, task, alice, as_user, order):
        change_task(task, by=alice, order=order)
        rank_task(task.pk)
        handed(project, bob, 1)
        with CaptureQueriesContext(connection) as captured:
            next_lease(project, bob)
        assert len([query for query in captured if not query["sql"].startswith(("BEGIN", "SAVE", "RELEASE"))]) <= 9


class TestWeaving:
    pytestmark = database

    def test_a_random_draw_is_marked_with_its_probability(self, project, bob, items, task, alice, monkeypatch):
        change_task(task, by=alice, order="priority", random_share=0.2)
        rank_task(task.pk)
        roll(monkeypatch, 0.1)
        lease = next_lease(project, bob)
        assert (lease.why, lease.probability) == ("random", pytest.approx(0.2 / 4))
        roll(monkeypatch, 0.5)
        Assignment.objects.all().delete()
        lease = next_lease(project, bob)
        assert (lease.why, lease.probability) == ("", pytest.approx(0.8))

    def test_random_draws_reach_every_item(self, project, items, task, alice, monkeypatch):
        change_task(task, by=alice, order="priority", random_share=1.0)
        rank_task(task.pk)
        met = {next_lease(project, make_user()).item_id for _ in range(8)}
        assert met == {item.pk for item in items}  # eight slots, each given once

    def test_gold_comes_once_to_everybody_and_takes_no_slot(self, project, bob, items, task, alice, monkeypatch):
        gold = make_pair_item(project, overlap=0)
        Item.objects.filter(pk=gold.pk).update(gold={"preferred": 0}, open_slots=0)
        change_task(task, by=alice, gold_share=0.1)
        roll(monkeypatch, 0.05)
        lease = next_lease(project, bob)
        assert (lease.item, lease.why) == (gold, "gold")
        give(project, bob, lease)
        assert next_lease(project, bob).item == items[0]
        assert next_lease(project, make_user()).item == gold
        gold.refresh_from_db()
        assert gold.open_slots == 0

    def test_a_repeat_comes_later_turned_round_and_counts_for_nobody(
        self, project, bob, items, task, alice, monkeypatch
    ):
        change_task(task, by=alice, repeat_share=0.1)
        roll(monkeypatch, 0.9)
        lease = next_lease(project, bob)
        give(project, bob, lease, FIRST)
        assert prepare() == 1
        assert prepare() == 0
        roll(monkeypatch, 0.05)
        assert next_lease(project, bob).item == items[1]  # too soon
        Judgment.objects.update(judged_at=timezone.now() - timedelta(hours=1))
        Assignment.objects.filter(state="leased").delete()
        again = next_lease(project, bob)
        assert (again.item.repeat_of, again.why) == (items[0], "repeat")
        assert again.shown_order == list(reversed(lease.shown_order))
        assert list(again.item.entries.values_list("completion", flat=True)) == list(
            items[0].entries.values_list("completion", flat=True)
        )
        give(project, bob, again, FIRST)
        items[0].refresh_from_db()
        assert items[0].open_slots == 1  # of two: the repeat took none
        assert next_lease(project, make_user()).why == ""  # who has not judged it is not asked again

    def test_handing_out_a_repeat_costs_no_more_queries(self, project, bob, items, task, alice, monkeypatch):
        change_task(task, by=alice, repeat_share=1.0)
        roll(monkeypatch, 0.9)
        give(project, bob, next_lease(project, bob), FIRST)
        prepare()
        Judgment.objects.update(judged_at=timezone.now() - timedelta(hours=1))
        with CaptureQueriesContext(connection) as captured:
            assert next_lease(project, bob).why == "repeat"
        assert len([query for query in captured if not query["sql"].startswith(("BEGIN", "SAVE", "RELEASE"))]) <= 9


@pytest.mark.django_db
def test_a_random_task_ranks_what_is_added_later(project, task):
    Task.objects.update(order="random")
    prompt = make_prompt(project)
    rows = [(prompt, [make_completion(prompt), make_completion(prompt)]) for _ in range(3)]
    assert len({item.rank for item in create_items(project, rows=rows)}) == 3


def test_only_what_people_judged_is_repeated():
    assert REPEATED_KINDS == ("person",)


def test_spread_by_hand():
    # sigma(log 3) = .75 and sigma(-log 3) = .25: mean .5, deviation .25
    from math import log

    assert ensemble_spread([log(3), -log(3)]) == pytest.approx(0.25)
    assert ensemble_spread([1.2, 1.2, 1.2]) == 0
    with pytest.raises(ValueError, match="at least two"):
        ensemble_spread([1.0])


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=9))
def test_spread_has_bounds_and_no_side(gaps):
    assert 0 <= ensemble_spread(gaps) <= 0.5 + 1e-12
    assert ensemble_spread([-gap for gap in gaps]) == pytest.approx(ensemble_spread(gaps), abs=1e-9)


@given(st.floats(-800, 800))
def test_probability_is_symmetric_and_never_overflows(gap):
    assert probability(gap) + probability(-gap) == pytest.approx(1)


def test_split_share_by_hand():
    assert split_share([1, 2, -3]) == pytest.approx(2 / 3)
    assert split_share([1, -1, 0]) == 1
    assert split_share([2, 4]) == 0
    assert split_share([0]) == 0
