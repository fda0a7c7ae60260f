"""The schema: public, complete, and the page that shows it."""

import pytest
from django.core.management import call_command
from django.urls import get_resolver
from drf_spectacular.generators import SchemaGenerator


@pytest.fixture(scope="module")
def schema():
    return SchemaGenerator().get_schema(request=None, public=True)


def test_it_is_public(client, db):
    response = client.get("/api/schema/?format=json")
    assert response.status_code == 200
    assert response.json()["openapi"].startswith("3.")


def test_it_is_valid_and_nothing_had_to_be_guessed(tmp_path):
    call_command("spectacular", file=tmp_path / "schema.yml", validate=True, fail_on_warn=True)


def test_every_call_is_described_and_may_answer_with_a_problem(schema):
    for address, verbs in schema["paths"].items():
        for verb, call in verbs.items():
            assert call.get("description"), f"{verb} {address} has no docstring"
            assert "application/problem+json" in call["responses"]["default"]["content"]


def test_every_call_of_the_url_table_is_in_it(schema):
    api = next(entry for entry in get_resolver().url_patterns if str(entry.pattern) == "api/")
    names = {name for name in api.reverse_dict if isinstance(name, str)}
    apart = {"api-index", "api-schema", "api-docs", "api-nothing"}
    assert len(schema["paths"]) == len(names - apart)


def test_the_index_leads_on(client, db):
    for address in client.get("/api/").json().values():
        assert client.get(address).status_code in {200, 401}


@pytest.mark.browser
def test_the_page_of_documentation(visit, db):
    from tests.pages import assert_accessible

    for options in ({}, {"width": 390, "dark": True}):
        page = visit(None, **options)
        page.goto("/api/docs/")
        assert page.get_by_text("/api/projects/{slug}/prompts/", exact=True).count() == 2
        assert_accessible(page)
