"""Members and invitations by API: for leads, in person."""

import pytest

from annotation.models import Invitation, Membership
from annotation.services.people import accept
from annotation.services.tokens import create_token

HERE = "/api/projects/wall/"


def test_a_lead_sees_who_belongs(api_as, cast):
    rows = api_as(cast.alice).get(f"{HERE}members/").json()["results"]
    assert (rows[0]["username"], rows[0]["role"]) == ("alice", "lead")
    assert {row["username"] for row in rows} == {"alice", "rita", "bob", "vera"}


@pytest.mark.parametrize(("name", "status"), [("rita", 403), ("bob", 403), ("vera", 403), ("charlie", 404)])
def test_nobody_else_sees_names(api_as, cast, name, status):
    client = api_as(getattr(cast, name))
    assert client.get(f"{HERE}members/").status_code == status
    assert client.post(f"{HERE}invitations/", {"role": "lead"}, format="json").status_code == status


def test_an_invitation_lets_somebody_in(api_as, cast):
    made = api_as(cast.alice).post(f"{HERE}invitations/", {"role": "viewer", "note": "for Carl"}, format="json").json()
    assert made["token"] not in str(Invitation.objects.values())
    assert "token" not in api_as(cast.alice).get(f"{HERE}invitations/").json()["results"][0]
    assert accept(made["token"], by=cast.charlie).role == "viewer"


def test_a_withdrawn_invitation_does_not(api_as, cast):
    client = api_as(cast.alice)
    made = client.post(f"{HERE}invitations/", {"role": "viewer"}, format="json").json()
    assert client.delete(f"{HERE}invitations/{made['id']}/").status_code == 204
    assert client.delete(f"{HERE}invitations/{made['id']}/").json()["code"] == "used"


def test_roles_change_and_people_go_but_the_last_lead_stays(api_as, cast):
    client = api_as(cast.alice)
    bob, alice = (Membership.objects.get(user=person) for person in (cast.bob, cast.alice))
    assert client.patch(f"{HERE}members/{bob.pk}/", {"role": "viewer"}, format="json").json()["role"] == "viewer"
    assert client.patch(f"{HERE}members/{bob.pk}/", {"role": "king"}, format="json").status_code == 400
    assert client.delete(f"{HERE}members/{bob.pk}/").status_code == 204
    assert client.delete(f"{HERE}members/{alice.pk}/").json()["code"] == "last_lead"


def test_a_token_lets_nobody_in_or_out(client, cast):
    _, secret = create_token(cast.project, by=cast.alice, name="leaked")
    headers = {"authorization": f"Token {secret}"}
    bob = Membership.objects.get(user=cast.bob)
    for answer in (
        client.post(f"{HERE}invitations/", {"role": "lead"}, content_type="application/json", headers=headers),
        client.patch(f"{HERE}members/{bob.pk}/", {"role": "lead"}, content_type="application/json", headers=headers),
        client.delete(f"{HERE}members/{bob.pk}/", headers=headers),
    ):
        assert answer.status_code == 403
    assert Membership.objects.get(user=cast.bob).role == "annotator"
