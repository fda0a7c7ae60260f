"""Every error of the API is a problem response, whoever made it."""

import pytest

from annotation.api.problems import flattened
from annotation.errors import Refused
from annotation.services import projects

KEYS = {"type", "title", "status", "detail", "code", "errors"}


def assert_problem(response, status: int, code: str) -> dict:
    body = response.json()
    assert (response.status_code, body["code"]) == (status, code), body
    assert response["Content-Type"] == "application/problem+json"
    assert set(body) == KEYS
    assert body["status"] == status
    assert body["detail"]
    return body


def test_nobody_is_asked_for_a_token(client, project):
    response = client.get("/api/projects/")
    assert_problem(response, 401, "not_authenticated")
    assert response["WWW-Authenticate"] == "Token"


def test_a_stranger_sees_nothing(api_as, cast):
    assert_problem(api_as(cast.charlie).get("/api/projects/wall/"), 404, "not_found")


def test_a_member_without_the_right_is_told_so(api_as, cast):
    body = assert_problem(api_as(cast.vera).get("/api/projects/wall/prompts/"), 403, "permission_denied")
    assert "viewer" in body["detail"]


def test_no_such_call(client, db):
    assert_problem(client.get("/api/nothing/here"), 404, "not_found")


def test_wrong_verb(api_as, cast):
    assert_problem(api_as(cast.alice).put("/api/projects/wall/", {}), 405, "method_not_allowed")
    assert_problem(api_as(cast.alice).options("/api/projects/wall/"), 405, "method_not_allowed")


def test_wrong_media_type(api_as, cast):
    response = api_as(cast.alice).post("/api/projects/wall/prompts/", "<x/>", content_type="application/xml")
    assert_problem(response, 415, "unsupported_media_type")


def test_what_is_not_json(api_as, cast):
    response = api_as(cast.alice).post("/api/projects/wall/prompts/", "{", content_type="application/json")
    assert_problem(response, 400, "parse_error")


def test_each_mistake_has_its_path(api_as, cast):
    rows = {"messages": [{"role": "user", "content": "a"}, {"role": "wizard", "content": "b"}], "tags": "x"}
    body = assert_problem(api_as(cast.rita).post("/api/projects/wall/prompts/", rows, format="json"), 400, "invalid")
    assert [row["path"] for row in body["errors"]] == ["messages[1].role", "tags"]
    assert body["detail"] == "2 things are wrong with the request."


def test_a_refusal_keeps_its_code_status_and_problems(api_as, cast, monkeypatch):
    def refuse(*_args, **_settings):
        raise Refused("Not now. Try at noon.", code="closed", status=409, problems=[{"path": "name", "message": "No"}])

    monkeypatch.setattr(projects, "change_settings", refuse)
    body = assert_problem(api_as(cast.alice).patch("/api/projects/wall/", {"name": "x"}, format="json"), 409, "closed")
    assert body["detail"] == "Not now. Try at noon."
    assert body["errors"] == [{"path": "name", "message": "No"}]


def test_a_bug_is_a_problem_that_tells_nothing(api_as, cast, monkeypatch):
    def break_down(*_args, **_settings):
        raise RuntimeError("the secret inner state")

    monkeypatch.setattr(projects, "change_settings", break_down)
    client = api_as(cast.alice)
    client.raise_request_exception = False
    response = client.patch("/api/projects/wall/", {"name": "x"}, format="json")
    assert_problem(response, 500, "bug")
    assert b"secret" not in response.content


@pytest.mark.parametrize(
    ("detail", "rows"),
    [
        ({"a": ["x", "y"]}, [("a", "x"), ("a", "y")]),
        ({"rows": [{}, {"b": ["x"]}]}, [("rows[1].b", "x")]),
        ({"non_field_errors": ["x"]}, [("", "x")]),
        ({"a": {"non_field_errors": ["x"]}}, [("a", "x")]),
        (["x"], [("", "x")]),
    ],
)
def test_nested_details_become_paths(detail, rows):
    assert [(row["path"], row["message"]) for row in flattened(detail)] == rows
