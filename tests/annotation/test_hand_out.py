"""Being handed a pair: who gets what, once, within a dozen queries."""

import pytest

from annotation.errors import Refused
from annotation.models import Sitting
from annotation.queues import QueueKind, register
from annotation.services.items import settle_slots
from annotation.services.labelling import HELD_AT_MOST, hand_out
from annotation.services.sittings import end_sitting
from tests.annotation.leasing import SKIP, give, next_lease, run_out, slots
from tests.factories import make_pair_item, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.services]


@pytest.fixture
def items(project):
    return [make_pair_item(project) for _ in range(3)]


@pytest.fixture
def ann(db):
    return make_user("ann")


class TestHandOut:
    def test_the_first_item_with_the_guide_in_force(self, project, bob, items):
        given = hand_out(project, by=bob)
        assert given.lease.item == items[0]
        assert given.lease.instruction == project.instructions.get()
        assert given.sitting.queue == "label"
        assert slots(items) == [0, 1, 1]

    def test_a_page_that_comes_again_gets_the_same_lease(self, project, bob, items):
        assert next_lease(project, bob) == next_lease(project, bob)
        assert slots(items) == [0, 1, 1]

    def test_the_next_is_prefetched_as_a_second_lease(self, project, bob, items):
        one = next_lease(project, bob)
        two = next_lease(project, bob, [one])
        assert (one.item, two.item) == (items[0], items[1])
        assert next_lease(project, bob, [one]) == two

    def test_a_page_cannot_hoard(self, project, bob):
        for _ in range(HELD_AT_MOST + 2):
            make_pair_item(project)
        held = []
        while lease := next_lease(project, bob, held):
            held.append(lease)
        assert len(held) == HELD_AT_MOST

    def test_two_people_never_share_a_slot(self, project, bob, ann, items):
        assert next_lease(project, bob).item == items[0]
        assert next_lease(project, ann).item == items[1]

    def test_with_overlap_two_both_get_it_and_nobody_twice(self, project, bob, ann):
        item = make_pair_item(project, overlap=2)
        give(project, bob, next_lease(project, bob))
        assert next_lease(project, bob) is None
        assert next_lease(project, ann).item == item
        assert next_lease(project, make_user()) is None

    def test_unpublished_and_put_aside_items_go_to_nobody(self, project, bob):
        make_pair_item(project, published=False)
        aside = make_pair_item(project, put_aside=True)
        settle_slots([aside.pk])
        assert next_lease(project, bob) is None

    def test_other_queues_are_other_sittings(self, project, bob, items):
        register(QueueKind(prefix="trial", origin="compare", title=lambda queue: queue))
        vote = make_pair_item(project, queue="trial:1")
        assert next_lease(project, bob, queue="trial:1").item == vote
        assert next_lease(project, bob).item == items[0]
        assert Sitting.objects.filter(ended_at=None).count() == 2
        assert give(project, bob, next_lease(project, bob, queue="trial:1")).judgment.origin == "compare"

    def test_an_unknown_queue_is_refused(self, project, bob):
        with pytest.raises(Refused) as caught:
            hand_out(project, by=bob, queue="nowhere:1")
        assert caught.value.status == 404

    def test_a_new_sitting_goes_on_where_the_last_one_stopped(self, project, bob, items):
        give(project, bob, next_lease(project, bob))
        end_sitting(project, by=bob)
        assert next_lease(project, bob).item == items[1]

    def test_slots_given_back_behind_the_cursor_are_found(self, project, bob, ann, items):
        held = next_lease(project, ann)
        for _ in range(2):
            give(project, bob, next_lease(project, bob))
        assert next_lease(project, bob) is None
        give(project, ann, held, SKIP)
        assert next_lease(project, bob).item == items[0]

    def test_an_empty_queue_first_takes_back_what_ran_out(self, project, bob, ann):
        make_pair_item(project)
        run_out(next_lease(project, ann))
        assert next_lease(project, bob) is not None

    def test_sides_are_balanced_and_stored(self, project, bob):
        for _ in range(40):
            make_pair_item(project)
        orders = []
        while lease := next_lease(project, bob):
            orders.append(lease.shown_order[0])
            give(project, bob, lease)
        assert abs(orders.count(0) - orders.count(1)) <= 3
        assert 0 < orders.count(0) < 40
        rater = Sitting.objects.get().rater
        assert (rater.left_count, rater.right_count) == (orders.count(0), orders.count(1))

    def test_at_most_a_dozen_queries(self, project, bob, django_assert_max_num_queries):
        for _ in range(20):
            make_pair_item(project)
        first = next_lease(project, bob)
        with django_assert_max_num_queries(12):
            assert next_lease(project, bob, [first]) is not None
