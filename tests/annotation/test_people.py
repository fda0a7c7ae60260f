"""Inviting, joining, roles, leaving: the services and their pages."""

import hashlib
import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from annotation.errors import Refused
from annotation.models import ApiToken, Invitation, Membership, Role
from annotation.services import people
from annotation.services.tokens import create_token
from tests.factories import make_judgment, make_pair_item, make_rater

pytestmark = pytest.mark.django_db
PAGE, NEW = "/p/wall/people/", {"role": "annotator", "days": 7, "note": "Ola"}


def link_of(response) -> str:
    return re.search(r"data-invitation>[^<]*(/invitations/[^<]+/)<", response.content.decode())[1]


def role_of(project, user) -> str | None:
    return Membership.objects.filter(project=project, user=user).values_list("role", flat=True).first()


def test_a_link_is_shown_once_and_kept_hashed(project, alice, as_user):
    lead = as_user(alice)
    link = link_of(lead.post(PAGE, NEW))
    token = link.split("/")[2]
    invitation = Invitation.objects.get()
    assert invitation.token_sha256 == hashlib.sha256(token.encode()).hexdigest()
    assert (invitation.role, invitation.note, invitation.created_by) == ("annotator", "Ola", alice)
    again = lead.get(PAGE)
    assert token.encode() not in again.content
    assert b"Ola" in again.content
    assert again["Cache-Control"].startswith("max-age=0")


def test_somebody_new_chooses_a_name_and_a_password_and_is_in(project, alice, as_user):
    link = link_of(as_user(alice).post(PAGE, NEW))
    visitor = as_user(None)
    assert b"Join Wall" in visitor.get(link).content
    chosen = {"username": "ola", "password1": "a decent pass phrase", "password2": "a decent pass phrase"}
    response = visitor.post(link, chosen)
    assert (response.status_code, response.url) == (302, "/p/wall/")
    user = User.objects.get(username="ola")
    assert role_of(project, user) == Role.ANNOTATOR
    assert user.check_password("a decent pass phrase")
    assert visitor.get("/p/wall/guide/").status_code == 200
    assert as_user(None).get(link).status_code == 410  # used up
    assert as_user(None).post(link, {**chosen, "username": "second"}).status_code == 410
    assert not User.objects.filter(username="second").exists()


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ({"username": "ola", "password1": "short", "password2": "short"}, "too short"),
        ({"username": "ola", "password1": "a decent pass phrase", "password2": "another one here"}, "match"),
        ({"username": "Bob", "password1": "a decent pass phrase", "password2": "a decent pass phrase"}, "exists"),
        ({"username": "", "password1": "", "password2": ""}, "required"),
    ],
)
def test_a_wrong_choice_is_said_and_uses_nothing_up(project, alice, as_user, chosen, message):
    link = link_of(as_user(alice).post(PAGE, NEW))
    response = as_user(None).post(link, chosen)
    assert response.status_code == 422
    assert message in response.content.decode()
    assert Invitation.objects.get().accepted_at is None


def test_somebody_signed_in_joins_as_they_are(project, alice, charlie, as_user):
    link = link_of(as_user(alice).post(PAGE, {**NEW, "role": "researcher"}))
    stranger = as_user(charlie)
    assert b"Join as charlie" in stranger.get(link).content
    assert stranger.get("/p/wall/").status_code == 404  # a look joins nobody
    assert stranger.post(link).url == "/p/wall/"
    assert role_of(project, charlie) == Role.RESEARCHER


def test_a_member_keeps_their_role_and_the_link_stays_good(project, alice, charlie, as_user):
    link = link_of(as_user(alice).post(PAGE, {**NEW, "role": "viewer"}))
    as_user(alice).post(link)
    assert role_of(project, alice) == Role.LEAD
    as_user(charlie).post(link)
    assert role_of(project, charlie) == Role.VIEWER


