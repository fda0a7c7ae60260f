"""Labelling: being handed a pair, answering once, undoing, changing; slots are right throughout."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from annotation.errors import Refused
from annotation.models import Assignment, Item, Judgment, JudgmentRevision, Project, Sitting
from annotation.queues import QueueKind, register
from annotation.services.items import look_at_flag, settle_slots
from annotation.services.labelling import HELD_AT_MOST, hand_out, submit, withdraw
from annotation.services.leases import heartbeat
from annotation.services.sittings import close_idle, end_sitting, return_expired
from tests.factories import make_pair_item, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.services]

FIRST = {"outcome": "answer", "grade": 1}
SKIP = {"outcome": "skip", "reason": "subject"}
FLAG = {"outcome": "broken", "reason": "broken"}


@pytest.fixture
def items(project):
    return [make_pair_item(project) for _ in range(3)]


@pytest.fixture
def ann(project):
    return member(project, "ann")


def member(project, name):
    return make_user(name)


def give(project, by, lease, payload=FIRST, **fields):
    return submit(project, by=by, token=lease.token, submission=uuid4(), payload=payload, **fields)


def next_lease(project, by, known=(), queue="label"):
    return hand_out(project, by=by, queue=queue, known=tuple(lease.token for lease in known)).lease


def run_out(lease):
    Assignment.objects.filter(pk=lease.pk).update(expires_at=timezone.now() - timedelta(seconds=1))


def slots(item):
    return Item.objects.get(pk=item.pk).open_slots


def recounted(items):
    """Slots as they stand; recounting them changes nothing."""
    before = [slots(item) for item in items]
    settle_slots([item.pk for item in items])
    assert [slots(item) for item in items] == before
    return before


class TestHandOut:
    def test_the_first_item_with_the_guide_in_force(self, project, bob, items):
        given = hand_out(project, by=bob)
        assert given.lease.item == items[0]
        assert given.lease.instruction == project.instructions.get()
        assert given.sitting.queue == "label"
        assert recounted(items) == [0, 1, 1]

    def test_a_page_that_comes_again_gets_the_same_lease(self, project, bob, items):
        assert next_lease(project, bob) == next_lease(project, bob)
        assert recounted(items) == [0, 1, 1]

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


class TestSubmit:
    @pytest.mark.parametrize(("order", "strength"), [([0, 1], 4), ([1, 0], -4)])
    def test_an_answer_is_stored_in_shown_and_true_order(self, project, bob, items, order, strength):
        lease = next_lease(project, bob)
        Assignment.objects.update(shown_order=order)
        judgment = give(project, bob, lease, FIRST | {"comment": "runs"}).judgment
        judgment.refresh_from_db()
        assert (judgment.strength, judgment.scale, judgment.shown_order) == (strength, 8, order)
        assert judgment.shown_value == {"grade": 1}
        assert judgment.value == {"scale": 8, "strength": strength, "preferred": order[0]}
        assert (judgment.comment, judgment.origin, judgment.blind) == ("runs", "label", True)
        assert judgment.instruction == project.instructions.get()
        assert recounted(items) == [0, 1, 1]

    def test_sending_it_twice_stores_it_once(self, project, bob, items):
        lease, submission = next_lease(project, bob), uuid4()
        for repeated in (False, True, True):
            done = submit(project, by=bob, token=lease.token, submission=submission, payload=FIRST)
            assert done.repeated is repeated
        assert Judgment.objects.count() == JudgmentRevision.objects.count() == 1

    def test_a_submission_id_is_good_for_one_pair(self, project, bob, items):
        one = next_lease(project, bob)
        two = next_lease(project, bob, [one])
        submission = uuid4()
        submit(project, by=bob, token=one.token, submission=submission, payload=FIRST)
        with pytest.raises(Refused, match="another pair"):
            submit(project, by=bob, token=two.token, submission=submission, payload=FIRST)

    def test_another_window_cannot_overwrite_by_accident(self, project, bob, items):
        lease = next_lease(project, bob)
        give(project, bob, lease)
        with pytest.raises(Refused, match="another window") as caught:
            give(project, bob, lease, {"outcome": "answer", "grade": 8})
        assert caught.value.code == "already_answered"
        assert give(project, bob, lease, {"outcome": "answer", "grade": 8}, change=True).judgment.revision == 2

    def test_nobody_answers_for_somebody_else(self, project, bob, ann, items):
        lease = next_lease(project, bob)
        with pytest.raises(Refused, match="never handed to you"):
            give(project, ann, lease)

    def test_what_does_not_fit_changes_nothing(self, project, bob, items):
        lease = next_lease(project, bob)
        with pytest.raises(Refused) as caught:
            give(project, bob, lease, {"outcome": "answer", "grade": 9})
        assert caught.value.problems == [{"path": "grade", "message": "Choose a cell from 1 to 8."}]
        lease.refresh_from_db()
        assert lease.state == "leased"

    def test_the_scale_that_was_shown_counts(self, project, bob, items):
        lease = next_lease(project, bob)
        Project.objects.update(scale=5)
        project.refresh_from_db()
        judgment = give(project, bob, lease, {"outcome": "answer", "grade": 8, "scale": 8}).judgment
        assert (judgment.scale, abs(judgment.strength)) == (8, 4)

    def test_a_skip_frees_the_slot_for_somebody_else(self, project, bob, ann, items):
        judgment = give(project, bob, next_lease(project, bob), SKIP).judgment
        assert (judgment.outcome, judgment.reason, judgment.strength) == ("skip", "subject", None)
        assert recounted(items) == [1, 1, 1]
        assert next_lease(project, bob).item == items[1]
        assert next_lease(project, ann).item == items[0]

    def test_a_flag_puts_the_item_aside_until_looked_at(self, project, bob, ann, items):
        give(project, bob, next_lease(project, bob), FLAG)
        assert recounted(items) == [0, 1, 1]
        assert next_lease(project, ann).item == items[1]
        look_at_flag(project, item=items[0].pk, keep_out=False)
        assert recounted(items)[0] == 1

    def test_active_time_is_kept_within_the_clock(self, project, bob, items):
        lease = next_lease(project, bob)
        Assignment.objects.update(handed_at=timezone.now() - timedelta(seconds=10))
        assert give(project, bob, lease, active_ms=6_500).judgment.active_ms == 6_500
        other = next_lease(project, bob)
        assert give(project, bob, other, active_ms=3_600_000).judgment.active_ms < 5_000


class TestLateAnswers:
    def test_after_its_lease_ran_out_the_slot_is_taken_again(self, project, bob, items):
        lease = next_lease(project, bob)
        run_out(lease)
        assert return_expired() == 1
        assert recounted(items)[0] == 1
        judgment = give(project, bob, lease).judgment
        assert judgment.surplus is False
        assert recounted(items)[0] == 0

    def test_after_somebody_else_has_the_slot_it_is_kept_as_surplus(self, project, bob, ann, items):
        lease = next_lease(project, bob)
        run_out(lease)
        return_expired()
        theirs = next_lease(project, ann)
        assert theirs.item == lease.item
        late = give(project, bob, lease, FIRST | {"comment": "kept"}).judgment
        assert (late.surplus, late.comment) == (True, "kept")
        assert give(project, ann, theirs).judgment.surplus is False
        assert recounted(items)[0] == 0

    def test_after_the_sitting_ended_it_belongs_to_that_sitting(self, project, bob, items):
        given = hand_out(project, by=bob)
        end_sitting(project, by=bob)
        assert recounted(items)[0] == 1
        judgment = give(project, bob, given.lease).judgment
        assert judgment.sitting == given.sitting
        assert judgment.surplus is False
        assert recounted(items)[0] == 0


class TestUndoAndChange:
    def test_undo_brings_the_pair_back(self, project, bob, ann, items):
        lease = next_lease(project, bob)
        give(project, bob, lease, FIRST | {"comment": "mine"})
        judgment = withdraw(project, by=bob, token=lease.token, submission=uuid4()).judgment
        assert judgment.withdrawn
        again = next_lease(project, bob)
        assert again == lease
        assert again.draft == {"comment": "mine"}
        assert recounted(items) == [0, 1, 1]
        give(project, bob, lease, {"outcome": "answer", "grade": 8})
        kinds = list(JudgmentRevision.objects.order_by("number").values_list("kind", flat=True))
        assert kinds == ["give", "withdraw", "give"]
        assert Judgment.objects.get().withdrawn is False

    def test_undo_twice_is_one_undo(self, project, bob, items):
        lease, submission = next_lease(project, bob), uuid4()
        give(project, bob, lease)
        for repeated in (False, True):
            assert withdraw(project, by=bob, token=lease.token, submission=submission).repeated is repeated
        with pytest.raises(Refused, match="undone already"):
            withdraw(project, by=bob, token=lease.token, submission=uuid4())

    def test_undoing_a_skip_takes_the_slot_if_it_is_still_there(self, project, bob, ann, items):
        lease = next_lease(project, bob)
        give(project, bob, lease, SKIP)
        withdraw(project, by=bob, token=lease.token, submission=uuid4())
        assert next_lease(project, bob) == lease
        assert recounted(items)[0] == 0

    def test_undoing_a_skip_whose_slot_went_on_leaves_a_surplus_answer(self, project, bob, ann, items):
        lease = next_lease(project, bob)
        give(project, bob, lease, SKIP)
        next_lease(project, ann)
        withdraw(project, by=bob, token=lease.token, submission=uuid4())
        assert give(project, bob, lease).judgment.surplus is True
        assert recounted(items)[0] == 0

    def test_undoing_a_flag_puts_the_item_back(self, project, bob, items):
        lease = next_lease(project, bob)
        give(project, bob, lease, FLAG)
        withdraw(project, by=bob, token=lease.token, submission=uuid4())
        assert Item.objects.get(pk=items[0].pk).put_aside is False
        assert next_lease(project, bob) == lease
        assert recounted(items)[0] == 0

    def test_a_flag_stays_while_somebody_elses_flag_stands(self, project, bob, ann):
        item = make_pair_item(project, overlap=2)
        mine, theirs = next_lease(project, bob), next_lease(project, ann)
        give(project, bob, mine, FLAG), give(project, ann, theirs, FLAG)
        withdraw(project, by=bob, token=mine.token, submission=uuid4())
        assert Item.objects.get(pk=item.pk).put_aside is True

    @pytest.mark.parametrize(
        ("first", "then", "left"),
        [(FIRST, SKIP, 1), (SKIP, FIRST, 0), (FLAG, FIRST, 0), (FIRST, FLAG, 0), (FLAG, SKIP, 1), (SKIP, FLAG, 0)],
    )
    def test_a_change_moves_the_slot_with_it(self, project, bob, items, first, then, left):
        lease = next_lease(project, bob)
        give(project, bob, lease, first)
        judgment = give(project, bob, lease, then, change=True).judgment
        assert (judgment.outcome, judgment.surplus) == (then["outcome"], False)
        assert recounted(items)[0] == left

    def test_when_the_sitting_has_ended_answers_are_final(self, project, bob, items):
        lease = next_lease(project, bob)
        give(project, bob, lease)
        end_sitting(project, by=bob)
        with pytest.raises(Refused, match="final"):
            withdraw(project, by=bob, token=lease.token, submission=uuid4())
        with pytest.raises(Refused, match="final"):
            give(project, bob, lease, change=True)

    def test_after_a_reveal_nothing_is_undone(self, project, bob):
        register(QueueKind(prefix="trial", origin="compare", title=lambda queue: queue, reveals=True))
        make_pair_item(project, queue="trial:1")
        project.reveal = "vote"
        lease = next_lease(project, bob, queue="trial:1")
        give(project, bob, lease)
        with pytest.raises(Refused, match="revealed"):
            withdraw(project, by=bob, token=lease.token, submission=uuid4())


class TestHeartbeat:
    def test_it_holds_every_lease_of_the_sitting(self, project, bob, items):
        one = next_lease(project, bob)
        two = next_lease(project, bob, [one])
        run_out(one), run_out(two)
        assert heartbeat(project, by=bob, token=one.token) == "held"
        assert return_expired() == 0

    def test_it_keeps_the_draft_and_the_time(self, project, bob, items):
        lease = next_lease(project, bob)
        Assignment.objects.update(handed_at=timezone.now() - timedelta(minutes=1))
        heartbeat(project, by=bob, token=lease.token, active_ms=9_000, draft={"comment": "half a tho"})
        heartbeat(project, by=bob, token=lease.token, active_ms=8_000)
        lease.refresh_from_db()
        assert (lease.draft, lease.active_ms) == ({"comment": "half a tho"}, 9_000)

    def test_after_a_long_silence_it_takes_the_lease_again_if_it_can(self, project, bob, items):
        lease = next_lease(project, bob)
        run_out(lease)
        return_expired()
        assert heartbeat(project, by=bob, token=lease.token) == "held"
        assert recounted(items)[0] == 0

    def test_a_lost_lease_loses_no_text(self, project, bob, ann, items):
        lease = next_lease(project, bob)
        run_out(lease)
        return_expired()
        next_lease(project, ann)
        assert heartbeat(project, by=bob, token=lease.token, draft={"comment": "kept"}) == "lost"
        lease.refresh_from_db()
        assert lease.draft == {"comment": "kept"}

    def test_what_happened_in_another_window_is_said(self, project, bob, items):
        one = next_lease(project, bob)
        two = next_lease(project, bob, [one])
        give(project, bob, one)
        assert heartbeat(project, by=bob, token=one.token, draft={}) == "answered"
        give(project, bob, two, SKIP)
        assert heartbeat(project, by=bob, token=two.token) == "answered"
        assert recounted(items)[1] == 1
        three = next_lease(project, bob)
        end_sitting(project, by=bob)
        assert heartbeat(project, by=bob, token=three.token) == "ended"

    def test_a_draft_has_a_limit(self, project, bob, items):
        lease = next_lease(project, bob)
        with pytest.raises(Refused, match="20,000"):
            heartbeat(project, by=bob, token=lease.token, draft={"comment": "x" * 20_001})


class TestSittings:
    def test_ending_gives_back_what_was_not_answered(self, project, bob, items):
        one = next_lease(project, bob)
        next_lease(project, bob, [one])
        give(project, bob, one)
        sitting = end_sitting(project, by=bob)
        assert sitting.ended_at is not None
        assert recounted(items) == [0, 1, 1]
        assert end_sitting(project, by=bob) is None

    def test_thirty_idle_minutes_end_it(self, project, bob, ann, items):
        idle, busy = hand_out(project, by=bob).sitting, hand_out(project, by=ann).sitting
        Sitting.objects.filter(pk=idle.pk).update(last_seen_at=timezone.now() - timedelta(minutes=31))
        assert close_idle() == (1, 0)
        assert Sitting.objects.get(pk=idle.pk).ended_at is not None
        assert Sitting.objects.get(pk=busy.pk).ended_at is None
        assert recounted(items) == [1, 0, 1]

    def test_coming_back_after_thirty_minutes_is_a_new_sitting(self, project, bob, items):
        first = hand_out(project, by=bob).sitting
        Sitting.objects.update(last_seen_at=timezone.now() - timedelta(minutes=31))
        second = hand_out(project, by=bob).sitting
        assert first != second
        assert Sitting.objects.get(pk=first.pk).ended_at is not None

    def test_a_lease_that_was_renewed_meanwhile_is_not_taken(self, project, bob, items):
        lease = next_lease(project, bob)
        assert return_expired() == 0
        run_out(lease)
        assert close_idle() == (0, 1)
        lease.refresh_from_db()
        assert lease.state == "expired"
