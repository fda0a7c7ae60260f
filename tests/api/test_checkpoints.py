"""Checkpoints and generations by API."""

import pytest

from annotation.models import GenerationRequest
from annotation.services.tokens import create_token
from tests.factories import make_checkpoint, make_project, make_prompt, make_run
from training.models import Checkpoint

HERE = "/api/projects/wall/"


@pytest.fixture
def saved(cast, tmp_path):
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    (tmp_path / "state.safetensors").write_bytes(b"optimiser")
    (tmp_path.parent / "secret").write_text("secret")
    return make_checkpoint(cast.project, run=make_run(cast.project), path=str(tmp_path), step=5)


def test_a_model_is_downloaded_by_those_who_may_export(api_as, cast, saved):
    address = f"{HERE}checkpoints/{saved.pk}/files/"
    response = api_as(cast.rita).get(f"{address}model.safetensors")
    assert b"".join(response.streaming_content) == b"weights"
    assert response["Content-Disposition"] == 'attachment; filename="model.safetensors"'
    assert api_as(cast.vera).get(f"{address}model.safetensors").status_code == 403
    assert api_as(cast.charlie).get(f"{address}model.safetensors").status_code == 404


@pytest.mark.parametrize("name", ["state.safetensors", "../secret", "..%2Fsecret", "%2e%2e%2fsecret", "config.json"])
def test_nothing_else_is(api_as, cast, saved, name):
    assert api_as(cast.rita).get(f"{HERE}checkpoints/{saved.pk}/files/{name}").status_code == 404


def test_a_registered_models_folder_is_not_served(api_as, cast, tmp_path):
    (tmp_path / "config.json").write_text("{}")
    registered = make_checkpoint(cast.project, path=str(tmp_path))
    assert api_as(cast.rita).get(f"{HERE}checkpoints/{registered.pk}/files/config.json").status_code == 404


def test_where_it_lies_is_not_told(api_as, cast, saved):
    assert str(saved.path) not in api_as(cast.rita).get(f"{HERE}checkpoints/").content.decode()


def test_lists_filter_and_rows_are_promoted(api_as, cast, saved):
    make_checkpoint(cast.project, kind="reward")
    client = api_as(cast.rita)
    assert client.get(f"{HERE}checkpoints/?kind=reward").json()["count"] == 1
    assert client.get(f"{HERE}checkpoints/?run={saved.run_id}").json()["results"][0]["id"] == saved.pk
    assert client.post(f"{HERE}checkpoints/{saved.pk}/promotion/").json()["promoted_at"]
    assert client.get(f"{HERE}checkpoints/?promoted=true").json()["count"] == 1
    assert client.delete(f"{HERE}checkpoints/{saved.pk}/promotion/").json()["promoted_at"] is None


def test_a_model_from_outside_is_registered_by_session_only(as_user, cast, tmp_path, client):
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    row = {"name": "ours", "path": str(tmp_path)}
    made = as_user(cast.rita).post(f"{HERE}checkpoints/", row, content_type="application/json")
    assert made.status_code == 201
    again = as_user(cast.rita).post(f"{HERE}checkpoints/", row, content_type="application/json")
    assert (again.status_code, again.json()["errors"][0]["path"]) == (422, "name")
    _, secret = create_token(cast.project, by=cast.rita, name="leaked")
    headers = {"authorization": f"Token {secret}"}
    assert client.post(f"{HERE}checkpoints/", row, content_type="application/json", headers=headers).status_code == 403


def test_answers_are_asked_for_and_read(api_as, cast):
    checkpoint = make_checkpoint(cast.project)
    prompts = [make_prompt(cast.project, prompt_set="exam") for _ in range(2)]
    client = api_as(cast.rita)
    asked = {"checkpoint": checkpoint.pk, "prompt_set": "exam", "sampling": {"max_new_tokens": 8}}
    made = client.post(f"{HERE}generations/", asked, format="json")
    assert (made.status_code, made.json()["total"]) == (202, 2)
    pk = made.json()["id"]
    answers = client.get(f"{HERE}generations/{pk}/answers/").json()["results"]
    assert [(row["prompt"], row["text"]) for row in answers] == [(prompt.pk, None) for prompt in prompts]
    assert client.delete(f"{HERE}generations/{pk}/").json()["state"] == "cancelled"
    assert GenerationRequest.objects.get().state == "cancelled"


def test_what_cannot_be_asked_is_said_at_its_place(api_as, cast):
    client = api_as(cast.rita)
    reward, policy = make_checkpoint(cast.project, kind="reward"), make_checkpoint(cast.project)
    foreign = make_prompt(make_project())

    def path(asked: dict) -> str:
        return client.post(f"{HERE}generations/", asked, format="json").json()["errors"][0]["path"]

    assert path({"checkpoint": reward.pk, "prompt_set": "exam"}) == "checkpoint"
    assert path({"checkpoint": policy.pk}) == ""
    assert path({"checkpoint": policy.pk, "prompts": [foreign.pk]}) == "prompts"
    assert path({"checkpoint": policy.pk, "prompt_set": "x", "sampling": {"temperature": 9}}) == "sampling.temperature"
    assert not Checkpoint.objects.filter(name="x").exists()
