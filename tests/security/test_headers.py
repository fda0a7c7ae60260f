"""The headers of every kind of answer."""

import pytest

POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
}


@pytest.mark.parametrize("address", ["/", "/accounts/login/", "/p/wall/tokens/", "/api/projects/", "/api/docs/", "/no"])
def test_every_answer_carries_the_policy(as_user, cast, address):
    response = as_user(cast.alice).get(address)
    assert {part.strip() for part in response["Content-Security-Policy"].split(";")} == POLICY
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"


def test_healthz_answers_anybody_and_says_little(client, db):
    response = client.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_pages_for_what_is_not_there_tell_nothing(as_user, cast):
    absent = as_user(cast.charlie).get("/p/nowhere/tokens/")
    hidden = as_user(cast.charlie).get("/p/wall/tokens/")
    assert absent.status_code == hidden.status_code == 404
    assert b"Wall" not in hidden.content
