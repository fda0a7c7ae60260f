"""Changes of many items: counted, done at once or by a worker, undone; and blocks of work."""

from datetime import timedelta

import pytest
from django.utils import timezone

from annotation.errors import Refused
from annotation.models import Assignment, AuditEntry, Batch, Block, BulkChange, Item
from annotation.services import blocks, bulk, sittings
from annotation.services.labelling import hand_out, submit
from tests.factories import make_pair_item, make_project

pytestmark = [pytest.mark.django_db, pytest.mark.services]
CHANGE = "/p/wall/data/items/change/"


@pytest.fixture(autouse=True)
def rung(monkeypatch):
    """What would be rung for."""
    calls = []
    monkeypatch.setattr(bulk, "enqueue", lambda name, **ids: calls.append((name, ids)))
    return calls


@pytest.fixture
def items(project):
    return [make_pair_item(project, overlap=2) for _ in range(6)]


def values(items, field):
    rows = dict(Item.objects.filter(pk__in=[item.pk for item in items]).values_list("pk", field))
    return [rows[item.pk] for item in items]


def test_priority_is_set_and_undone(project, alice, items):
    Item.objects.filter(pk=items[0].pk).update(priority=5)
    change = bulk.change_items(project, by=alice, action="priority", filters={}, options={"priority": 9})
    assert (change.state, change.total, change.changed) == ("done", 6, 6)
    assert values(items, "priority") == [9] * 6
    assert bulk.undo_change(change, by=alice) == 6
    assert values(items, "priority") == [5, 0, 0, 0, 0, 0]
    with pytest.raises(Refused, match="once"):
        bulk.undo_change(change, by=alice)
    assert list(AuditEntry.objects.order_by("pk").values_list("action", flat=True)) == ["items.priority", "items.undo"]


def test_kept_out_items_go_to_nobody_and_come_back(project, alice, bob, items):
    change = bulk.change_items(project, by=alice, action="keep_out", filters={"state": "open"})
    assert values(items, "open_slots") == [0] * 6
    assert hand_out(project, by=bob).lease is None
    back = bulk.change_items(project, by=alice, action="put_back", filters={"state": "kept_out"})
    assert (back.changed, values(items, "open_slots")) == (6, [2] * 6)
    bulk.undo_change(back, by=alice)
    assert values(items, "kept_out") == [True] * 6
    assert change.changed == 6


def test_flagged_items_are_put_back(project, alice, items):
    Item.objects.filter(pk__in=[items[0].pk, items[1].pk]).update(put_aside=True, open_slots=0)
    change = bulk.change_items(project, by=alice, action="put_back", filters={})
    assert (change.total, change.changed) == (6, 2)
    assert values(items, "open_slots") == [2] * 6


def test_items_join_a_batch_once(project, alice, items):
    batch = Batch.objects.create(project=project, title="week 1", created_by=alice)
    options = {"batch": batch.pk}
    assert bulk.change_items(project, by=alice, action="batch", filters={}, options=options).changed == 6
    again = bulk.change_items(project, by=alice, action="batch", filters={}, options=options)
    assert (again.changed, batch.entries.count()) == (0, 6)
    bulk.undo_change(again, by=alice)
    assert batch.entries.count() == 6


def test_many_wait_for_a_worker_and_go_on_where_it_stopped(project, alice, items, rung, monkeypatch):
    monkeypatch.setattr(bulk, "AT_ONCE", 3)
    monkeypatch.setattr(bulk, "CHUNK", 2)
    change = bulk.change_items(project, by=alice, action="priority", filters={}, options={"priority": 1})
    assert (change.state, rung) == ("queued", [("annotation.change_items", {"change_id": change.pk})])
    steps = []

    def killed(row, ids):
        steps.append(ids)
        if len(steps) == 2:
            raise KeyboardInterrupt
        return step(row, ids)

    step = bulk._set_priority
    monkeypatch.setattr(bulk, "_set_priority", killed)
    with pytest.raises(KeyboardInterrupt):
        bulk.run_change(change.pk)
    change.refresh_from_db()
    assert (change.state, change.done) == ("running", 2)
    BulkChange.objects.update(heartbeat_at=timezone.now() - timedelta(minutes=5))
    bulk.resume_changes()
    bulk.run_change(change.pk)
    change.refresh_from_db()
    assert (change.state, change.done, change.changed) == ("done", 6, 6)
    assert values(items, "priority") == [1] * 6


