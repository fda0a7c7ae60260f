"""Undoing and changing an answer; the slot moves along."""

from uuid import uuid4

import pytest

from annotation.errors import Refused
from annotation.models import Item, Judgment, JudgmentRevision
from annotation.queues import QueueKind, register
from annotation.services.labelling import withdraw
from annotation.services.sittings import end_sitting
from tests.annotation.leasing import FIRST, FLAG, LAST, SKIP, give, next_lease, slots
from tests.factories import make_pair_item, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.services]


@pytest.fixture
def items(project):
    return [make_pair_item(project) for _ in range(3)]


@pytest.fixture
def ann(db):
    return make_user("ann")


class TestUndoAndChange:
    def test_undo_brings_the_pair_back(self, project, bob, ann, items):
        lease = next_lease(project, bob)
        give(project, bob, lease, FIRST | {"comment": "mine"})
        judgment = withdraw(project, by=bob, token=lease.token, submission=uuid4()).judgment
        assert judgment.withdrawn
        again = next_lease(project, bob)
        assert again == lease
        assert again.draft == {"comment": "mine"}
        assert slots(items) == [0, 1, 1]
        give(project, bob, lease, LAST)
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
        assert slots(items)[0] == 0

    def test_undoing_a_skip_whose_slot_went_on_leaves_a_surplus_answer(self, project, bob, ann, items):
        lease = next_lease(project, bob)
        give(project, bob, lease, SKIP)
        next_lease(project, ann)
        withdraw(project, by=bob, token=lease.token, submission=uuid4())
        assert give(project, bob, lease).judgment.surplus is True
        assert slots(items)[0] == 0

    def test_undoing_a_flag_puts_the_item_back(self, project, bob, items):
        lease = next_lease(project, bob)
        give(project, bob, lease, FLAG)
        withdraw(project, by=bob, token=lease.token, submission=uuid4())
        assert Item.objects.get(pk=items[0].pk).put_aside is False
        assert next_lease(project, bob) == lease
        assert slots(items)[0] == 0

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
        assert slots(items)[0] == left

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
