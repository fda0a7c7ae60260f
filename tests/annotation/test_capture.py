"""The capture call: feedback of a product's users comes in once, by a key that opens nothing else."""

import json
import re
import subprocess

import pytest
from django.test import Client

from annotation.models import CaptureKey, Completion, Item, Judgment, JudgmentRevision, Prompt, Rater
from annotation.policy import Policy
from annotation.selectors.snapshot_source import picked_items
from annotation.services import capture
from annotation.services.capture import create_key, revoke_key
from annotation.snapshot_card import Tally
from annotation.snapshot_filters import Filters
from annotation.snapshot_rows import Rows
from tests import need
from tests.repo import tree

pytestmark = pytest.mark.django_db
HERE = "/api/projects/wall/capture/"
APP = "https://app.example.org"


@pytest.fixture
def key(project, alice):
    return create_key(project, by=alice, name="help desk", origins=f"{APP}\n{APP}/")


def event(name="e1", feedback="up", **more) -> dict:
    return {
        "event": name,
        "messages": [{"role": "user", "content": "Why is the sky blue?"}],
        "completion": "Air scatters blue light more.",
        "feedback": feedback,
    } | more


def send(body, secret, **headers):
    body = body if isinstance(body, str) else json.dumps(body)
    headers = {"Authorization": f"Capture {secret}"} | headers
    return Client().post(HERE, body, content_type="application/json", headers=headers)


def test_a_thumb_becomes_a_judgment_of_a_completion(project, key):
    answer = send(event(user="u-7", reasons=["clear"], comment="good", source="bot 3"), key[1])
    assert (answer.status_code, answer.json()) == (201, {"stored": True})
    judgment = Judgment.objects.select_related("item", "rater").get()
    assert judgment.value == {"label": True, "reasons": ["clear"]}
    assert (judgment.origin, judgment.rater.kind, judgment.comment) == ("capture", "imported", "good")
    assert "u-7" not in judgment.rater.key + judgment.rater.name
    assert (judgment.item.interface, judgment.item.queue, judgment.item.open_slots) == ("thumbs", "capture", 0)
    assert Completion.objects.get().source.name == "bot 3"
    assert CaptureKey.objects.get().taken == 1


def test_an_event_is_stored_once(key):
    assert send(event(), key[1]).status_code == 201
    again = send(event(feedback="down"), key[1])
    assert (again.status_code, again.json()) == (200, {"stored": False})
    assert JudgmentRevision.objects.count() == Judgment.objects.count() == 1


def test_a_user_may_change_their_mind_and_behaviour_stands_beside(key):
    send(event("e1", "up", user="u"), key[1])
    send(event("e2", "copied", user="u"), key[1])
    send(event("e3", "down", user="u"), key[1])
    send(event("e4", "up", user="v"), key[1])
    assert [row.value for row in Judgment.objects.order_by("pk")] == [
        {"label": False},
        {"label": True, "implicit": "copied"},
        {"label": True},
    ]
    changed = Judgment.objects.order_by("pk").first()
    assert [row.kind for row in changed.revisions.order_by("number")] == ["give", "change"]
    assert (Item.objects.count(), Prompt.objects.count(), Rater.objects.count()) == (1, 1, 2)


def rows(project, format, **policy):
    picked = [item for items in picked_items(project, Filters(), texts=True) for item in items]
    made = Rows(format, Policy(**policy), "salt", Tally(format))
    return [made.written(item.prompt, item.answers, plan) for item in picked for _, plan in made.of_item(item)]


def test_what_was_captured_becomes_training_rows(project, key):
    send(event("e1", "up"), key[1])
    send(event("e2", "regenerated"), key[1])
    send(event("e3", "edited", edit="Air scatters blue light more than red."), key[1])
    assert [row["label"] for row in rows(project, "unpaired_preference") if "label" in row][:1] == [True]
    assert False in [row["label"] for row in rows(project, "unpaired_preference", implicit="thumbs")]
    [pair] = rows(project, "preference")
    assert pair["chosen"][0]["content"] == "Air scatters blue light more than red."
    assert pair["rejected"][0]["content"] == "Air scatters blue light more."


