"""Rubrics by call: documents in and out, refusals with paths, scores with filters, trials."""

import pytest

from annotation.models import RubricItem
from annotation.services.rubric_scores import Scored, record_scores
from tests.factories import make_completion, make_prompt, make_rater, make_rubric

pytestmark = pytest.mark.django_db
HERE = "/api/projects/wall/rubrics/"
DOCUMENT = {
    "categories": [
        {"name": "", "items": [{"text": "It is true.", "weight": 0.6}, {"text": "It is kind.", "weight": 0.4}]}
    ]
}


def test_a_rubric_its_versions_and_what_stands_between(project, rita, vera, api_as):
    rita, vera = api_as(rita), api_as(vera)
    made = rita.post(HERE, {"name": "House", "document": DOCUMENT}, format="json")
    assert made.status_code == 201
    assert (made.json()["name"], made.json()["version"]) == ("House", 1)
    address = f"{HERE}{made.json()['id']}/"
    told = vera.get(address).json()
    items = told["document"]["categories"][0]["items"]
    assert [item["text"] for item in items] == ["It is true.", "It is kind."]
    items[1]["text"] = "It is brief."
    told["document"]["categories"][0]["items"] = items
    newer = rita.post(f"{address}versions/", {"document": told["document"], "note": "n", "after": 1}, format="json")
    assert (newer.status_code, newer.json()["number"]) == (201, 2)
    assert newer.json()["document"]["categories"][0]["items"][1]["key"] == items[1]["key"]
    assert [row["number"] for row in vera.get(f"{address}versions/").json()["results"]] == [2, 1]
    assert vera.get(f"{address}versions/1/").json()["document"]["categories"][0]["items"][1]["text"] == "It is kind."
    assert vera.get(f"{address}versions/7/").status_code == 404
    late = rita.post(f"{address}versions/", {"document": DOCUMENT, "after": 1}, format="json")
    assert (late.status_code, late.json()["code"]) == (409, "overtaken")
    assert rita.post(HERE, {"name": "House", "document": DOCUMENT}, format="json").json()["code"] == "taken"
    assert [row["name"] for row in vera.get(HERE).json()["results"]] == ["House"]


def test_every_mistake_has_its_path(project, rita, api_as):
    wrong = {
        "categories": [{"name": "", "items": [{"text": "", "weight": 2}, {"text": "b", "weight": 0.1, "kind": "x"}]}]
    }
    answer = api_as(rita).post(HERE, {"name": "Wrong", "document": wrong}, format="json")
    assert answer.status_code == 422
    paths = {error["path"] for error in answer.json()["errors"]}
    assert {"categories.0.items.0.text", "categories.0.items.0.weight", "categories.0.items.1.kind"} <= paths
    assert not RubricItem.objects.exists()


def test_scores_and_their_filters(project, rita, api_as):
    version = make_rubric(project)
    item = RubricItem.objects.get()
    first, second = (make_completion(make_prompt(project)) for _ in range(2))
    judge = make_rater(project, kind="judge", name="strict")
    record_scores([Scored(item.pk, one.pk, 0.5, 0.25, "so so") for one in (first, second)], rater=judge)
    record_scores([Scored(item.pk, first.pk, 1.0, 1.0)], rater=None)
    address = f"{HERE}{version.rubric_id}/scores/"
    rows = api_as(rita).get(address).json()["results"]
    assert len(rows) == 3
    assert {key: rows[0][key] for key in ("item", "version", "scorer", "rater", "score", "confidence", "reason")} == {
        "item": str(item.key), "version": 1, "scorer": "judge", "rater": judge.pk, "score": 0.5, "confidence": 0.25,
        "reason": "so so",
    }  # fmt: skip
    for query, count in (
        (f"completion={first.pk}", 2), ("scorer=verifier", 1), (f"item={item.key}", 3), ("version=2", 0),
    ):  # fmt: skip
        assert len(api_as(rita).get(f"{address}?{query}").json()["results"]) == count, query


def test_a_trial_by_call(project, rita, api_as):
    version = make_rubric(
        project, {"name": "", "items": [{"text": "Short", "kind": "verifiable", "verifier": "word_count"}]}
    )
    prompt = make_prompt(project, prompt_set="exam")
    completion = make_completion(prompt)
    address = f"{HERE}{version.rubric_id}/trials/"
    made = api_as(rita).post(address, {"prompt_set": "exam", "seed": 1}, format="json")
    assert made.status_code == 202
    assert (made.json()["completions"], made.json()["total"]) == ([completion.pk], 1)
    assert len(api_as(rita).get(address).json()["results"]) == 1
    assert api_as(rita).post(address, {"prompt_set": "none"}, format="json").json()["code"] == "empty"
