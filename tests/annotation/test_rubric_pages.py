"""The pages of rubrics: what they show to whom, what they refuse, how they keep what was typed."""

import json
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.cache import cache

from annotation.models import Item, Judgment, RubricItem, RubricScore, RubricTrial, RubricVersion, Snapshot, Task
from annotation.rubric_document import document
from annotation.selectors.rubrics import categories_of
from annotation.services.bundle_export import write_project
from annotation.services.imports import import_path
from annotation.services.labelling import hand_out, submit, withdraw
from annotation.services.rubric_scores import Scored, record_scores
from annotation.services.rubric_tasks import task_of
from annotation.services.sittings import end_sitting
from annotation.services.snapshots import create_snapshot, freeze
from annotation.snapshot_format import verify
from tests.factories import make_completion, make_project, make_prompt, make_rater, make_rubric
from training.engine import records
from training.services import rubric_checks

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true", "HX-Target": "editor"}


@pytest.fixture(autouse=True)
def fresh_cache():
    cache.clear()


@pytest.fixture
def version(project):
    return make_rubric(
        project,
        {
            "name": "sums",
            "generation_prompt": "Show your <b>steps</b>.",
            "items": [
                {"text": "The <i>result</i> is right.", "weight": 0.5, "kind": "verifiable", "verifier": "gsm8k"},
                {"text": "It explains itself.", "weight": 0.5, "critique_prompt": "Be strict."},
            ],
        },
        name="Sums",
    )


@pytest.fixture
def here(version):
    return f"/p/wall/rubrics/{version.rubric_id}/"


@pytest.fixture
def answers(project):
    prompt = make_prompt(project, "2 + 3?", reference="5", category="sums", prompt_set="exam")
    return [make_completion(prompt, "It is 5, because."), make_completion(prompt, "6")]


def items_of(version):
    return list(RubricItem.objects.filter(category__version=version).order_by("position"))


def fields(version, **changes) -> dict:
    """The editor's fields as the page sends them."""
    first, second = items_of(version)
    return {
        "after": version.number, "name": "Sums", "description": "", "do": "publish", "note": "n",
        "c0-name": "sums", "c0-generation_prompt": "Show your <b>steps</b>.", "c0-improvement_prompt": "",
        "c0-i0-key": first.key, "c0-i0-parent": "", "c0-i0-text": first.text, "c0-i0-weight": "0.5",
        "c0-i0-kind": "verifiable", "c0-i0-verifier": "gsm8k", "c0-i0-critique_prompt": "",
        "c0-i1-key": second.key, "c0-i1-parent": "", "c0-i1-text": second.text, "c0-i1-weight": "0.5",
        "c0-i1-kind": "non_verifiable", "c0-i1-verifier": "", "c0-i1-critique_prompt": "Be strict.",
        **changes,
    }  # fmt: skip


def test_the_list_and_its_empty_state(project, rita, vera, as_user):
    assert "No rubric yet" in as_user(rita).get("/p/wall/rubrics/").content.decode()
    assert "Write a rubric" not in as_user(vera).get("/p/wall/rubrics/").content.decode()
    made = as_user(rita).post("/p/wall/rubrics/new/", {"name": "House"})
    assert made.status_code == 302
    assert made.url.endswith("/edit/")
    assert "House" in as_user(vera).get("/p/wall/rubrics/").content.decode()
    again = as_user(rita).post("/p/wall/rubrics/new/", {"name": "House"})
    assert again.status_code == 422
    assert "exists already" in again.content.decode()


def test_a_version_shows_items_as_text_never_as_markup(version, here, vera, as_user):
    page = as_user(vera).get(here).content.decode()
    assert "The &lt;i&gt;result&lt;/i&gt; is right." in page
    assert "<b>steps</b>" not in page
    assert "checked by gsm8k" in page
    assert f"{here}edit/" not in page
    assert "Split into parts" not in page
    assert as_user(vera).get(f"{here}versions/9/").status_code == 404