def test_only_what_was_counted_is_touched(project, alice, items, monkeypatch):
    monkeypatch.setattr(bulk, "AT_ONCE", 0)
    change = bulk.change_items(project, by=alice, action="priority", filters={}, options={"priority": 1})
    late = make_pair_item(project)
    bulk.run_change(change.pk)
    assert values([late], "priority") == [0]


@pytest.mark.parametrize(
    ("action", "filters", "options", "says"),
    [
        ("explode", {}, {}, "no action"),
        ("priority", {}, {"priority": 5000}, "lies between"),
        ("priority", {}, {"priority": True}, "lies between"),
        ("priority", {"nonsense": 1}, {"priority": 1}, "no filter"),
        ("priority", {"state": "flagged"}, {"priority": 1}, "No item passes"),
        ("batch", {}, {"batch": 999}, "of this project"),
        ("keep_out", {}, {"priority": 1}, "takes no"),
        ("assign", {}, {"people": []}, "at least one"),
        ("assign", {}, {"people": [0]}, "cannot label"),
    ],
)
def test_what_does_not_read_is_refused(project, alice, items, action, filters, options, says):
    with pytest.raises(Refused, match=says):
        bulk.change_items(project, by=alice, action=action, filters=filters, options=options)
    assert not BulkChange.objects.exists()
    assert not Block.objects.exists()


def test_batches_of_other_projects_are_refused(project, alice, items):
    other = Batch.objects.create(project=make_project(), title="theirs", created_by=alice)
    with pytest.raises(Refused, match="of this project"):
        bulk.change_items(project, by=alice, action="batch", filters={}, options={"batch": other.pk})


def assigned(project, by, people, **options) -> Block:
    options = {"people": [user.pk for user in people], "share": "split", **options}
    change = bulk.change_items(project, by=by, action="assign", filters={}, options=options)
    return Block.objects.get(pk=change.options["block"])


def test_a_block_goes_to_its_people_first_and_to_nobody_else(project, alice, bob, rita):
    first = make_pair_item(project)
    block = assigned(project, alice, [bob])
    later = make_pair_item(project)
    assert hand_out(project, by=rita).lease.item_id == later.pk
    lease = hand_out(project, by=bob).lease
    assert (lease.item_id, lease.block_id, lease.state) == (first.pk, block.pk, "leased")
    assert sorted(lease.shown_order) == [0, 1]
    payload = {"outcome": "skip", "reason": "subject"}
    submit(project, by=bob, token=lease.token, submission=lease.token, payload=payload)


def test_split_goes_round_and_each_goes_to_everybody(project, alice, bob, rita, items):
    assigned(project, alice, [bob, rita])
    counts = Assignment.objects.filter(state="reserved").values_list("rater__name", flat=True)
    assert sorted(counts) == ["bob"] * 3 + ["rita"] * 3
    bulk.undo_change(BulkChange.objects.get(), by=alice)
    assert not Assignment.objects.filter(state="reserved").exists()
    assert values(items, "open_slots") == [2] * 6
    assigned(project, alice, [bob, rita], share="each")
    assert values(items, "open_slots") == [0] * 6
    assert Assignment.objects.filter(state="reserved").count() == 12


def test_after_the_deadline_it_is_everybodys(project, alice, bob, rita, items):
    block = assigned(project, alice, [bob], share="each", deadline=timezone.now() + timedelta(days=1))
    held = hand_out(project, by=bob).lease
    assert blocks.release_due() == 0
    Block.objects.update(deadline=timezone.now() - timedelta(seconds=1))
    assert blocks.release_due() == 1
    assert values([item for item in items if item.pk != held.item_id], "open_slots") == [2] * 5
    assert Assignment.objects.get(pk=held.pk).state == "leased"
    block.refresh_from_db()
    assert block.released_at is not None
    assert blocks.release_due() == 0
    assert AuditEntry.objects.get(action="block.release").by is None


