"""Exports of everything: written in the background once, whole or not at all, downloaded by those who may."""

import csv
import hashlib
import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pyarrow.parquet as pq
import pytest
from django.utils import timezone

from annotation.bundle_format import BundleReader
from annotation.errors import Refused
from annotation.importers.bundle import Bundle
from annotation.models import AuditEntry, Export, Judgment, JudgmentRevision
from annotation.services import exports
from annotation.services.imports import import_path
from tests.factories import make_judgment, make_pair_item, make_project, make_prompt, make_rater

pytestmark = [pytest.mark.django_db, pytest.mark.services]


@pytest.fixture(autouse=True)
def by_hand(home, monkeypatch):
    monkeypatch.setattr("annotation.services.exports.enqueue", lambda *_, **__: None)


@pytest.fixture
def judged(project, bob):
    rater = make_rater(project, bob)
    for number in range(5):
        item = make_pair_item(project, "=first", "second\nline", prompt=make_prompt(project, tags=["a"]))
        judgment = make_judgment(item, rater=rater, strength=2, scale=8, comment="because", value={"strength": 2})
        if number == 0:
            JudgmentRevision.objects.create(judgment=judgment, number=2, kind="change", payload={"strength": 1})


def written(project, by, **wanted) -> Export:
    export = exports.create_export(project, by=by, **wanted)
    exports.write_export(export.pk)
    export.refresh_from_db()
    return export


def members(export: Export) -> dict[str, bytes]:
    with zipfile.ZipFile(export.path) as bundle:
        return {name: bundle.read(name) for name in bundle.namelist()}


def test_an_archive_holds_everything_and_its_hash_is_its_own(project, alice, judged):
    export = written(project, alice, people=True)
    assert (export.state, export.error) == ("ready", "")
    with open(export.path, "rb") as handle:
        assert hashlib.sha256(handle.read()).hexdigest() == export.sha256
    files = members(export)
    manifest = json.loads(files["manifest.json"])
    assert {table["name"]: table["rows"] for table in manifest["tables"]}["revisions"] == 6
    for table in manifest["tables"]:
        assert hashlib.sha256(files[f"{table['name']}.jsonl"]).hexdigest() == table["sha256"]
    assert export.rows_done == sum(table["rows"] for table in manifest["tables"])
    assert b"bob" in files["raters.jsonl"]


def test_an_empty_project_takes_the_archive_in_again(project, alice, judged):
    export = written(project, alice, people=True)
    other = make_project(by=alice)
    with zipfile.ZipFile(export.path) as bundle:
        bundle.extractall(export.path + ".d")
    job = import_path(other, by=alice, format="plumbline", name="back", path=export.path + ".d")
    assert (job.state, job.errors) == ("published", [])
    assert Judgment.objects.filter(item__project=other).count() == 5
    assert BundleReader(Bundle(Path(export.path))).count == export.rows_done


def test_csv_and_parquet_hold_the_same_rows_as_json(project, alice, judged):
    lines, sheets, frames = (members(written(project, alice, form=form)) for form in ("jsonl", "csv", "parquet"))
    for name in ("judgments", "prompts", "completions"):
        told = [json.loads(line) for line in lines[f"{name}.jsonl"].splitlines()]
        table = list(csv.DictReader(io.StringIO(sheets[f"{name}.csv"].decode())))
        frame = pq.read_table(io.BytesIO(frames[f"{name}.parquet"])).to_pylist()
        assert [int(row["id"]) for row in table] == [row["id"] for row in frame] == [row["id"] for row in told]
        for row, other, third in zip(told, table, frame, strict=True):
            for column, value in row.items():
                if isinstance(value, dict | list):
                    assert json.loads(other[column]) == json.loads(third[column]) == value
                elif value is not None:
                    assert third[column] == value
                    assert other[column] == (str(value).lower() if isinstance(value, bool) else str(value))


def test_the_same_rows_make_the_same_bytes(project, alice, judged):
    assert written(project, alice).sha256 == written(project, alice).sha256


def test_without_people_nobody_is_named(project, rita, judged):
    files = members(written(project, rita))
    assert b"bob" not in b"".join(files.values())
    assert b"annotator " in files["raters.jsonl"]


def test_a_second_delivery_changes_nothing(project, alice, judged):
    export = written(project, alice)
    exports.write_export(export.pk)
    again = Export.objects.get(pk=export.pk)
    assert (again.attempt, again.finished_at) == (export.attempt, export.finished_at)


