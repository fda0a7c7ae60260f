"""Calls about quality."""

import pytest

from annotation.models import QualityReport
from annotation.services import quality
from annotation.services.quality import compute, request_report
from tests.factories import make_judgment, make_pair_item, make_rater, make_user

pytestmark = pytest.mark.django_db
HERE = "/api/projects/wall/quality/"


@pytest.fixture(autouse=True)
def quiet(monkeypatch):
    monkeypatch.setattr(quality, "enqueue", lambda name, **ids: None)


@pytest.fixture
def reported(project, alice):
    people = [make_rater(project, make_user(name), name=name) for name in ("dora", "emma")]
    for n in range(60):
        item = make_pair_item(project)
        for rater, strength in zip(people, (3, -1 if n % 3 == 0 else 2), strict=True):
            make_judgment(item, rater=rater, strength=strength)
    compute(request_report(project, by=alice).pk)
    return QualityReport.objects.get()


def test_a_report_is_asked_for_and_read(reported, rita, vera, api_as):
    asked = api_as(rita).post(HERE, {"queue": "label"}, format="json")
    assert asked.status_code == 202
    assert asked.data["state"] == "queued"
    told = api_as(vera).get(HERE).data
    assert told["id"] == reported.pk
    assert told["body"]["judgments"] == 120
    assert told["worth"][0]["title"]
    assert api_as(vera).get(f"{HERE}?queue=label").status_code == 404
    assert api_as(rita).post(HERE, {"since": "yesterday"}, format="json").status_code == 400
    assert api_as(rita).post(HERE, {"queue": "nothing"}, format="json").status_code == 422


def test_raters_are_named_to_leads_only(reported, alice, rita, api_as):
    [first, _] = api_as(alice).get(f"{HERE}raters/").data["results"]
    assert first["name"] in {"dora", "emma"}
    assert first["figures"]["judgments"] == 60
    one = api_as(rita).get(f"{HERE}raters/{first['id']}/").data
    assert one["name"] == f"annotator {first['id']:02d}"
    assert one["right"] == first["right"]
    assert api_as(rita).get(f"{HERE}raters/999999/").status_code == 404


def test_disagreements_come_furthest_first(reported, rita, api_as):
    rows = api_as(rita).get(f"{HERE}disagreements/").data["results"]
    assert [row["score"] for row in rows] == sorted((row["score"] for row in rows), reverse=True)
    assert rows[0]["score"] == 0.5
    assert api_as(rita).get(f"{HERE}disagreements/?kind=sides").data["count"] == 20


def test_circles_and_representation(reported, rita, vera, api_as):
    assert api_as(rita).get(f"{HERE}circles/").data["circles"] == []
    told = api_as(vera).get(f"{HERE}representation/").data
    assert (told["people"], told["said"], told["fields"]) == (2, None, {})