def test_unchanged_fields_publish_nothing(version, here, rita, as_user):
    answer = as_user(rita).post(f"{here}edit/", fields(version))
    assert answer.status_code == 422
    assert "Nothing was changed" in answer.content.decode()
    assert RubricVersion.objects.count() == 1


def test_publishing_a_change(version, here, rita, as_user):
    answer = as_user(rita).post(f"{here}edit/", fields(version, **{"c0-i1-text": "It shows its steps.", "name": "S2"}))
    assert (answer.status_code, answer.url) == (302, here)
    newest = RubricVersion.objects.order_by("-number").first()
    assert (newest.number, newest.note, newest.rubric.name) == (2, "n", "S2")
    assert [item.text for item in items_of(newest)] == ["The <i>result</i> is right.", "It shows its steps."]
    old = as_user(rita).get(f"{here}versions/1/").content.decode()
    assert "Version 1 is not the newest" in old


def test_a_mistake_keeps_what_was_typed_and_is_marked_where_it_is(version, here, rita, as_user):
    wrong = {"c0-i1-text": "Typed long and hard.", "c0-i1-weight": "0.2", "c0-i0-verifier": ""}
    answer = as_user(rita).post(f"{here}edit/", fields(version, **wrong))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "2 things are marked below" in page
    assert "Typed long and hard." in page
    assert "The weights sum to 0.7, and must sum to 1" in page
    assert 'id="c0-i0-verifier_error"' in page


def test_somebody_elses_version_in_between_is_said(version, here, rita, as_user):
    client = as_user(rita)
    client.post(f"{here}edit/", fields(version, **{"c0-i1-text": "First."}))
    late = client.post(f"{here}edit/", fields(version, **{"c0-i1-text": "Second."}))
    assert late.status_code == 409
    assert "Version 2 was made while you wrote on version 1" in late.content.decode()
    assert "Second." in late.content.decode()
    again = client.post(f"{here}edit/", fields(version, **{"c0-i1-text": "Second.", "after": 2}))
    assert again.status_code == 302


@pytest.mark.parametrize(
    ("do", "seen", "count"),
    [("add-item:0", 'name="c0-i2-text"', 1), ("normalise", 'value="0.25"', 1), ("add-category", 'name="c1-name"', 1),
     ("remove:0:1", 'name="c0-i1-text"', 0), ("nonsense:9", 'name="c0-i1-text"', 1),
     ("up:0:1", 'id="c0-i0-text" name="c0-i0-text" rows="2" maxlength="2000">It explains itself.', 1)],
)  # fmt: skip
def test_the_other_buttons_give_the_form_back_and_write_nothing(version, here, rita, as_user, do, seen, count):
    sent = fields(version, do=do, **{"c0-i0-weight": "1", "c0-i1-weight": "3"})
    answer = as_user(rita).post(f"{here}edit/", sent, headers=HTMX)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert page.lstrip().startswith("<form")
    assert page.count(seen) == count
    assert RubricVersion.objects.count() == 1


def test_an_options_box_left_empty_is_a_no(version, here, rita, as_user):
    client = as_user(rita)
    ticked = {"c0-i0-option-gsm8k-signed_integers": "true"}
    assert client.post(f"{here}edit/", fields(version, **ticked)).status_code == 302
    newest = RubricVersion.objects.order_by("-number").first()
    assert items_of(newest)[0].options == {"signed_integers": True}
    assert client.post(f"{here}edit/", fields(version, after=2)).status_code == 302
    assert items_of(RubricVersion.objects.order_by("-number").first())[0].options == {"signed_integers": False}