def test_a_link_that_ran_out_or_was_withdrawn_opens_nothing(project, alice, charlie, as_user):
    lead = as_user(alice)
    for end in ("expires", "withdrawn"):
        link = link_of(lead.post(PAGE, NEW))
        invitation = Invitation.objects.latest("pk")
        if end == "expires":
            Invitation.objects.filter(pk=invitation.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
        else:
            lead.post(f"/p/wall/invitations/{invitation.pk}/withdraw/")
        for client in (as_user(None), as_user(charlie)):
            assert client.get(link).status_code == 410
            assert client.post(link).status_code == 410
    assert role_of(project, charlie) is None
    assert as_user(None).get("/invitations/guessed/").status_code == 410


def test_two_uses_at_one_moment_let_one_in(project, alice, charlie, monkeypatch):
    invitation, token = people.invite(project, by=alice, role="viewer")
    found = people.invitation_for(token)
    people.accept(token, by=charlie)
    monkeypatch.setattr(people, "invitation_for", lambda _: found)  # read before the other wrote
    other = User.objects.create_user("other")
    with pytest.raises(Refused, match="a moment ago"):
        people.accept(token, by=other)
    assert role_of(project, other) is None
    assert invitation.pk == found.pk


@pytest.mark.parametrize("wrong", [{"role": "king"}, {"days": 365}])
def test_services_refuse_what_no_form_offers(project, alice, wrong):
    with pytest.raises(Refused):
        people.invite(project, by=alice, **{"role": "viewer", **wrong})


def test_a_wrong_form_shows_again(alice, as_user):
    response = as_user(alice).post(PAGE, {"role": "king", "days": 7})
    assert response.status_code == 422
    assert not Invitation.objects.exists()


def test_roles_change_and_rights_with_them(project, alice, bob, as_user):
    annotator = as_user(bob)
    assert annotator.get("/p/wall/data/").status_code == 403
    member = project.memberships.get(user=bob)
    as_user(alice).post(f"/p/wall/people/{member.pk}/role/", {"role": "researcher"})
    assert annotator.get("/p/wall/data/").status_code == 200
    as_user(alice).post(f"/p/wall/people/{member.pk}/role/", {"role": "king"})
    assert role_of(project, bob) == Role.RESEARCHER


def test_removing_ends_tokens_and_keeps_work(project, alice, bob, as_user):
    make_judgment(make_pair_item(project), rater=make_rater(project, bob))
    create_token(project, by=bob, name="his")
    member = project.memberships.get(user=bob)
    as_user(alice).post(f"/p/wall/people/{member.pk}/remove/")
    assert role_of(project, bob) is None
    assert not ApiToken.objects.filter(user=bob).exists()
    assert project.raters.get(user=bob).judgments.count() == 1
    assert as_user(bob).get("/p/wall/guide/").status_code == 404


def test_the_last_lead_stays(project, alice, rita, as_user):
    lead, her = as_user(alice), project.memberships.get(user=alice)
    for address, data in (("role", {"role": "viewer"}), ("remove", {})):
        response = lead.post(f"/p/wall/people/{her.pk}/{address}/", data, follow=True)
        assert "Every project keeps a lead" in response.content.decode()
        assert role_of(project, alice) == Role.LEAD
    second = project.memberships.get(user=rita)
    lead.post(f"/p/wall/people/{second.pk}/role/", {"role": "lead"})
    response = lead.post(f"/p/wall/people/{her.pk}/remove/")
    assert response.url == "/"  # she may not see the list any more
    assert role_of(project, alice) is None


def test_another_projects_rows_do_not_exist_here(project, alice, as_user):
    from tests.factories import make_project

    other = make_project()
    invitation, _ = people.invite(other, by=other.created_by, role="viewer")
    lead = as_user(alice)
    member = other.memberships.get()
    assert lead.post(f"/p/wall/people/{member.pk}/remove/").status_code == 404
    assert lead.post(f"/p/wall/people/{member.pk}/role/", {"role": "viewer"}).status_code == 404
    assert lead.post(f"/p/wall/invitations/{invitation.pk}/withdraw/").status_code == 404


def test_the_page_asks_few_questions(project, alice, as_user, django_assert_max_num_queries):
    for n in range(20):
        user = User.objects.create_user(f"p{n}")
        Membership.objects.create(project=project, user=user, role="annotator")
        people.invite(project, by=alice, role="viewer")
    client = as_user(alice)
    with django_assert_max_num_queries(9):
        client.get(PAGE)