def test_an_older_attempt_publishes_nothing(project, alice, judged, home, monkeypatch):
    export = exports.create_export(project, by=alice)

    def taken_over(*args, **kwargs):
        Export.objects.filter(pk=export.pk).update(attempt=uuid4())
        return write(*args, **kwargs)

    write = exports.write_project
    monkeypatch.setattr(exports, "write_project", taken_over)
    exports.write_export(export.pk)
    export.refresh_from_db()
    assert (export.state, export.path) == ("writing", "")
    assert not list((home / "exports").iterdir())


def test_a_mistake_is_said_and_leaves_nothing(project, alice, judged, home, monkeypatch):
    export = exports.create_export(project, by=alice)
    monkeypatch.setattr(exports, "write_project", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        exports.write_export(export.pk)
    export.refresh_from_db()
    assert export.state == "failed"
    assert "made a mistake" in export.error
    assert not list((home / "exports").iterdir())
    exports.retry_export(export, by=alice)
    assert Export.objects.get(pk=export.pk).state == "queued"


def test_a_full_disk_is_said(project, alice, judged, monkeypatch):
    monkeypatch.setattr(exports, "FREE_BYTES", 2**62)
    assert "not enough room" in written(project, alice).error


def test_silent_ones_are_rung_for_and_old_ones_go(project, alice, judged, monkeypatch):
    rung = []
    silent, old = exports.create_export(project, by=alice), written(project, alice)
    long_ago = timezone.now() - timedelta(days=15)
    Export.objects.filter(pk=silent.pk).update(state="writing", heartbeat_at=long_ago)
    Export.objects.filter(pk=old.pk).update(finished_at=long_ago)
    monkeypatch.setattr(exports, "enqueue", lambda name, **ids: rung.append((name, ids)))
    exports.resume_exports()
    assert rung == [("annotation.write_export", {"export_id": silent.pk})]
    assert Export.objects.get(pk=old.pk).state == "removed"
    assert not Path(old.path).exists()


def test_unknown_forms_are_refused(project, alice):
    with pytest.raises(Refused, match="no form"):
        exports.create_export(project, by=alice, form="xlsx")


def test_the_page_asks_watches_and_downloads(project, alice, judged, as_user):
    lead = as_user(alice)
    assert "None yet" in lead.get("/p/wall/exports/").content.decode()
    assert lead.post("/p/wall/exports/", {"form": "csv", "people": "on"}).status_code == 302
    export = Export.objects.get()
    assert "every 2s" in lead.get("/p/wall/exports/").content.decode()
    assert lead.get(f"/p/wall/exports/{export.pk}/download/").status_code == 404
    exports.write_export(export.pk)
    answer = lead.get(f"/p/wall/exports/{export.pk}/download/")
    assert hashlib.sha256(b"".join(answer.streaming_content)).hexdigest() == Export.objects.get().sha256
    assert AuditEntry.objects.filter(action="export.download", by=alice).count() == 1
    lead.post(f"/p/wall/exports/{export.pk}/remove/")
    assert lead.get(f"/p/wall/exports/{export.pk}/download/").status_code == 404
    assert lead.post("/p/wall/exports/", {"form": "xlsx"}).status_code == 422


def test_names_are_for_leads(project, alice, rita, judged, as_user, api_as):
    export = written(project, alice, people=True)
    researcher = as_user(rita)
    assert researcher.get(f"/p/wall/exports/{export.pk}/download/").status_code == 404
    researcher.post("/p/wall/exports/", {"form": "jsonl", "people": "on"})
    assert not Export.objects.latest("pk").people
    refused = api_as(rita).post("/api/projects/wall/exports/", {"people": True}, format="json")
    assert refused.status_code == 403
    assert api_as(rita).get(f"/api/projects/wall/exports/{export.pk}/").status_code == 404


def test_the_call_asks_and_fetches(project, rita, judged, api_as):
    caller = api_as(rita)
    told = caller.post("/api/projects/wall/exports/", {"form": "jsonl"}, format="json")
    assert (told.status_code, told.json()["state"]) == (202, "queued")
    address = f"/api/projects/wall/exports/{told.json()['id']}/"
    assert caller.get(f"{address}file/").status_code == 404
    exports.write_export(told.json()["id"])
    ready = caller.get(address).json()
    body = b"".join(caller.get(f"{address}file/").streaming_content)
    assert hashlib.sha256(body).hexdigest() == ready["sha256"]
    assert caller.delete(address).status_code == 204
    assert caller.get(f"{address}file/").status_code == 404
