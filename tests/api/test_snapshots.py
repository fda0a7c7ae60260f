"""Snapshots by API: previewed, frozen, read, downloaded."""

import hashlib
import json

import pytest

from tests.factories import make_judgment, make_pair_item, make_project, make_prompt, make_snapshot

HERE = "/api/projects/wall/snapshots/"
PEOPLE = {"filters": {"rater_kinds": ["person", "simulated"]}}


@pytest.fixture
def judged(cast):
    for number in range(20):
        item = make_pair_item(cast.project, "good", "bad", prompt=make_prompt(cast.project, f"Question {number}"))
        make_judgment(item, strength=4)


@pytest.fixture
def freeze(api_as, cast, home, judged, django_capture_on_commit_callbacks):
    def send(**wish):
        with django_capture_on_commit_callbacks(execute=True):
            return api_as(cast.rita).post(
                HERE, {"name": "first", "format": "preference"} | PEOPLE | wish, format="json"
            )

    return send


def test_a_preview_counts_what_freezing_would_write(api_as, cast, judged):
    card = api_as(cast.rita).post(f"{HERE}preview/", {"format": "preference"} | PEOPLE, format="json")
    assert card.status_code == 200
    assert "20" in json.dumps(card.json())


def test_a_snapshot_is_frozen_read_and_downloaded(freeze, api_as, cast):
    made = freeze()
    assert made.status_code == 202, made.json()
    client = api_as(cast.rita)
    row = client.get(f"{HERE}{made.json()['id']}/").json()
    assert (row["state"], row["row_count"], sum(row["split_counts"].values())) == ("frozen", 20, 20)
    rows = client.get(f"{HERE}{row['id']}/rows/?split=train&limit=3").json()["rows"]
    assert rows[0]["chosen"] == [{"role": "assistant", "content": "good"}]
    assert len(rows) == 3
    file = client.get(f"{HERE}{row['id']}/files/train.jsonl")
    manifest = b"".join(client.get(f"{HERE}{row['id']}/files/manifest.json").streaming_content)
    assert hashlib.sha256(b"".join(file.streaming_content)).hexdigest() in manifest.decode()


def test_a_name_is_taken_for_good(freeze):
    freeze()
    assert freeze().json()["code"] == "taken"


def test_what_does_not_read_is_named(api_as, cast, judged):
    client = api_as(cast.rita)

    def problems(**wish) -> list:
        body = client.post(HERE, {"name": "x", "format": "preference"} | wish, format="json").json()
        return [row["path"] for row in body["errors"]]

    assert problems(format="origami") == ["format"]
    assert problems(filters={"moon": 1, "since": "soon"}) == ["filters.moon", "filters.since"]
    assert problems(policy={"ties": "cut"}) == ["policy.ties"]


def test_files_are_for_those_who_may_export(freeze, api_as, cast):
    address = f"{HERE}{freeze().json()['id']}/files/train.jsonl"
    assert api_as(cast.bob).get(address).status_code == 403
    assert api_as(cast.vera).get(address).status_code == 403
    assert api_as(cast.charlie).get(address).status_code == 404


@pytest.mark.parametrize("name", ["../secret", "..%2f..%2fdb.sqlite3", ".hidden", "train.jsonl.bak"])
def test_no_other_file_can_be_named(freeze, api_as, cast, home, name):
    (home / "secret").write_text("secret")
    assert api_as(cast.rita).get(f"{HERE}{freeze().json()['id']}/files/{name}").status_code == 404


def test_what_is_not_frozen_or_not_ours_has_no_rows(api_as, cast):
    queued = make_snapshot(cast.project, state="queued")
    foreign = make_snapshot(make_project())
    client = api_as(cast.rita)
    assert client.get(f"{HERE}{queued.pk}/rows/").status_code == 404
    assert client.get(f"{HERE}{foreign.pk}/rows/").status_code == 404
    assert client.get(f"{HERE}{queued.pk}/rows/?limit=9999").status_code == 400
    assert client.get(f"{HERE}?state=queued").json()["count"] == 1
