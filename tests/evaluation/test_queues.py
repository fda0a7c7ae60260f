"""The comparison's queue as labelling sees it: votes are judgments, blind until somebody looked."""

from uuid import uuid4

import pytest

from annotation.errors import Refused
from annotation.models import Judgment, Reveal
from annotation.queues import kind_of
from annotation.services import labelling
from evaluation.services import comparisons


def cast_vote(comparison, by, *, grade=1, **more):
    handed = labelling.hand_out(comparison.project, by=by, queue=comparison.queue)
    return labelling.submit(
        comparison.project,
        by=by,
        token=handed.lease.token,
        submission=uuid4(),
        payload={"outcome": "answer", "grade": grade},
        **more,
    ).judgment


def test_a_vote_is_a_judgment_of_its_own_origin(ready, bob):
    vote = cast_vote(ready, bob)
    assert (vote.origin, vote.blind, vote.item.queue) == ("compare", True, ready.queue)


def test_votes_are_open_once_somebody_looked_and_only_theirs(ready, rita, bob):
    first = cast_vote(ready, rita)
    comparisons.open_comparison(ready, by=rita)
    assert cast_vote(ready, rita).blind is False
    assert cast_vote(ready, bob).blind is True
    first.refresh_from_db()
    assert first.blind is True


def test_changing_a_blind_vote_after_looking_makes_it_open(ready, rita):
    vote = cast_vote(ready, rita)
    comparisons.open_comparison(ready, by=rita)
    labelling.submit(
        ready.project,
        by=rita,
        token=vote.assignment.token,
        submission=uuid4(),
        payload={"outcome": "answer", "grade": 8},
        change=True,
    )
    assert Judgment.objects.get(pk=vote.pk).blind is False


def test_with_names_after_each_vote_nothing_can_be_undone(ready, bob):
    ready.project.reveal = Reveal.VOTE
    ready.project.save()
    vote = cast_vote(ready, bob)
    with pytest.raises(Refused, match="no longer be changed"):
        labelling.withdraw(ready.project, by=bob, token=vote.assignment.token, submission=uuid4())


def test_the_title_never_holds_the_comparisons_name(ready):
    ready.name = "sft-secret against dpo-secret"
    ready.save()
    assert kind_of(ready.queue).title(ready.queue) == f"Comparison {ready.pk}"