def test_splitting_on_its_page(version, here, rita, as_user):
    client, item = as_user(rita), items_of(version)[1]
    address = f"{here}split/{item.key}/"
    assert "It explains itself." in client.get(address).content.decode()
    parts = {
        "p0-text": "Says because", "p0-kind": "verifiable", "p0-verifier": "contains", "p0-share": "1",
        "p0-option-contains-phrase": "because", "p1-text": "", "p1-kind": "verifiable", "p1-share": "1",
        "p2-text": "The rest of it", "p2-kind": "non_verifiable", "p2-share": "3", "do": "split",
    }  # fmt: skip
    more = client.post(address, {**parts, "do": "add-part"})
    assert 'name="p3-text"' in more.content.decode()
    assert client.post(address, parts).status_code == 302
    newest = RubricVersion.objects.order_by("-number").first()
    assert [(row.text, row.weight, row.retired) for row in items_of(newest)][1:] == [
        ("It explains itself.", 0, True), ("Says because", 0.125, False), ("The rest of it", 0.375, False),
    ]  # fmt: skip
    assert client.get(address).status_code == 404
    retired = client.get(f"{here}edit/").content.decode()
    assert "Retired: “It explains itself.”" in retired
    wrong = client.post(f"{here}split/{items_of(newest)[3].key}/", {**parts, "p0-verifier": ""})
    assert wrong.status_code == 422
    assert "needs a verifier" in wrong.content.decode()


def test_what_changed_between_two_versions(version, here, rita, vera, as_user):
    changed = fields(version, **{"c0-i1-text": "It explains every step.", "c0-i0-weight": "0.4", "c0-i1-weight": "0.6"})
    as_user(rita).post(f"{here}edit/", changed)
    page = as_user(vera).get(f"{here}difference/").content.decode()
    assert '<mark data-side="a">itself</mark>' in page
    assert '<mark data-side="b">every step</mark>' in page
    assert "0.5 → <strong>0.4</strong>" in page
    part = as_user(vera).get(f"{here}difference/?from=1&to=1", headers={**HTMX, "HX-Target": "difference"})
    assert "Nothing differs" in part.content.decode()
    assert as_user(vera).get(f"{here}difference/?from=x&to=99").status_code == 200


def test_the_review_list(project, version, here, vera, as_user):
    item = items_of(version)[1]
    rater = make_rater(project, kind="judge", name="strict")
    for n in range(12):
        completion = make_completion(make_prompt(project, f"ask {n}"))
        record_scores([Scored(item.pk, completion.pk, 0.5, 0.3 + n / 100)], rater=rater)
    page = as_user(vera).get(f"{here}review/").content.decode()
    assert "For review" in page
    assert "n 12" in page
    assert "version 1" in page
    assert "Split it" not in page
    assert "None is marked now" in as_user(vera).get(f"{here}review/?scorer=person").content.decode()


def test_pages_ask_no_more_for_more_items(project, rita, as_user, django_assert_max_num_queries):
    version = make_rubric(project, {"name": "", "items": [{"text": f"Item {n}"} for n in range(30)]})
    client = as_user(rita)
    for page in ("", "review/", "edit/", "difference/"):
        client.get(f"/p/wall/rubrics/{version.rubric_id}/{page}")
        with django_assert_max_num_queries(18):
            client.get(f"/p/wall/rubrics/{version.rubric_id}/{page}")


def test_a_trial_from_its_sample_to_people_beside_programs(project, version, here, answers, rita, bob, as_user):
    client = as_user(rita)
    assert client.post(f"{here}try/", {"prompts": 0, "answers": 2}).status_code == 422
    made = client.post(f"{here}try/", {"prompt_set": "exam", "prompts": 4, "answers": 4})
    trial = RubricTrial.objects.get()
    assert made.url == f"/p/wall/rubrics/trials/{trial.pk}/"
    rubric_checks.fulfil(trial.pk)
    page = client.get(made.url).content.decode()
    assert "Verifier" in page
    asked = client.post(f"{made.url}people/", {"overlap": 2}, follow=True).content.decode()
    assert "1 item waits in “Sums, version 1”" in asked
    assert (
        "asked about these answers already"
        in client.post(f"{made.url}people/", {"overlap": 2}, follow=True).content.decode()
    )
    judgment = label(project, bob, score=0.75)
    page = client.get(made.url).content.decode()
    assert "People" in page
    assert "0.75" in page
    assert "the <em>why</em>" in page
    assert (judgment.value["rubric"], judgment.value["version"]) == (str(version.rubric.uid), 1)
    assert RubricScore.objects.filter(scorer="person").count() == 4


