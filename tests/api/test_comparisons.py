"""Comparisons by API: made, voted on, and shown only to those who are done voting."""

from uuid import uuid4

import pytest

from annotation.models import GenerationRequest, Judgment
from evaluation.services.comparisons import settle
from tests.factories import make_checkpoint, make_completion, make_prompt

HERE = "/api/projects/wall/comparisons/"


@pytest.fixture
def asked(cast):
    for _ in range(2):
        make_prompt(cast.project, prompt_set="exam")
    one, other = make_checkpoint(cast.project), make_checkpoint(cast.project)
    return {"checkpoints": [one.pk, other.pk], "prompt_set": "exam", "overlap": 1}


@pytest.fixture
def ready(api_as, cast, asked):
    pk = api_as(cast.rita).post(HERE, asked, format="json").json()["id"]
    for request in GenerationRequest.objects.all():
        for row in request.rows.all():
            row.completion = make_completion(row.prompt, source=request.source)
            row.save()
    GenerationRequest.objects.update(state="done", done=2)
    assert settle(pk)
    return f"{HERE}{pk}/"


def test_one_is_made(api_as, cast, asked):
    made = api_as(cast.rita).post(HERE, asked, format="json")
    assert (made.status_code, made.json()["state"]) == (202, "generating")
    row = api_as(cast.vera).get(f"{HERE}{made.json()['id']}/").json()
    assert [(share["done"], share["total"]) for share in row["progress"]] == [(0, 2), (0, 2)]
    assert api_as(cast.vera).get(HERE).json()["count"] == 1


def test_what_cannot_be_compared_is_refused(api_as, cast, asked):
    client = api_as(cast.rita)
    one = asked["checkpoints"][0]
    same = client.post(HERE, asked | {"checkpoints": [one, one]}, format="json")
    assert (same.status_code, same.json()["code"]) == (422, "same_checkpoint")
    empty = client.post(HERE, asked | {"prompt_set": "nothing"}, format="json")
    assert empty.json()["code"] == "no_prompts"
    unknown = client.post(HERE, asked | {"checkpoints": [one, 10**6]}, format="json").json()
    assert unknown["errors"][0]["path"] == "checkpoints[1]"


def test_results_are_blind_until_one_is_done(api_as, cast, ready):
    client = api_as(cast.rita)
    assert client.get(ready).json()["revealed"] is False
    assert client.get(f"{ready}results/").json()["code"] == "blind"
    queue = client.get(ready).json()["queue"]
    for _ in range(2):
        lease = client.post("/api/projects/wall/label/next/", {"queue": queue}, format="json").json()["lease"]
        answer = {"submission": str(uuid4()), "outcome": "answer", "grade": 1}
        client.post(f"/api/projects/wall/label/{lease['token']}/", answer, format="json")
    client.post("/api/projects/wall/label/end/", {"queue": queue}, format="json")
    assert set(Judgment.objects.values_list("origin", "blind")) == {("compare", True)}
    body = client.get(f"{ready}results/").json()
    assert body["over"]["votes"] == 2
    assert body["rates"][0]["votes"] == 2
    assert len(body["standings"]) == 2


def test_opening_shows_the_results_and_marks_the_votes(api_as, cast, ready):
    client = api_as(cast.rita)
    client.post(f"{ready}open/")
    assert client.get(f"{ready}results/").status_code == 200
    assert client.get(ready).json()["revealed"] is True


def test_only_what_failed_is_tried_again(api_as, cast, ready):
    assert api_as(cast.rita).post(f"{ready}retry/").json()["code"] == "not_failed"
    assert api_as(cast.vera).post(f"{ready}retry/").status_code == 403
