"""Labelling by API: next, answer, undo, heartbeat, end; and what comes of it."""

from uuid import uuid4

import pytest

from annotation.models import Judgment, JudgmentRevision
from tests.factories import (
    make_completion,
    make_judgment,
    make_pair_item,
    make_project,
    make_prompt,
    make_rater,
    make_task,
)


def answer(**more) -> dict:
    return {"submission": str(uuid4()), "outcome": "answer", "grade": 2} | more


@pytest.fixture
def bobs(api_as, cast):
    make_pair_item(cast.project, "the true reply", "the false reply")
    client = api_as(cast.bob)

    def call(path: str, data=None):
        return client.post(f"/api/projects/wall/label/{path}", data or {}, format="json")

    return call


def test_a_pair_from_hand_out_to_judgment(bobs, api_as, cast):
    lease = bobs("next/").json()["lease"]
    assert sorted(lease["responses"]) == ["the false reply", "the true reply"]
    assert [cell["grade"] for cell in lease["cells"]] == list(range(1, 9))
    left_is_first = lease["responses"][0] == "the true reply"
    row = bobs(f"{lease['token']}/", answer(comment="clear", active_ms=900)).json()
    assert row["grade"] == 2
    assert Judgment.objects.get().comment == "clear"
    judgments = "/api/projects/wall/judgments/?outcome=answer"
    listed = api_as(cast.rita).get(judgments).json()["results"]
    assert [(entry["id"], entry["strength"]) for entry in listed] == [(row["id"], 3 if left_is_first else -3)]
    assert api_as(cast.bob).get(judgments).json()["results"] == [row]  # nothing tells bob which reply is the first
    assert "strength" not in row
    assert bobs("next/").json() == {"lease": None}


def test_sending_an_answer_twice_writes_it_once(bobs):
    token = bobs("next/").json()["lease"]["token"]
    sent = answer()
    first, second = bobs(f"{token}/", sent), bobs(f"{token}/", sent)
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json()["id"] == second.json()["id"]
    assert JudgmentRevision.objects.count() == 1
    assert bobs(f"{token}/", answer()).json()["code"] == "already_answered"
    assert bobs(f"{token}/", answer(change=True, grade=8)).status_code == 200


def test_undo_heartbeat_and_end(bobs):
    token = bobs("next/").json()["lease"]["token"]
    assert bobs(f"{token}/heartbeat/", {"draft": {"comment": "so far"}, "active_ms": 10}).json() == {"state": "held"}
    assert bobs("next/").json()["lease"]["draft"] == {"comment": "so far"}
    bobs(f"{token}/", answer())
    assert bobs(f"{token}/withdraw/", {"submission": str(uuid4())}).json()["withdrawn"] is True
    assert bobs("end/").json() == {"ended": True}
    assert bobs("end/").json() == {"ended": False}


def test_what_is_wrong_with_an_answer_is_said_at_its_place(bobs):
    token = bobs("next/").json()["lease"]["token"]
    body = bobs(f"{token}/", answer(grade=9)).json()
    assert (body["status"], body["errors"]) == (422, [{"path": "grade", "message": "Choose a cell from 1 to 8."}])
    assert bobs(f"{token}/", {"outcome": "answer"}).json()["errors"][0]["path"] == "submission"
    assert bobs("next/", {"queue": "nowhere"}).json()["code"] == "no_queue"


def test_nobody_answers_what_another_was_handed(bobs, api_as, cast):
    token = bobs("next/").json()["lease"]["token"]
    response = api_as(cast.rita).post(f"/api/projects/wall/label/{token}/", answer(), format="json")
    assert (response.status_code, response.json()["code"]) == (404, "unknown_lease")


def test_nothing_in_a_hand_out_names_the_source(bobs):
    lease = bobs("next/").json()["lease"]
    assert set(lease) == {
        "token",
        "expires_at",
        "question",
        "interface",
        "settings",
        "prompt",
        "responses",
        "cells",
        "extra",
        "draft",
    }


def test_handing_out_takes_at_most_a_dozen_queries(bobs, cast, django_assert_max_num_queries):
    make_pair_item(cast.project)
    known = [bobs("next/").json()["lease"]["token"]]
    with django_assert_max_num_queries(12):
        assert bobs("next/", {"known": known}).json()["lease"]["token"] not in known


def test_an_annotator_sees_own_judgments_only(api_as, cast):
    item = make_pair_item(cast.project, overlap=2)
    own = make_judgment(item, rater=make_rater(cast.project, cast.bob))
    make_judgment(item)
    assert [row["id"] for row in api_as(cast.bob).get("/api/projects/wall/judgments/").json()["results"]] == [own.pk]
    assert api_as(cast.rita).get("/api/projects/wall/judgments/").json()["count"] == 2
    assert api_as(cast.rita).get("/api/projects/wall/judgments/?rater_kind=person").json()["count"] == 1
    assert api_as(cast.vera).get("/api/projects/wall/judgments/").status_code == 403


def test_pairs_are_put_into_the_queue(api_as, cast):
    prompt = make_prompt(cast.project)
    first, second = make_completion(prompt), make_completion(prompt)
    client = api_as(cast.rita)
    made = client.post("/api/projects/wall/items/", {"groups": [[first.pk, second.pk]], "overlap": 2}, format="json")
    assert made.status_code == 201
    row = client.get("/api/projects/wall/items/?open=true").json()["results"][0]
    assert row["completions"] == [first.pk, second.pk]
    assert (row["overlap"], row["open_slots"], row["judgments"]) == (2, 2, 0)


def test_a_wrong_pair_is_named_and_none_is_made(api_as, cast):
    prompt = make_prompt(cast.project)
    first, second = make_completion(prompt), make_completion(prompt)
    foreign = make_completion(make_prompt(make_project()))
    pairs = [[first.pk, second.pk], [first.pk, first.pk], [first.pk, foreign.pk], [first.pk, 2**63 - 1]]
    client = api_as(cast.rita)
    body = client.post("/api/projects/wall/items/", {"groups": pairs}, format="json").json()
    assert [row["path"] for row in body["errors"]] == ["groups[1]", "groups[2]", "groups[3]"]
    assert client.get("/api/projects/wall/items/").json()["count"] == 0


def test_any_task_takes_groups_that_fit_it(api_as, cast):
    make_task(cast.project, interface="ranking", queue="task:rank")
    make_task(cast.project, interface="thumbs", queue="task:thumbs")
    prompt = make_prompt(cast.project)
    ids = [make_completion(prompt).pk for _ in range(3)]
    client = api_as(cast.rita)
    made = client.post("/api/projects/wall/items/", {"queue": "task:rank", "groups": [ids]}, format="json")
    assert made.status_code == 201
    row = client.get("/api/projects/wall/items/?queue=task:rank").json()["results"][0]
    assert (row["interface"], row["completions"]) == ("ranking", ids)
    single = client.post(
        "/api/projects/wall/items/", {"queue": "task:thumbs", "groups": [[ids[0]], ids]}, format="json"
    )
    assert single.json()["errors"][0]["path"] == "groups[1]"
    assert "takes 1 completions an item; here are 3" in single.json()["errors"][0]["message"]
    nowhere = client.post("/api/projects/wall/items/", {"queue": "task:none", "groups": [ids]}, format="json")
    assert nowhere.json()["errors"][0]["path"] == "queue"


def test_the_list_of_items_takes_as_many_queries_however_long(api_as, cast, django_assert_num_queries):
    for _ in range(5):
        make_judgment(make_pair_item(cast.project))
    with django_assert_num_queries(4):
        api_as(cast.rita).get("/api/projects/wall/items/")