@pytest.mark.parametrize(
    ("body", "status", "path"),
    [
        ("{", 400, None),
        (event(feedback="nice"), 422, "feedback"),
        (event(feedback="edited"), 422, "edit"),
        (event(feedback="edited", edit="Air scatters blue light more. "), 422, "edit"),
        (event(messages=[]), 422, "messages"),
        (event(messages=[{"role": "assistant", "content": "x"}]), 422, "messages"),
        (event(at="2999-01-01T00:00:00Z"), 422, "at"),
        (event(""), 422, "event"),
        (event(completion="x" * 100_001), 422, "completion"),
        (event(comment="x" * 300_000), 413, None),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_written(key, body, status, path):
    answer = send(body, key[1])
    assert answer.status_code in (status, 400 if status == 422 else status)
    if path:
        assert answer.json()["errors"][0]["path"].startswith(path)
    assert not Judgment.objects.exists()
    assert not Prompt.objects.exists()


def test_only_a_living_key_of_the_project_opens_it(project, alice, key, as_user):
    assert send(event(), "capture_wrong").status_code == 401
    assert as_user(alice).post(HERE, json.dumps(event()), content_type="application/json").status_code == 401
    assert Client().post("/api/projects/none/capture/", json.dumps(event()), content_type="application/json",
                         headers={"Authorization": f"Capture {key[1]}"}).status_code == 401  # fmt: skip
    revoke_key(key[0], by=alice)
    assert send(event(), key[1]).status_code == 401
    assert not Judgment.objects.exists()


def test_the_key_opens_nothing_else_and_nothing_is_read_with_it(key):
    for scheme in ("Capture", "Token"):
        for address in ("/api/projects/wall/", "/api/projects/wall/prompts/", "/api/projects/"):
            answer = Client().get(address, headers={"Authorization": f"{scheme} {key[1]}"})
            assert answer.status_code in (401, 403)
    assert Client().get(HERE, headers={"Authorization": f"Capture {key[1]}"}).status_code == 405
    assert key[1] not in json.dumps(list(CaptureKey.objects.values()), default=str)


def test_pages_of_other_origins_are_told_no(key):
    there = send(event(), key[1], Origin=APP)
    assert (there.status_code, there["Access-Control-Allow-Origin"]) == (201, APP)
    other = send(event("e2"), key[1], Origin="https://evil.example")
    assert other.status_code == 403
    assert "Access-Control-Allow-Origin" not in other
    asked = Client().options(HERE, headers={"Origin": APP, "Access-Control-Request-Method": "POST"})
    assert (asked.status_code, asked["Access-Control-Allow-Origin"]) == (204, APP)
    assert "Authorization" in asked["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Origin" not in Client().options(HERE, headers={"Origin": "https://evil.example"})


def test_too_many_calls_are_put_off(key, monkeypatch):
    monkeypatch.setattr(capture, "PER_MINUTE", 2)
    CaptureKey.objects.update(minute=None)
    statuses = [send(event(f"e{number}"), key[1]).status_code for number in range(5)]
    assert statuses[:2] == [201, 201]
    assert 429 in statuses


def test_by_page(project, alice, as_user):
    client = as_user(alice)
    wrong = client.post("/p/wall/capture/", {"name": "shop", "origins": "app.example.org"})
    assert (wrong.status_code, "is no origin" in wrong.content.decode()) == (422, True)
    made = client.post("/p/wall/capture/", {"name": "shop", "origins": APP}).content.decode()
    secret = re.search(r"data-secret>(capture_[\w-]+)<", made)[1]
    assert send(event(), secret).status_code == 201
    assert secret not in client.get("/p/wall/capture/").content.decode()
    client.post(f"/p/wall/capture/{CaptureKey.objects.get().pk}/revoke/")
    assert send(event("e2"), secret).status_code == 401
    assert "revoked" in client.get("/p/wall/capture/").content.decode()


@pytest.mark.django_db(transaction=True)
def test_the_documented_example_runs(project, alice, live_server):
    example = re.search(r"```bash\n(.*?)```", tree.text("docs/capture.md"), re.DOTALL)[1]
    _, secret = create_key(project, by=alice, name="docs")
    ran = subprocess.run(
        ["bash", "-euc", example], capture_output=True, text=True, timeout=60, check=False,
        env={"PATH": "/usr/bin:/bin:/usr/local/bin", "SITE": live_server.url, "KEY": secret, "no_proxy": "*"},
    )  # fmt: skip
    if ran.returncode == 127:
        need.missing("no curl: the documented example uses it")
    assert json.loads(ran.stdout) == {"stored": True}, ran.stderr
    assert Judgment.objects.get().value == {"label": False, "reasons": ["too long"]}
