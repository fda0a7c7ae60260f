"""Tokens: shown once, stored hashed, one project each, with their owner's rights."""

from datetime import timedelta

from django.utils import timezone
from rest_framework.test import APIClient

from annotation.models import ApiToken, Membership
from annotation.services.tokens import create_token
from tests.factories import make_project


def with_token(secret: str) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {secret}")
    return client


def test_a_token_opens_its_project(project, rita):
    _, secret = create_token(project, by=rita, name="import")
    assert with_token(secret).get("/api/projects/wall/").json()["role"] == "researcher"


def test_a_token_opens_no_other_project_of_its_owner(project, rita):
    other = make_project(by=rita)
    _, secret = create_token(project, by=rita, name="import")
    client = with_token(secret)
    assert client.get(f"/api/projects/{other.slug}/").status_code == 404
    assert [row["slug"] for row in client.get("/api/projects/").json()["results"]] == ["wall"]


def test_a_token_loses_what_its_owner_loses(project, rita):
    _, secret = create_token(project, by=rita, name="import")
    Membership.objects.filter(user=rita).update(role="viewer")
    assert with_token(secret).get("/api/projects/wall/prompts/").status_code == 403
    Membership.objects.filter(user=rita).delete()
    assert with_token(secret).get("/api/projects/wall/").status_code == 404


def test_only_the_hash_is_stored(project, rita):
    token, secret = create_token(project, by=rita, name="import")
    stored = ApiToken.objects.values().get()
    assert secret not in str(stored)
    assert len(secret) >= 64
    assert token.token_key == secret[: len(token.token_key)]


def test_an_expired_and_a_revoked_token_open_nothing(project, rita):
    _, secret = create_token(project, by=rita, name="import", days=7)
    ApiToken.objects.update(expiry=timezone.now() - timedelta(seconds=1))
    assert with_token(secret).get("/api/projects/wall/").status_code == 401
    _, secret = create_token(project, by=rita, name="again")
    client = with_token(secret)
    assert client.get("/api/projects/wall/").status_code == 200
    ApiToken.objects.all().delete()
    assert client.get("/api/projects/wall/").status_code == 401


def test_a_token_cannot_make_tokens_or_projects(project, alice):
    _, secret = create_token(project, by=alice, name="leaked")
    client = with_token(secret)
    assert client.post("/api/projects/wall/tokens/", {"name": "more"}, format="json").status_code == 403
    assert client.post("/api/projects/", {"name": "More"}, format="json").status_code == 403
    assert ApiToken.objects.count() == 1


def test_strange_tokens_are_unknown(db):
    for text in ("x", "ü" * 64, "a b", ""):
        client = APIClient()
        response = client.get("/api/projects/", headers={"authorization": f"Token {text}".encode().decode("latin-1")})
        assert response.status_code == 401, text


def test_by_api_one_makes_sees_and_revokes_ones_own(as_user, cast):
    client = as_user(cast.bob)
    made = client.post(
        "/api/projects/wall/tokens/", {"name": "mine", "days": 7}, content_type="application/json"
    ).json()
    assert with_token(made["secret"]).get("/api/projects/wall/").status_code == 200
    create_token(cast.project, by=cast.rita, name="hers")
    rows = client.get("/api/projects/wall/tokens/").json()["results"]
    assert [(row["name"], row["owner"]) for row in rows] == [("mine", "bob")]
    assert "secret" not in rows[0]
    assert client.delete(f"/api/projects/wall/tokens/{made['key']}/").status_code == 204
    assert with_token(made["secret"]).get("/api/projects/wall/").status_code == 401


def test_a_lead_sees_and_revokes_everybodys(as_user, cast):
    token, _ = create_token(cast.project, by=cast.bob, name="his")
    alice, rita = as_user(cast.alice), as_user(cast.rita)
    assert rita.delete(f"/api/projects/wall/tokens/{token.token_key}/").status_code == 404
    assert alice.get("/api/projects/wall/tokens/").json()["count"] == 1
    assert alice.delete(f"/api/projects/wall/tokens/{token.token_key}/").status_code == 204


def test_the_page_shows_the_secret_once(as_user, cast):
    client = as_user(cast.vera)
    response = client.post("/p/wall/tokens/", {"name": "mine", "days": ""})
    secret = response.context["secret"]
    assert secret in response.content.decode()
    assert secret not in client.get("/p/wall/tokens/").content.decode()
    assert with_token(secret).get("/api/projects/wall/").status_code == 200


def test_the_page_says_what_is_wrong(as_user, cast):
    response = as_user(cast.vera).post("/p/wall/tokens/", {"name": "", "days": "3"})
    assert response.status_code == 422
    assert ApiToken.objects.count() == 0


def test_the_page_revokes(as_user, cast):
    token, _ = create_token(cast.project, by=cast.bob, name="his")
    address = f"/p/wall/tokens/{token.token_key}/revoke/"
    assert as_user(cast.vera).post(address).status_code == 404
    assert as_user(cast.bob).get(address).status_code == 405
    assert as_user(cast.bob).post(address).status_code == 302
    assert ApiToken.objects.count() == 0
