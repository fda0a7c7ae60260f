"""The audit log: every service that changes a project says so, once, and nobody can take it back."""

import csv
import io

import pytest

from annotation.audit_words import changed, lines, title_of
from annotation.errors import Refused
from annotation.models import AuditEntry, Invitation
from annotation.services import people, projects, snapshots, tasks, tokens
from annotation.services.audit import record
from annotation.services.items import look_at_flag
from tests.factories import make_judgment, make_pair_item, make_project, make_user

pytestmark = pytest.mark.django_db
PAGE = "/p/wall/audit/"


def last(project) -> AuditEntry:
    return AuditEntry.objects.filter(project=project).latest("pk")


def test_only_what_differs_is_kept():
    assert changed({"a": 1, "b": 2}, {"a": 1, "b": 3}) == ({"b": 2}, {"b": 3})
    assert changed(None, {"a": 1}) == ({}, {"a": 1})
    assert lines({"b": 2}, {"b": None, "new_one": True}) == [("b", "2", ""), ("new one", "", "yes")]


def test_a_long_value_is_cut():
    old, new = changed({"text": "x" * 900}, {"text": "y" * 900})
    assert len(old["text"]) == len(new["text"]) == 500


def test_an_action_without_a_title_is_called_by_its_name():
    assert title_of("rubric.split_item") == "Rubric: split item"


def test_nothing_is_written_where_nothing_changes(project, alice):
    assert record(project, by=alice, action="settings.change", before={"a": 1}, after={"a": 1}) is None
    assert not AuditEntry.objects.exists()


def test_entries_are_for_good(project, alice):
    entry = record(project, by=alice, action="settings.change", after={"a": 1})
    entry.action = "guide.add"
    for way in (
        entry.save,
        entry.delete,
        AuditEntry.objects.all().delete,
        lambda: AuditEntry.objects.update(action="x"),
    ):
        with pytest.raises(TypeError, match="append-only"):
            way()
    assert last(project).action == "settings.change"


def test_settings_say_what_they_were(project, alice):
    projects.change_settings(project, by=alice, sitting_goal=99, name=project.name)
    entry = last(project)
    assert (entry.action, entry.by_name, entry.before, entry.after) == (
        "settings.change", "alice", {"sitting_goal": 60}, {"sitting_goal": 99})  # fmt: skip


def test_guides_tasks_and_tokens(project, alice):
    projects.add_instruction(project, by=alice, text="New words.", change_note="shorter")
    assert last(project).after["version"] == 2
    tasks.change_task(project.first_task, by=alice, overlap=3)
    assert (last(project).before, last(project).after) == ({"overlap": 1}, {"overlap": 3})
    token, secret = tokens.create_token(project, by=alice, name="nightly")
    assert last(project).action == "token.create"
    assert secret not in str(last(project).after)
    tokens.revoke_token(token, by=alice)
    assert (last(project).action, last(project).target) == ("token.revoke", "nightly")


def test_people_come_change_and_go(project, alice):
    _, token = people.invite(project, by=alice, role="viewer", note="Ola")
    assert (last(project).action, last(project).target) == ("people.invite", "Ola")
    assert token not in str(last(project).after)
    newcomer = make_user("ola")
    member = people.accept(token, by=newcomer)
    assert (last(project).action, last(project).by_name) == ("people.join", "ola")
    people.change_role(member, by=alice, role="researcher")
    assert (last(project).before, last(project).after) == ({"role": "viewer"}, {"role": "researcher"})
    people.remove(member, by=alice)
    assert (last(project).action, last(project).target) == ("people.remove", "ola")
    other, _ = people.invite(project, by=alice, role="viewer")
    people.withdraw_invitation(Invitation.objects.get(pk=other.pk), by=alice)
    assert last(project).action == "people.withdraw_invitation"


def test_what_was_refused_leaves_no_entry(project, alice):
    with pytest.raises(Refused):
        people.change_role(project.memberships.get(user=alice), by=alice, role="viewer")
    assert not AuditEntry.objects.exists()


def test_flags_and_snapshots(project, alice, home):
    item = make_pair_item(project, put_aside=True)
    look_at_flag(project, by=alice, item=item.pk, keep_out=True)
    assert (last(project).action, last(project).target_key) == ("item.keep_out", f"item:{item.pk}")
    make_judgment(make_pair_item(project))
    kinds = {"rater_kinds": ["simulated"]}
    snapshots.create_snapshot(project, by=alice, name="one", format="preference", filters=kinds)
    assert AuditEntry.objects.filter(action="snapshot.create", target="one").exists()


def test_the_page_shows_both_sides_and_filters(project, alice, as_user):
    projects.change_settings(project, by=alice, sitting_goal=99)
    projects.add_instruction(project, by=alice, text="<b>New</b>", change_note="shorter")
    record(make_project(), by=None, action="settings.change", target="elsewhere")
    text = as_user(alice).get(PAGE).content.decode()
    assert "Changed the settings" in text
    assert "<del>60</del>" in text
    assert "&lt;b&gt;New&lt;/b&gt;" in text
    assert "elsewhere" not in text
    only = as_user(alice).get(PAGE, {"action": "guide.add", "since": "2000-01-01"}).content.decode()
    assert '<th scope="row">Wrote a new version' in only
    assert "<del>60</del>" not in only
    assert "No change passes" in as_user(alice).get(PAGE, {"until": "2000-01-01"}).content.decode()
    assert as_user(alice).get(PAGE, {"since": "nonsense", "before": "x"}).status_code == 200


def test_pages_go_on_where_the_last_one_ended(project, alice, as_user, django_assert_max_num_queries):
    for number in range(60):
        record(project, by=alice, action="settings.change", after={"number": number})
    lead = as_user(alice)
    with django_assert_max_num_queries(8):
        first = lead.get(PAGE)
    assert len(first.context["entries"]) == 50
    second = lead.get(PAGE, {"before": first.context["older"]})
    assert [entry.after["number"] for entry in second.context["entries"]] == list(range(9, -1, -1))
    assert second.context["older"] == 0


def test_csv_and_call_say_the_same(project, alice, as_user, api_as):
    record(project, by=alice, action="settings.change", target="=cmd()", before={"a": 1}, after={"a": 2})
    answer = as_user(alice).get("/p/wall/audit.csv")
    [row] = list(csv.DictReader(io.StringIO("".join(part.decode() for part in answer.streaming_content))))
    assert (row["by"], row["before"], row["after"], row["target"]) == ("alice", "a: 1", "a: 2", "'=cmd()")
    [told] = api_as(alice).get("/api/projects/wall/audit/", {"action": "settings.change"}).json()["results"]
    assert (told["by"], told["before"], told["after"]) == ("alice", {"a": 1}, {"a": 2})
    assert api_as(alice).get("/api/projects/wall/audit/", {"by": "rita"}).json()["count"] == 0