def test_what_was_handed_out_and_not_judged_is_kept_for_its_person(project, alice, bob, items):
    assigned(project, alice, [bob])
    lease = hand_out(project, by=bob).lease
    sittings.end_sitting(project, by=bob)
    assert Assignment.objects.get(pk=lease.pk).state == "reserved"
    again = hand_out(project, by=bob).lease
    assert (again.pk, again.shown_order) == (lease.pk, lease.shown_order)
    Assignment.objects.filter(pk=lease.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    sittings.return_expired()
    assert Assignment.objects.get(pk=lease.pk).state == "reserved"


def test_a_hand_out_without_blocks_costs_no_query_more(project, bob, items, django_assert_max_num_queries):
    hand_out(project, by=bob)
    with django_assert_max_num_queries(12):
        hand_out(project, by=bob)


def test_items_that_somebody_had_are_left_out(project, alice, bob, items):
    lease = hand_out(project, by=bob).lease
    assigned(project, alice, [bob])
    assert not Assignment.objects.filter(item=lease.item_id, state="reserved").exists()


def test_reserved_work_moves_to_somebody_else(project, alice, bob, rita, items):
    assigned(project, alice, [bob])
    hand_out(project, by=bob)
    memberships = {row.user_id: row for row in project.memberships.all()}
    moved = blocks.reassign(memberships[bob.pk], to=memberships[rita.pk], by=alice)
    assert moved == 5
    assert set(Assignment.objects.filter(state="reserved").values_list("rater__name", flat=True)) == {"rita"}
    assert blocks.take_back(memberships[rita.pk], by=alice) == 5
    assert values(items, "open_slots").count(2) == 5


def test_the_page_counts_first_then_does_it(project, alice, items, as_user):
    lead = as_user(alice)
    wish = {"action": "priority", "priority": "7", "filters": "state=open", "share": "split"}
    asked = lead.post(CHANGE, wish)
    assert "Do it to 6 items" in asked.content.decode()
    assert values(items, "priority") == [0] * 6
    done = lead.post(CHANGE, {**wish, "sure": "6"})
    change = BulkChange.objects.get()
    assert done.url == f"/p/wall/data/changes/{change.pk}/"
    assert "6 of 6 changed" in lead.get(done.url).content.decode()
    lead.post(f"{done.url}undo/")
    assert values(items, "priority") == [0] * 6


def test_the_page_makes_batches_and_blocks(project, alice, bob, items, as_user):
    lead = as_user(alice)
    lead.post(CHANGE, {"action": "batch", "new_batch": "week 3", "filters": "", "share": "split", "sure": "6"})
    assert Batch.objects.get(title="week 3").entries.count() == 6
    wish = {"action": "assign", "people": [bob.pk], "share": "split", "title": "Bob's", "filters": "", "sure": "6"}
    lead.post(CHANGE, wish)
    text = lead.get("/p/wall/blocks/").content.decode()
    assert "Bob&#x27;s" in text
    home = as_user(bob).get("/your-work/").content.decode()
    assert "6 items are kept for you" in home
    block = Block.objects.get()
    lead.post(f"/p/wall/blocks/{block.pk}/release/")
    assert "kept for you" not in as_user(bob).get("/your-work/").content.decode()


@pytest.mark.parametrize("wish", [{"action": "priority"}, {"action": "batch"}, {"action": "assign"}, {"action": "x"}])
def test_a_wish_that_lacks_something_is_shown_again(project, alice, items, as_user, wish):
    answer = as_user(alice).post(CHANGE, {"filters": "", "share": "split", **wish})
    assert answer.status_code == 422


def test_researchers_assign_nobody(project, rita, bob, items, as_user):
    answer = as_user(rita).post(CHANGE, {"action": "assign", "people": [bob.pk], "filters": "", "sure": "6"})
    assert answer.status_code == 422
    assert not Block.objects.exists()
