"""Data, items, imports and snapshots as pages: what they show to whom, what they refuse, how often they ask."""

import io
import json
import re
import zipfile
from pathlib import Path

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile

from annotation.models import ImportJob, Item, Judgment, Snapshot
from annotation.services.imports import run_import
from annotation.services.snapshots import create_snapshot, freeze
from tests.factories import make_judgment, make_pair_item, make_project, make_prompt, make_rater

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def own_home(home):
    cache.clear()
    (home / "snapshots").mkdir()
    return home


@pytest.fixture
def judged(project, bob):
    rater = make_rater(project, bob)
    for n in range(40):
        item = make_pair_item(project, f"good {n}", f"<b>bad</b> {n}", prompt=make_prompt(project, f"ask {n}"))
        make_judgment(item, rater=rater, strength=1 + n % 4, scale=8, comment=f"comment {n}")
    return project


def policy(**changes):
    return {"format": "preference", "rater_kinds": ["person"], "origins": ["label"], "margins": "graded", "minimum": 1,
            "ties": "drop", "both_bad": "thumbs_down", "several": "each", "duplicates": "keep", **changes}  # fmt: skip


def test_data_page_counts(judged, rita, as_user):
    page = as_user(rita).get("/p/wall/data/").content.decode()
    assert "40 by people" in page
    assert "None yet. A snapshot is what a run trains on" in page


def test_empty_data_page_says_the_first_step(project, rita, as_user):
    page = as_user(rita).get("/p/wall/data/").content.decode()
    assert "No data yet" in page
    assert "/p/wall/imports/new/" in page
    assert "/p/wall/snapshots/new/" not in page
    assert "Nothing to freeze yet" in as_user(rita).get("/p/wall/snapshots/new/").content.decode()


def test_what_came_in_just_now_shows_at_once(project, rita, as_user):
    rita = as_user(rita)
    assert "No data yet" in rita.get("/p/wall/data/").content.decode()
    make_pair_item(project, "one", "other")
    assert "No data yet" not in rita.get("/p/wall/data/").content.decode()
    assert "Nothing to freeze yet" not in rita.get("/p/wall/snapshots/new/").content.decode()


def test_items_are_paged_by_place(judged, rita, as_user):
    client, seen, address = as_user(rita), [], "/p/wall/data/items/"
    while address:
        response = client.get(address)
        seen += [item.pk for item in response.context["items"]]
        older = response.context["older"]
        address = f"/p/wall/data/items/?before={older}" if older else None
    assert seen == sorted(Item.objects.values_list("pk", flat=True), reverse=True)
    back = client.get(f"/p/wall/data/items/?after={seen[25]}")
    assert [item.pk for item in back.context["items"]] == seen[:25]


def test_items_are_filtered(judged, rita, as_user):
    open_item = make_pair_item(judged, prompt=make_prompt(judged, "special words", category="maths"))
    flagged = make_pair_item(judged, put_aside=True, overlap=0)
    client = as_user(rita)
    for query, wanted in (
        ("state=open", {open_item.pk}),
        ("state=put_aside", {flagged.pk}),
        ("category=maths", {open_item.pk}),
        ("search=SPECIAL", {open_item.pk}),
        ("queue=nothing", set()),
    ):
        found = {item.pk for item in client.get(f"/p/wall/data/items/?{query}").context["items"]}
        assert found & {open_item.pk, flagged.pk} == wanted, query
        if wanted:
            assert found == wanted or query == "state=open"
    part = client.get("/p/wall/data/items/?queue=nothing", headers={**HTMX, "HX-Target": "items"}).content.decode()
    assert part.lstrip().startswith('<div id="items"')
    assert "No item passes these filters" in part
    assert client.get("/p/wall/data/items/?before=%00&after=x&queue=%27").status_code == 200


def test_items_ask_the_same_for_any_page(judged, rita, as_user, django_assert_max_num_queries):
    client = as_user(rita)
    client.get("/p/wall/data/items/")
    with django_assert_max_num_queries(20):
        client.get("/p/wall/data/items/")