def label(project, user, *, score, queue=None):
    task = Task.objects.get(interface="rubric")
    given = hand_out(project, by=user, queue=queue or task.queue)
    items = [item["key"] for item in task.settings["rubric"]["categories"][0]["items"]]
    sheets = [
        {item: {"score": score if place == 0 else 0.0, "confidence": 0.5, "reason": "the *why*"} for item in items}
        for place in range(2)
    ]
    payload = {"outcome": "answer", "sheets": sheets}
    return submit(project, by=user, token=given.lease.token, submission=uuid4(), payload=payload).judgment


@pytest.fixture
def asked(project, version, answers, rita, as_user):
    client = as_user(rita)
    client.post(f"/p/wall/rubrics/{version.rubric_id}/try/", {"prompts": 4, "answers": 4})
    client.post(f"/p/wall/rubrics/trials/{RubricTrial.objects.get().pk}/people/", {"overlap": 1})
    return Task.objects.get(interface="rubric")


def test_an_answer_undone_takes_its_scores_with_it(project, asked, bob):
    judgment = label(project, bob, score=1.0)
    assert RubricScore.objects.filter(judgment=judgment).count() == 4
    token = judgment.assignment.token
    withdraw(project, by=bob, token=token, submission="7d4b9c4e-8a53-4d8f-9a2f-0a5d7b4f2d11")
    assert not RubricScore.objects.filter(judgment=judgment).exists()
    label(project, bob, score=0.5)
    assert RubricScore.objects.filter(scorer="person").count() == 4
    assert Judgment.objects.count() == 1


def test_scores_go_to_the_completions_they_were_given_for_whatever_the_order(project, asked, bob, answers):
    judgment = label(project, bob, score=1.0)
    entries = list(Item.objects.get(interface="rubric").entries.all())
    best = entries[judgment.shown_order[0]].completion_id
    found = RubricScore.objects.filter(scorer="person", completion=best).values_list("score", flat=True)
    assert set(found) == {1.0}
    assert set(
        RubricScore.objects.exclude(completion=best).filter(scorer="person").values_list("score", flat=True)
    ) == {0.0}


def test_the_item_page_shows_scores_confidences_and_reasons(project, asked, bob, rita, alice, as_user):
    label(project, bob, score=0.25)
    item = Item.objects.get(interface="rubric")
    page = as_user(rita).get(f"/p/wall/data/items/{item.pk}/").content.decode()
    assert "Scores by rubric" in page
    assert "0.25" in page
    assert "the <em>why</em>" in page
    assert "bob" not in page
    assert "bob" in as_user(alice).get(f"/p/wall/data/items/{item.pk}/").content.decode()


def test_the_settings_of_a_rubric_task_keep_its_rubric(project, asked, alice, as_user):
    before = asked.settings
    form = {"title": asked.title, "question": "Q?", "overlap": 1, "order": "sequence", "random_share": 0.1,
            "gold_share": 0, "repeat_share": 0}  # fmt: skip
    assert as_user(alice).post(f"/p/wall/tasks/{asked.pk}/", form).status_code == 302
    asked.refresh_from_db()
    assert (asked.question, asked.settings) == ("Q?", before)


def test_a_rubric_task_cannot_be_made_of_nothing_nor_of_another_projects_rubric(project, rita, alice, as_user, api_as):
    answer = as_user(alice).post("/p/wall/tasks/new/", {"interface": "rubric", "title": "T"})
    assert answer.status_code == 422
    assert "on the page of the rubric" in answer.content.decode()
    foreign = make_rubric(make_project())
    body = {"interface": "rubric", "title": "T", "settings": {"rubric": {"id": foreign.pk}}}
    assert api_as(alice).post("/api/projects/wall/tasks/", body, format="json").status_code == 422


