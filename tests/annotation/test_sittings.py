"""Heartbeats hold leases and drafts; sittings end, and give back what was held."""

from datetime import timedelta

import pytest
from django.utils import timezone

from annotation.errors import Refused
from annotation.models import Assignment, Sitting
from annotation.services.labelling import hand_out
from annotation.services.leases import DRAFT_LIMIT, heartbeat
from annotation.services.sittings import close_idle, end_sitting, return_expired
from tests.annotation.leasing import SKIP, give, next_lease, run_out, slots
from tests.factories import make_pair_item, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.services]


@pytest.fixture
def items(project):
    return [make_pair_item(project) for _ in range(3)]


@pytest.fixture
def ann(db):
    return make_user("ann")


class TestHeartbeat:
    def test_it_holds_every_lease_of_the_sitting(self, project, bob, items):
        one = next_lease(project, bob)
        two = next_lease(project, bob, [one])
        run_out(one), run_out(two)
        assert heartbeat(project, by=bob, token=one.token) == "held"
        assert return_expired() == 0

    def test_while_an_old_answer_is_read_again_the_others_are_held(self, project, bob, items):
        one = next_lease(project, bob)
        two = next_lease(project, bob, [one])
        give(project, bob, one)
        run_out(two)
        assert heartbeat(project, by=bob, token=one.token) == "answered"
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
        assert slots(items)[0] == 0

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
        assert slots(items)[1] == 1
        three = next_lease(project, bob)
        end_sitting(project, by=bob)
        assert heartbeat(project, by=bob, token=three.token) == "ended"

    def test_a_draft_has_a_limit(self, project, bob, items):
        lease = next_lease(project, bob)
        with pytest.raises(Refused, match=f"{DRAFT_LIMIT:,}"):
            heartbeat(project, by=bob, token=lease.token, draft={"comment": "x" * DRAFT_LIMIT})


class TestSittings:
    def test_ending_gives_back_what_was_not_answered(self, project, bob, items):
        one = next_lease(project, bob)
        next_lease(project, bob, [one])
        give(project, bob, one)
        sitting = end_sitting(project, by=bob)
        assert sitting.ended_at is not None
        assert slots(items) == [0, 1, 1]
        assert end_sitting(project, by=bob) is None

    def test_thirty_idle_minutes_end_it(self, project, bob, ann, items):
        idle, busy = hand_out(project, by=bob).sitting, hand_out(project, by=ann).sitting
        Sitting.objects.filter(pk=idle.pk).update(last_seen_at=timezone.now() - timedelta(minutes=31))
        assert close_idle() == (1, 0)
        assert Sitting.objects.get(pk=idle.pk).ended_at is not None
        assert Sitting.objects.get(pk=busy.pk).ended_at is None
        assert slots(items) == [1, 0, 1]

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
