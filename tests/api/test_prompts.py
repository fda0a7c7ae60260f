"""Prompts by API."""

import pytest

from annotation.models import Completion, Prompt
from tests.factories import make_completion, make_prompt

ROW = {
    "messages": [{"role": "user", "content": " Why is the sky blue?"}],
    "category": "science",
    "completions": [{"text": " Scattering.", "source": "model-7"}, {"text": "It is not.", "source": "model-8"}],
}


def test_a_prompt_with_completions_comes_in_as_it_is(api_as, cast):
    made = api_as(cast.rita).post("/api/projects/wall/prompts/", ROW, format="json")
    assert made.status_code == 201
    assert [row["text"] for row in made.json()["completions"]] == [" Scattering.", "It is not."]
    assert Prompt.objects.get().messages == ROW["messages"]


def test_sending_it_twice_changes_nothing(api_as, cast):
    for _ in range(2):
        api_as(cast.rita).post("/api/projects/wall/prompts/", ROW, format="json")
    assert (Prompt.objects.count(), Completion.objects.count()) == (1, 2)


def test_who_wrote_it_is_opaque(api_as, cast):
    made = api_as(cast.rita).post("/api/projects/wall/prompts/", ROW, format="json").json()
    detail = api_as(cast.rita).get(f"/api/projects/wall/prompts/{made['id']}/")
    assert b"model-7" not in detail.content


def test_the_last_turn_is_the_users(api_as, cast):
    row = {"messages": [{"role": "assistant", "content": "Hello"}]}
    body = api_as(cast.rita).post("/api/projects/wall/prompts/", row, format="json").json()
    assert [entry["path"] for entry in body["errors"]] == ["messages"]


def test_pages_and_filters(api_as, cast):
    for number in range(3):
        make_prompt(cast.project, category="odd" if number % 2 else "even")
    make_prompt(cast.project, published=False)
    client = api_as(cast.rita)
    page = client.get("/api/projects/wall/prompts/?page_size=2").json()
    assert (page["count"], len(page["results"])) == (3, 2)
    assert client.get(page["next"]).json()["results"][0]["id"] not in [row["id"] for row in page["results"]]
    assert client.get("/api/projects/wall/prompts/?category=odd").json()["count"] == 1
    assert client.get("/api/projects/wall/prompts/?page=99").status_code == 404


def test_the_list_takes_as_many_queries_however_long(api_as, cast, django_assert_num_queries):
    for _ in range(10):
        make_completion(make_prompt(cast.project))
    with django_assert_num_queries(3):
        api_as(cast.rita).get("/api/projects/wall/prompts/")


@pytest.mark.parametrize(("name", "status"), [("bob", 403), ("vera", 403), ("charlie", 404)])
def test_others_see_none(api_as, cast, name, status):
    prompt = make_prompt(cast.project)
    client = api_as(getattr(cast, name))
    assert client.get("/api/projects/wall/prompts/").status_code == status
    assert client.get(f"/api/projects/wall/prompts/{prompt.pk}/").status_code == status
    assert client.post("/api/projects/wall/prompts/", ROW, format="json").status_code == status


def test_a_prompt_of_another_project_is_not_there(api_as, cast):
    from tests.factories import make_project

    foreign = make_prompt(make_project())
    assert api_as(cast.rita).get(f"/api/projects/wall/prompts/{foreign.pk}/").status_code == 404