def test_scores_become_rows_of_every_format_that_they_can(project, asked, bob, rita, home):
    (home / "snapshots").mkdir()
    label(project, bob, score=1.0)
    end_sitting(project, by=bob, queue=asked.queue)
    for format, rows in (("preference", 1), ("unpaired_preference", 2), ("rated", 2), ("ranked", 1),
                         ("prompt_completion", 1)):  # fmt: skip
        made = create_snapshot(project, by=rita, name=format, format=format)
        freeze(made.pk)
        made.refresh_from_db()
        assert (made.state, made.row_count, made.error) == ("frozen", rows, ""), format


def test_a_rubric_is_frozen_with_the_rows_and_hashed(project, version, asked, bob, rita, home, as_user):
    (home / "snapshots").mkdir()
    label(project, bob, score=1.0)
    end_sitting(project, by=bob, queue=asked.queue)
    offered = as_user(rita).get("/p/wall/snapshots/new/").content.decode()
    assert "Sums, version 1" in offered
    made = create_snapshot(project, by=rita, name="with", format="preference", rubric=version)
    plain = create_snapshot(project, by=rita, name="without", format="preference")
    for snapshot in (made, plain):
        freeze(snapshot.pk)
        snapshot.refresh_from_db()
    folder = Path(made.path)
    told = json.loads((folder / "rubric.json").read_text())
    assert (told["rubric"], told["version"]) == ("Sums", 1)
    assert [item["verifier"] for item in told["categories"][0]["items"]] == ["gsm8k", ""]
    assert told["categories"][0]["generation_prompt"] == "Show your <b>steps</b>."
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["files"]["rubric.json"]["version"] == 1
    assert made.sha256 != plain.sha256
    assert records.digest(folder) == made.sha256
    assert records.digest(Path(plain.path)) == plain.sha256
    assert verify(folder) == []
    (folder / "rubric.json").chmod(0o644)
    (folder / "rubric.json").write_text("{}")
    assert verify(folder) == ["rubric.json is not the file that was frozen"]
    assert records.digest(folder) != made.sha256
    page = as_user(rita).get(f"/p/wall/snapshots/{made.pk}/").content.decode()
    assert "Sums, version 1" in page
    assert "rubric.json" in page
    assert "rubric.json" not in as_user(rita).get(f"/p/wall/snapshots/{plain.pk}/").content.decode()
    assert Snapshot.objects.get(pk=made.pk).rubric == version


@pytest.mark.services
def test_rubrics_and_their_scores_come_back_from_an_export(project, version, asked, bob, alice, home):
    label(project, bob, score=1.0)
    item = items_of(version)[1]
    completion = Item.objects.get(interface="rubric").entries.first().completion
    record_scores([Scored(item.pk, completion.pk, 0.5, 0.25, "r")], rater=make_rater(project, kind="judge"))
    folder = home / "export"
    folder.mkdir()
    write_project(project, folder, people=True)
    other = make_project(by=alice)
    job = import_path(other, by=alice, format="plumbline", name="everything", path=folder)
    assert (job.state, job.errors) == ("published", [])
    mine, theirs = (rubrics_of(one) for one in (project, other))
    assert theirs == mine
    found = [
        sorted(
            RubricScore.objects.filter(item__category__version__rubric__project=one).values_list(
                "item__key", "completion__text", "scorer", "score", "confidence", "reason"
            )
        )
        for one in (project, other)
    ]
    assert found[0] == found[1]
    assert len(found[0]) == 5
    assert task_of(other, RubricVersion.objects.get(rubric__project=other)).title == asked.title


def rubrics_of(project) -> list[dict]:
    found = RubricVersion.objects.filter(rubric__project=project).order_by("number")
    return [{"uid": version.rubric.uid, **document(categories_of(version))} for version in found]
