"""A vote of a comparison is preference data again: in a snapshot that asks for it, traceable, and in no other."""

import json
from pathlib import Path
from uuid import uuid4

import pytest

from annotation.errors import Refused
from annotation.models import Judgment
from annotation.services import labelling, snapshots
from annotation.services.sittings import end_sitting
from evaluation.services import comparisons


@pytest.fixture(autouse=True)
def quiet(monkeypatch, home):
    monkeypatch.setattr(snapshots, "enqueue", lambda *_args, **_ids: None)


def vote(comparison, by, grade=1):
    lease = labelling.hand_out(comparison.project, by=by, queue=comparison.queue).lease
    payload = {"outcome": "answer", "grade": grade}
    return labelling.submit(comparison.project, by=by, token=lease.token, submission=uuid4(), payload=payload).judgment


def freeze(project, by, **filters):
    snapshot = snapshots.create_snapshot(
        project, by=by, name=f"s-{uuid4().hex[:6]}", format="preference", filters=filters
    )
    snapshots.freeze(snapshot.pk)
    snapshot.refresh_from_db()
    assert snapshot.state == "frozen", snapshot.error
    rows, lineage = [], []
    for split in ("train", "validation", "test"):
        rows += map(json.loads, (Path(snapshot.path) / f"{split}.jsonl").read_text().splitlines())
    lineage += map(json.loads, (Path(snapshot.path) / "lineage.jsonl").read_text().splitlines())
    return rows, lineage


def test_a_blind_vote_comes_in_when_it_is_asked_for(ready, rita):
    given = vote(ready, rita)
    end_sitting(ready.project, by=rita, queue=ready.queue)
    [row], [trace] = freeze(ready.project, rita, origins=["compare"])
    first, second = (entry.completion.text for entry in given.item.entries.order_by("index"))
    better = first if given.strength > 0 else second
    assert row["chosen"][0]["content"] == better
    assert row["rejected"][0]["content"] == (second if better == first else first)
    assert row["prompt"] == given.item.prompt.messages
    assert trace["judgments"] == [[given.pk, 1]]


def test_no_snapshot_takes_it_in_unasked(ready, rita):
    vote(ready, rita)
    end_sitting(ready.project, by=rita, queue=ready.queue)
    with pytest.raises(Refused, match="No judgment passes"):
        freeze(ready.project, rita)


def test_a_vote_of_a_running_sitting_waits(ready, rita):
    vote(ready, rita)
    with pytest.raises(Refused, match="No judgment passes"):
        freeze(ready.project, rita, origins=["compare"])


def test_open_votes_come_in_only_where_they_are_named(ready, rita, alice):
    blind = vote(ready, rita)
    comparisons.open_comparison(ready, by=alice)
    open_vote = vote(ready, alice)
    for person in (rita, alice):
        end_sitting(ready.project, by=person, queue=ready.queue)
    assert Judgment.objects.filter(blind=False).get() == open_vote
    _, lineage = freeze(ready.project, rita, origins=["compare"])
    assert [row["judgments"] for row in lineage] == [[[blind.pk, 1]]]
    _, lineage = freeze(ready.project, rita, origins=["compare"], open_votes=True)
    assert sorted(row["judgments"][0][0] for row in lineage) == [blind.pk, open_vote.pk]