def test_an_item_shows_raters_as_the_reader_may_see_them(judged, rita, alice, as_user):
    pk = Item.objects.first().pk
    researcher, lead = (as_user(user).get(f"/p/wall/data/items/{pk}/").content.decode() for user in (rita, alice))
    assert re.search(r"annotator \d\d", researcher)
    assert ">bob<" not in researcher.replace(" ", "").replace("\n", "")
    assert "bob" in lead
    assert "&lt;b&gt;bad" in lead
    other = make_pair_item(make_project())
    assert as_user(alice).get(f"/p/wall/data/items/{other.pk}/").status_code == 404
    assert as_user(alice).get(f"/p/wall/data/items/{10**17}/").status_code == 404


def upload(client, rows, **fields):
    text = "\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows).encode()
    file = fields.pop("files", SimpleUploadedFile("votes.jsonl", text))
    return client.post("/p/wall/imports/new/", {"format": "pairs", "files": file, **fields})


ROW = {"prompt": "Why?", "responses": ["a", "b"]}


def test_an_import_goes_from_page_to_page(project, rita, as_user):
    client = as_user(rita)
    response = upload(client, [ROW])
    job = ImportJob.objects.get()
    assert (job.name, job.created_by, response.url) == ("votes", rita, f"/p/wall/imports/{job.pk}/")
    waiting = client.get(response.url).content.decode()
    assert 'hx-trigger="every 1s"' in waiting
    assert "No worker is running" in waiting
    run_import(job.pk)
    part = client.get(response.url, headers={**HTMX, "HX-Target": "progress"}).content.decode()
    assert part.lstrip().startswith('<div id="progress"')
    assert "hx-trigger" not in part
    assert "New items" in part


def test_wrong_rows_are_listed_with_their_place(project, rita, as_user):
    client = as_user(rita)
    address = upload(client, [ROW, {"prompt": "<script>"}]).url
    run_import(ImportJob.objects.get().pk)
    page = client.get(address).content.decode()
    assert "Nothing was imported" in page
    assert '<td class="n">2</td><td><code>$.response_a</code></td>' in page
    assert "is missing; the row has prompt." in page


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"files": ""}, "Choose a file to import."),
        ({"files": SimpleUploadedFile("a.exe", b"x")}, "a.exe is no data file"),
        ({"files": SimpleUploadedFile("a.jsonl", b"")}, "One of the files is empty."),
        ({"format": "nonsense"}, "valid choice"),
    ],
)
def test_what_cannot_be_imported_is_said_on_the_form(project, rita, as_user, fields, message):
    response = upload(as_user(rita), [ROW], **fields)
    assert response.status_code == 422
    assert message in response.content.decode()
    assert not ImportJob.objects.exists()


def test_too_large_an_upload_is_413(project, rita, as_user, settings):
    settings.IMPORT_MAX_BYTES = 10
    assert upload(as_user(rita), [ROW]).status_code == 413


def test_several_files_come_in_together(project, rita, as_user):
    files = [SimpleUploadedFile(f"{n}.jsonl", json.dumps({**ROW, "prompt": f"Why {n}?"}).encode()) for n in "ab"]
    upload(as_user(rita), [], files=files)
    run_import(ImportJob.objects.get().pk)
    assert Item.objects.count() == 2


def test_the_preview_follows_the_form(judged, rita, as_user):
    client = as_user(rita)
    whole = client.get("/p/wall/snapshots/new/").content.decode()
    assert 'data-figure="rows">40<' in whole
    part = client.post("/p/wall/snapshots/preview/", policy(minimum=3), headers={**HTMX, "HX-Target": "preview"})
    text = part.content.decode()
    assert text.lstrip().startswith('<section id="preview"')
    assert 'data-figure="rows">20<' in text  # two of every four answers have three steps or more
    nothing = client.post("/p/wall/snapshots/preview/", policy(origins=[]), headers={**HTMX, "HX-Target": "preview"})
    assert "Nothing passes" in nothing.content.decode()
    wrong = client.post("/p/wall/snapshots/preview/", policy(ties="perhaps"))
    assert wrong.status_code == 422
    plain = client.post("/p/wall/snapshots/preview/", policy())
    assert "<html" in plain.content.decode()


