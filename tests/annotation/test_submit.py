"""Answering: stored once, in shown and true order; late answers are kept."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from annotation.errors import Refused
from annotation.models import Assignment, Judgment, JudgmentRevision, Task
from annotation.services.items import look_at_flag
from annotation.services.labelling import hand_out, submit
from annotation.services.sittings import end_sitting, return_expired
from tests.annotation.leasing import FIRST, FLAG, LAST, SKIP, give, next_lease, run_out, slots
from tests.factories import make_pair_item, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.services]


@pytest.fixture
def items(project):
    return [make_pair_item(project) for _ in range(3)]


@pytest.fixture
def ann(db):
    return make_user("ann")


class TestSubmit:
    @pytest.mark.parametrize(("order", "strength"), [([0, 1], 4), ([1, 0], -4)])
    def test_an_answer_is_stored_in_shown_and_true_order(self, project, bob, items, order, strength):
        lease = next_lease(project, bob)
        Assignment.objects.update(shown_order=order)
        judgment = give(project, bob, lease, FIRST | {"comment": "runs"}).judgment
        judgment.refresh_from_db()
        assert (judgment.strength, judgment.scale, judgment.shown_order) == (strength, 8, order)
        assert judgment.shown_value == {"grade": 1, "scale": 8}
        assert judgment.value == {"scale": 8, "strength": strength, "preferred": order[0]}
        assert (judgment.comment, judgment.origin, judgment.blind) == ("runs", "label", True)
        assert judgment.instruction == project.instructions.get()
        assert slots(items) == [0, 1, 1]

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
        with pytest.raises(Refused, match="another item"):
            submit(project, by=bob, token=two.token, submission=submission, payload=FIRST)

    def test_another_window_cannot_overwrite_by_accident(self, project, bob, items):
        lease = next_lease(project, bob)
        give(project, bob, lease)
        with pytest.raises(Refused, match="another window") as caught:
            give(project, bob, lease, LAST)
        assert caught.value.code == "already_answered"
        assert give(project, bob, lease, LAST, change=True).judgment.revision == 2

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
        Task.objects.update(settings={"scale": 5})
        judgment = give(project, bob, lease, {"outcome": "answer", "grade": 8, "scale": 8}).judgment
        assert (judgment.scale, abs(judgment.strength)) == (8, 4)

    def test_a_skip_frees_the_slot_for_somebody_else(self, project, bob, ann, items):
        judgment = give(project, bob, next_lease(project, bob), SKIP).judgment
        assert (judgment.outcome, judgment.reason, judgment.strength) == ("skip", "subject", None)
        assert slots(items) == [1, 1, 1]
        assert next_lease(project, bob).item == items[1]
        assert next_lease(project, ann).item == items[0]

    def test_a_flag_puts_the_item_aside_until_looked_at(self, project, bob, ann, items):
        give(project, bob, next_lease(project, bob), FLAG)
        assert slots(items) == [0, 1, 1]
        assert next_lease(project, ann).item == items[1]
        look_at_flag(project, by=bob, item=items[0].pk, keep_out=False)
        assert slots(items)[0] == 1

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
        assert slots(items)[0] == 1
        judgment = give(project, bob, lease).judgment
        assert judgment.surplus is False
        assert slots(items)[0] == 0

    def test_after_somebody_else_has_the_slot_it_is_kept_as_surplus(self, project, bob, ann, items):
        lease = next_lease(project, bob)
        run_out(lease)
        return_expired()
        theirs = next_lease(project, ann)
        assert theirs.item == lease.item
        late = give(project, bob, lease, FIRST | {"comment": "kept"}).judgment
        assert (late.surplus, late.comment) == (True, "kept")
        assert give(project, ann, theirs).judgment.surplus is False
        assert slots(items)[0] == 0

    def test_after_the_sitting_ended_it_belongs_to_that_sitting(self, project, bob, items):
        given = hand_out(project, by=bob)
        end_sitting(project, by=bob)
        assert slots(items)[0] == 1
        judgment = give(project, bob, given.lease).judgment
        assert judgment.sitting == given.sitting
        assert judgment.surplus is False
        assert slots(items)[0] == 0
