"""Imports by API: a file comes in whole or not at all, and says which rows are wrong."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from annotation.models import ImportJob, Item, Judgment

HERE = "/api/projects/wall/imports/"
ROWS = [
    {"prompt": "Why is the sky blue?", "chosen": "Air scatters blue light.", "rejected": "It is a mirror."},
    {"prompt": "Is water wet?", "chosen": "Yes.", "rejected": "Only on Sundays."},
]


def file_of(rows, name="pairs.jsonl") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, "\n".join(json.dumps(row) for row in rows).encode())


@pytest.fixture
def upload(api_as, cast, home, django_capture_on_commit_callbacks):
    def send(file, *, by=cast.rita, **options):
        with django_capture_on_commit_callbacks(execute=True):
            return api_as(by).post(HERE, {"format": "trl_preference", "file": file} | options, format="multipart")

    return send


def test_a_file_comes_in(upload, api_as, cast):
    made = upload(file_of(ROWS))
    assert made.status_code == 202, made.json()
    row = api_as(cast.rita).get(f"{HERE}{made.json()['id']}/").json()
    assert (row["state"], row["name"], row["rows_done"], row["errors"]) == ("published", "pairs.jsonl", 2, [])
    assert Judgment.objects.count() == 2


def test_a_wrong_row_is_named_and_nothing_comes_in(upload, api_as, cast):
    made = upload(file_of([ROWS[0], {"prompt": "No answers"}])).json()
    row = api_as(cast.rita).get(f"{HERE}{made['id']}/").json()
    assert (row["state"], row["error_count"]) == ("failed", len(row["errors"]))
    assert row["errors"][0]["row"] == 2
    assert not Item.objects.exists()


def test_what_cannot_be_taken_is_refused(upload, cast):
    assert upload(file_of(ROWS, "pairs.exe")).json()["code"] == "kind"
    assert upload(file_of(ROWS), format="tea_leaves").json()["errors"][0]["path"] == "format"
    assert upload(file_of(ROWS), by=cast.bob).status_code == 403
    assert not ImportJob.objects.exists()


def test_json_is_not_an_upload(api_as, cast):
    assert api_as(cast.rita).post(HERE, {"format": "pairs"}, format="json").status_code == 415


def test_where_the_upload_lies_is_not_told(upload, home):
    assert str(home) not in upload(file_of(ROWS)).content.decode()
