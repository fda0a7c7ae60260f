"""Calls of constitutions, judges and feedback jobs."""

import pytest

from annotation.models import FeedbackJob, Judgment, Source
from annotation.services.feedback import running
from tests.annotation.speakers import Speaker, nobody, written
from tests.factories import make_constitution, make_judge, make_pair_item, make_project, make_prompt, make_source

API = "/api/projects/wall/"


def test_a_constitution_from_first_to_second_version(api_as, rita, vera, project):
    client = api_as(rita)
    made = client.post(
        f"{API}constitutions/", {"name": "charter", "principles": [{"text": "Be brief.", "weight": 2}]}, format="json"
    )
    assert made.status_code == 201
    one = made.json()
    assert one["versions"][0]["principles"][0] | {"key": "p1", "weight": 2.0} == one["versions"][0]["principles"][0]
    principles = [{"key": "p1", "text": "Be very brief."}, {"text": "Be kind.", "tags": ["tone"]}]
    newer = client.post(f"{API}constitutions/{one['id']}/versions/", {"principles": principles}, format="json")
    assert (newer.status_code, newer.json()["number"]) == (201, 2)
    read = api_as(vera).get(f"{API}constitutions/{one['id']}/").json()
    assert [version["number"] for version in read["versions"]] == [2, 1]
    again = client.post(f"{API}constitutions/{one['id']}/versions/", {"principles": principles}, format="json")
    assert again.status_code == 201  # the second has no key here, so it is another principle
    empty = client.post(f"{API}constitutions/", {"name": "x", "principles": []}, format="json")
    assert empty.status_code == 400


def test_a_judge_judges(api_as, rita, project):
    client = api_as(rita)
    made = client.post(f"{API}judges/", {"name": "brief", "rule": "shorter", "mode": "letters"}, format="json").json()
    for _ in range(3):
        make_pair_item(project, "short", "a longer one")
    job = client.post(f"{API}judges/{made['id']}/run/", {"most": 2}, format="json")
    assert (job.status_code, job.json()["total"]) == (202, 4)
    running.run(job.json()["id"], speaker_of=nobody)
    told = client.get(f"{API}feedback/{job.json()['id']}/").json()
    assert (told["state"], told["done"]) == ("done", 4)
    rows = client.get(f"{API}feedback/{told['id']}/rows/").json()["results"]
    assert [(row["place"], row["state"]) for row in rows] == [(0, "done"), (1, "done")] * 2
    assert rows[0]["value"] == pytest.approx(0.98)
    assert Judgment.objects.filter(rater__kind="judge").count() == 2
    figures = client.get(f"{API}judges/{made['id']}/").json()["versions"][0]["figures"]
    assert figures["pairs"] == 2
    assert client.get(f"{API}feedback/?kind=compare&state=done").json()["count"] == 1


def test_a_judge_that_cannot_be_is_answered_with_every_problem(api_as, rita, project):
    answer = api_as(rita).post(f"{API}judges/", {"name": "x", "mode": "score", "rule": "longer"}, format="json")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["path"] == "mode"


def test_another_projects_rows_are_unknown(api_as, rita, project):
    other = make_project(by=rita)
    source = make_source(other, kind=Source.Kind.MODEL)
    answer = api_as(rita).post(f"{API}judges/", {"name": "x", "mode": "letters", "source": source.pk}, format="json")
    assert answer.status_code == 400
    judge = make_judge(other).judge
    assert api_as(rita).get(f"{API}judges/{judge.pk}/").status_code == 404


def test_chains_are_started_called_off_and_gone_on_with(api_as, rita, project):
    make_prompt(project, "Question 1?", prompt_set="red")
    writer = make_source(project, kind=Source.Kind.MODEL, name="tiny")
    version = make_constitution(project, "Be brief.").versions.get()
    client = api_as(rita)
    asked = {"writer": writer.pk, "constitution": version.pk, "prompt_set": "red", "revisions": 1}
    job = client.post(f"{API}feedback/critique/", asked, format="json").json()
    assert client.post(f"{API}feedback/{job['id']}/cancel/").json()["state"] == "cancelled"
    assert client.post(f"{API}feedback/{job['id']}/cancel/").status_code == 409
    assert client.post(f"{API}feedback/{job['id']}/retry/").json()["state"] == "queued"
    running.run(job["id"], speaker_of=lambda *_: Speaker(written))
    assert FeedbackJob.objects.get().figures["chains"] == 1
    missing = client.post(f"{API}feedback/critique/", asked | {"prompt_set": "blue"}, format="json")
    assert (missing.status_code, missing.json()["code"]) == (422, "no_prompts")


@pytest.mark.parametrize("kind", ["deliberation", "debate"])
def test_a_judge_of_the_wrong_kind_is_refused(api_as, rita, project, kind):
    make_prompt(project, "Question 1?", prompt_set="red")
    writer = make_source(project, kind=Source.Kind.MODEL, name="tiny")
    version = make_constitution(project, "Be brief.").versions.get()
    judge = make_judge(project, **({"rule": "exact", "mode": "score"} if kind == "debate" else {}))
    asked = {"writer": writer.pk, "constitution": version.pk, "prompt_set": "red", "judge": judge.pk}
    answer = api_as(rita).post(f"{API}feedback/{kind}/", asked, format="json")
    assert (answer.status_code, answer.json()["code"]) == (422, "mode")


def test_nothing_to_explain_yet(api_as, rita, project):
    answer = api_as(rita).post(f"{API}feedback/inverse/", {}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (422, "too_few")
