"""Signing in: guessing is slowed down, `next` leads nowhere else, the session changes."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from annotation.models import SignInFailure
from annotation.services import sign_in
from tests.factories import PASSWORD


def try_password(client, password: str, *, name="bob", **extra):
    return client.post("/accounts/login/", {"username": name, "password": password}, **extra)


def test_right_password_signs_in(client, cast):
    response = try_password(client, PASSWORD)
    assert (response.status_code, response.url) == (302, "/")


def test_wrong_password_says_so_and_keeps_nothing_typed(client, cast):
    response = try_password(client, "not his password")
    assert response.status_code == 422
    assert b"not his password" not in response.content


def test_the_eleventh_try_has_to_wait_even_with_the_right_password(client, cast):
    for _ in range(sign_in.NAME_FROM_ADDRESS):
        assert try_password(client, "wrong").status_code == 422
    response = try_password(client, PASSWORD)
    assert response.status_code == 429
    assert b"Too many tries failed. Wait" in response.content


def test_somebody_elses_failures_do_not_lock_one_out(client, cast):
    for _ in range(sign_in.NAME_FROM_ADDRESS):
        try_password(client, "wrong", REMOTE_ADDR="10.0.0.66")
    assert try_password(client, PASSWORD).status_code == 302
    assert try_password(Client(), PASSWORD, name="rita", REMOTE_ADDR="10.0.0.66").status_code == 302


def test_many_names_from_one_address_have_to_wait(client, cast):
    SignInFailure.objects.all().delete()
    for number in range(sign_in.ADDRESS):
        sign_in.record_failure(address="10.0.0.66", name=f"guess-{number}")
    assert try_password(client, PASSWORD, REMOTE_ADDR="10.0.0.66").status_code == 429
    assert try_password(client, PASSWORD).status_code == 302


def test_waiting_ends(client, cast):
    for _ in range(sign_in.NAME_FROM_ADDRESS):
        try_password(client, "wrong")
    SignInFailure.objects.update(at=timezone.now() - sign_in.WINDOW - timedelta(seconds=1))
    assert try_password(client, PASSWORD).status_code == 302
    sign_in.record_failure(address="x")
    assert SignInFailure.objects.count() == 1  # the old ones are forgotten


def test_names_are_not_stored_readable(cast):
    sign_in.record_failure(address="10.0.0.1", name="my password typed into the name")
    assert "password" not in str(list(SignInFailure.objects.values()))


def test_guessing_tokens_has_to_wait(client, cast):
    for _ in range(sign_in.ADDRESS):
        sign_in.record_failure(address="127.0.0.1")
    response = client.get("/api/projects/", headers={"authorization": "Token guess"})
    assert (response.status_code, response.json()["code"]) == (429, "throttled")
    assert int(response["Retry-After"]) > 0


def test_a_forwarded_address_counts_only_behind_a_proxy(rf, settings):
    request = rf.get("/", headers={"x-forwarded-for": "1.2.3.4, 5.6.7.8"})
    settings.SECURE_SSL_REDIRECT = False
    assert sign_in.address_of(request) == "127.0.0.1"
    settings.SECURE_SSL_REDIRECT = True
    assert sign_in.address_of(request) == "5.6.7.8"  # what the proxy next to us saw


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_next_leads_nowhere_else(client, cast, target):
    response = client.post("/accounts/login/", {"username": "bob", "password": PASSWORD, "next": target})
    assert response.url == "/"


def test_next_leads_where_one_wanted_to_go(client, cast):
    response = client.post("/accounts/login/", {"username": "bob", "password": PASSWORD, "next": "/p/wall/tokens/"})
    assert response.url == "/p/wall/tokens/"


def test_the_session_changes_when_one_signs_in(client, cast):
    client.cookies["sessionid"] = "fixed-by-an-attacker"
    try_password(client, PASSWORD)
    assert client.cookies["sessionid"].value != "fixed-by-an-attacker"
    cookie = client.cookies["sessionid"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


def test_signing_out_needs_a_post_and_ends_the_session(as_user, cast):
    client = as_user(cast.bob)
    before = client.cookies["sessionid"].value
    assert client.get("/accounts/logout/").status_code == 405
    assert client.post("/accounts/logout/").status_code == 302
    client.cookies["sessionid"] = before
    assert client.get("/").status_code == 302


def test_nobody_signs_up_and_nobody_is_there_by_default(client, db):
    assert User.objects.count() == 0
    assert client.get("/accounts/signup/").status_code in {302, 404}


@pytest.mark.parametrize("address", ["/accounts/login/", "/accounts/logout/", "/p/wall/tokens/"])
def test_posts_need_the_csrf_token(cast, address):
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.bob)
    assert client.post(address, {"name": "x", "username": "bob", "password": PASSWORD}).status_code == 403


def test_calls_by_session_need_the_csrf_token(cast):
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.bob)
    response = client.post("/api/projects/wall/tokens/", {"name": "x"}, content_type="application/json")
    assert (response.status_code, response.json()["code"]) == (403, "permission_denied")