def test_freezing_by_page_and_everything_after(judged, rita, vera, as_user):
    client = as_user(rita)
    response = client.post("/p/wall/snapshots/new/", policy(name="orchard-1"))
    snapshot = Snapshot.objects.get()
    assert response.url == f"/p/wall/snapshots/{snapshot.pk}/"
    assert 'hx-trigger="every 1s"' in client.get(response.url).content.decode()
    freeze(snapshot.pk)
    page = client.get(response.url).content.decode()
    snapshot.refresh_from_db()
    for words in (snapshot.sha256, "Sample rows", "train.parquet", "stands on judgment", "margin"):
        assert words in page
    assert "&lt;b&gt;bad&lt;/b&gt;" in page
    assert client.post("/p/wall/snapshots/new/", policy(name="orchard-1")).status_code == 422
    assert client.post("/p/wall/snapshots/new/", policy()).status_code == 422  # no name


def test_files_can_be_fetched_by_those_who_may_export(judged, rita, vera, bob, charlie, as_user):
    snapshot = create_snapshot(judged, by=rita, name="a b", format="preference")
    address = f"/p/wall/snapshots/{snapshot.pk}/files/"
    assert as_user(rita).get(address + "train.jsonl").status_code == 404  # not frozen yet
    freeze(snapshot.pk)
    snapshot.refresh_from_db()
    got = as_user(rita).get(address + "train.jsonl")
    assert b"".join(got.streaming_content) == (Path(snapshot.path) / "train.jsonl").read_bytes()
    assert got["Content-Disposition"] == 'attachment; filename="a b-train.jsonl"'
    bundle = zipfile.ZipFile(io.BytesIO(b"".join(as_user(rita).get(address + "snapshot.zip").streaming_content)))
    assert {name.split("/")[1] for name in bundle.namelist()} >= {"manifest.json", "lineage.jsonl", "test.parquet"}
    got = as_user(rita).get(address + "llama_factory.zip")
    converted = zipfile.ZipFile(io.BytesIO(b"".join(got.streaming_content)))
    about = json.loads(converted.read("about.json"))
    assert about["sha256"] == snapshot.sha256
    assert sum(about["rows"].values()) + sum(about["left_out"].values()) == snapshot.row_count
    assert set(json.loads(converted.read("dataset_info.json"))) == {"a-b_train", "a-b_validation", "a-b_test"}
    for name in ("../../db.sqlite3", "..%2f..%2fdb.sqlite3", ".tmp", "secret_key"):
        assert as_user(rita).get(address + name).status_code == 404
    for user, status in ((vera, 403), (bob, 403), (charlie, 404)):
        assert as_user(user).get(address + "train.jsonl").status_code == status
    (Path(snapshot.path) / "card.md").unlink()
    assert as_user(rita).get(address + "card.md").status_code == 404


def test_a_failed_snapshot_can_be_tried_again(judged, rita, as_user):
    Judgment.objects.update(strength=0, scale=5)
    snapshot = create_snapshot(judged, by=rita, name="ties", format="preference")
    freeze(snapshot.pk)
    client, address = as_user(rita), f"/p/wall/snapshots/{snapshot.pk}/"
    assert "none of the judgments yields a row" in client.get(address).content.decode()
    client.post(address + "retry/")
    snapshot.refresh_from_db()
    assert snapshot.state == "queued"
    assert "can be tried again" in client.post(address + "retry/", follow=True).content.decode()


def test_another_projects_rows_are_not_found(judged, rita, as_user):
    other = make_project()
    make_judgment(make_pair_item(other), rater=make_rater(other, other.created_by))
    snapshot = create_snapshot(other, by=other.created_by, name="x", format="preference")
    job = ImportJob.objects.create(project=other, format="pairs", created_by=other.created_by)
    client = as_user(rita)
    for address in (f"snapshots/{snapshot.pk}/", f"snapshots/{snapshot.pk}/files/train.jsonl", f"imports/{job.pk}/"):
        assert client.get(f"/p/wall/{address}").status_code == 404
    assert client.post(f"/p/wall/snapshots/{snapshot.pk}/retry/").status_code == 404


def test_snapshot_pages_ask_little(judged, rita, as_user, django_assert_max_num_queries):
    snapshot = create_snapshot(judged, by=rita, name="x", format="preference")
    freeze(snapshot.pk)
    client = as_user(rita)
    with django_assert_max_num_queries(6):
        client.get(f"/p/wall/snapshots/{snapshot.pk}/")
    with django_assert_max_num_queries(23):
        client.get("/p/wall/snapshots/new/")
