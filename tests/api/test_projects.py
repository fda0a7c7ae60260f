"""Projects by API."""

import pytest
from django.contrib.auth.models import Permission

from annotation.models import Project

ROLES = {"alice": "lead", "rita": "researcher", "bob": "annotator", "vera": "viewer"}


@pytest.mark.parametrize(("name", "role"), ROLES.items())
def test_members_see_the_project_and_their_role(api_as, cast, name, role):
    client = api_as(getattr(cast, name))
    assert client.get("/api/projects/wall/").json()["role"] == role
    assert [row["role"] for row in client.get("/api/projects/").json()["results"]] == [role]


def test_the_list_takes_few_queries(api_as, cast, django_assert_max_num_queries):
    with django_assert_max_num_queries(3):
        api_as(cast.alice).get("/api/projects/")


def test_only_leads_change_settings(api_as, cast):
    for name in ("rita", "bob", "vera"):
        response = api_as(getattr(cast, name)).patch("/api/projects/wall/", {"sitting_goal": 30}, format="json")
        assert response.status_code == 403
    response = api_as(cast.alice).patch("/api/projects/wall/", {"sitting_goal": 30}, format="json")
    assert response.json()["sitting_goal"] == 30
    assert Project.objects.get().sitting_goal == 30


def test_unknown_choices_are_refused(api_as, cast):
    body = api_as(cast.alice).patch("/api/projects/wall/", {"reveal": "never"}, format="json").json()
    assert [row["path"] for row in body["errors"]] == ["reveal"]


def test_making_one_needs_the_sites_permission(api_as, cast):
    row = {"name": "Second wall"}
    assert api_as(cast.alice).post("/api/projects/", row, format="json").status_code == 403
    cast.alice.user_permissions.add(Permission.objects.get(codename="create_project"))
    cast.alice = type(cast.alice).objects.get(pk=cast.alice.pk)
    made = api_as(cast.alice).post("/api/projects/", row, format="json")
    assert made.status_code == 201
    assert made.json()["slug"] == "second-wall"
    taken = api_as(cast.alice).post("/api/projects/", row | {"slug": "wall"}, format="json")
    assert (taken.status_code, taken.json()["code"]) == (422, "taken")
