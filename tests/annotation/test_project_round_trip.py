"""A project goes out as files and comes back as it was: rows, revisions, splits, and snapshots with the same hash."""

import hashlib
import json
import shutil
from collections import Counter
from pathlib import Path

import pytest

from annotation.bundle_format import BundleReader, IdMap
from annotation.importers.bundle import Bundle, Unreadable
from annotation.models import Instruction, Item, Judgment, JudgmentRevision, Prompt, Rater, Sitting, Source
from annotation.selectors.bundle_rows import TABLES, row_count
from annotation.services import imports
from annotation.services.bundle_export import write_project
from annotation.services.imports import import_path
from annotation.services.items import settle_slots
from annotation.services.snapshots import create_snapshot, freeze
from tests.factories import make_completion, make_judgment, make_pair_item, make_project, make_prompt, make_rater

pytestmark = [pytest.mark.django_db, pytest.mark.services]
ALL = {"rater_kinds": ["person", "imported", "simulated", "judge"]}


@pytest.fixture
def full(project, home, bob, rita):
    """A project with everything that an export holds, some of it odd."""
    (home / "snapshots").mkdir()
    guide = Instruction.objects.create(project=project, number=2, text="Prefer the short one.", created_by=rita)
    people = [make_rater(project, bob), make_rater(project, rita), make_rater(project, kind="judge", name="robot")]
    for n in range(25):
        prompt = make_prompt(project, f"ask {n}", category="sums", tags=["a", "b"], reference=str(n))
        item = make_pair_item(project, f"good {n} \u2028 \U0001f600", f"bad {n}\n", prompt=prompt, overlap=2)
        for place, rater in enumerate(people[: 1 + n % 3]):
            judgment = make_judgment(item, rater=rater, strength=(1 + n % 4) * (1 - 2 * (place == 2)), scale=8,
                                     instruction=guide, comment="because", active_ms=1200 + n,
                                     value={"scale": 8, "strength": 1})  # fmt: skip
            if n == 5:
                JudgmentRevision.objects.create(judgment=judgment, number=2, kind="withdraw", payload={})
                Judgment.objects.filter(pk=judgment.pk).update(withdrawn=True, revision=2)
    better = make_completion(prompt, "an edit", improves=item.entries.first().completion)
    make_judgment(make_pair_item(project, put_aside=True), rater=people[0], strength=None, outcome="broken")
    make_pair_item(project, published=False)
    settle_slots(Item.objects.filter(project=project).values_list("pk", flat=True))
    assert better.improves
    return project


def exported(project, folder: Path, *, people=True) -> Path:
    folder.mkdir(parents=True)
    write_project(project, folder, people=people)
    return folder


def taken_in(project, by, folder):
    return import_path(project, by=by, format="plumbline", name="everything", path=folder)


def without_ids(folder: Path) -> dict:
    """The rows of each table, with ids by their place in the table instead of their number."""
    reader = BundleReader(Bundle(folder))
    places, told = {}, {}
    for table in reader.tables:
        rows = [row for _, row in reader.rows(table)]
        places[table.name] = {row["id"]: place for place, row in enumerate(rows)}
        for row in rows:
            row["id"] = 0
            for column, name in table.refers.items():
                if row[column] is not None:
                    row[column] = places[name][row[column]]
        told[table.name] = rows
    return told


def test_everything_comes_back(full, alice, home):
    first = exported(full, home / "first")
    other = make_project(by=alice)
    job = taken_in(other, alice, first)
    assert (job.state, job.errors) == ("published", [])
    assert (job.counts["judgments"], job.counts["prompts"]) == (50, 27)
    assert row_count(other) == row_count(full)
    second = exported(other, home / "second")
    one, two = without_ids(first), without_ids(second)
    assert one.keys() == two.keys() == {table.name for table in TABLES}
    for name in one:
        assert two[name] == one[name], name
    other.refresh_from_db()
    assert other.split_salt == full.split_salt
    assert (other.slug, other.name) != (full.slug, full.name)


def test_a_snapshot_of_what_came_back_has_the_same_hash(full, alice, home):
    other = make_project(by=alice)
    taken_in(other, alice, exported(full, home / "first"))
    hashes = []
    for project in (full, other):
        snapshot = create_snapshot(project, by=alice, name="one", format="preference", filters=ALL)
        freeze(snapshot.pk)
        snapshot.refresh_from_db()
        hashes.append((snapshot.state, snapshot.sha256, snapshot.row_count, snapshot.split_counts))
    assert hashes[0] == hashes[1]
    assert hashes[0][0] == "frozen"


def test_open_slots_wait_for_the_same_answers(full, alice, home):
    other = make_project(by=alice)
    taken_in(other, alice, exported(full, home / "first"))
    slots = [Counter(Item.objects.filter(project=p, published=True).values_list("overlap", "open_slots"))
             for p in (full, other)]  # fmt: skip
    assert sum(slots[1].values()) == sum(slots[0].values())
    assert all(open_slots <= overlap for overlap, open_slots in slots[1])


def test_without_people_persons_are_numbers_and_others_keep_their_names(full, home):
    folder = exported(full, home / "first", people=False)
    names = {row["kind"]: row["name"] for row in lines_of(folder / "raters.jsonl")}
    assert names["person"].startswith("annotator ")
    assert names["judge"] == "robot"
    assert "bob" not in (folder / "raters.jsonl").read_text() + (folder / "manifest.json").read_text()


def test_a_project_that_is_not_empty_is_refused(full, alice, home):
    other = make_project(by=alice)
    make_prompt(other)
    job = taken_in(other, alice, exported(full, home / "first"))
    assert job.state == "failed"
    assert "is not empty" in job.errors[0]["message"]
    assert Prompt.objects.filter(project=other).count() == 1


def lines_of(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_bytes().split(b"\n") if line]


def damage(folder: Path, name: str, change) -> None:
    """Change a table, and the manifest with it so that only the rows are wrong."""
    path = folder / f"{name}.jsonl"
    rows = lines_of(path)
    change(rows)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    told = json.loads((folder / "manifest.json").read_text())
    table = next(table for table in told["tables"] if table["name"] == name)
    table.update(rows=len(rows), sha256=hashlib.sha256(path.read_bytes()).hexdigest())
    (folder / "manifest.json").write_text(json.dumps(told))


@pytest.mark.parametrize(
    ("name", "change", "path", "message"),
    [
        ("judgments", lambda rows: rows[30].update(item=99_999), "$.item", "names row 99999 of items"),
        ("judgments", lambda rows: rows[3].update(mood="good"), "$.mood", "does not know"),
        ("judgments", lambda rows: rows[3].update(strength="much"), "$.strength", "must be an integer"),
        ("items", lambda rows: rows[0].update(queue="q" * 99), "$.queue", "99 characters"),
        ("prompts", lambda rows: rows[0].update(messages=None), "$.messages", "must not be null"),
    ],
)  # fmt: skip
def test_a_wrong_row_is_named_and_nothing_stays(full, alice, home, name, change, path, message):
    folder = exported(full, home / "first")
    damage(folder, name, change)
    other = make_project(by=alice)
    job = taken_in(other, alice, folder)
    assert job.state == "failed"
    [error] = job.errors
    assert (error["file"], error["path"]) == (f"{name}.jsonl", path)
    assert message in error["message"]
    assert not Prompt.objects.filter(project=other).exists()
    assert not Judgment.objects.filter(item__project=other).exists()
    assert not Sitting.objects.filter(project=other).exists()
    assert list(other.instructions.values_list("text", flat=True)) == ["Prefer the true reply."]


def test_changed_bytes_are_refused(full, alice, home):
    folder = exported(full, home / "first")
    path = folder / "judgments.jsonl"
    path.write_text(path.read_text().replace("because", "becauze", 1))
    job = taken_in(make_project(by=alice), alice, folder)
    assert job.errors[0]["message"].startswith("judgments.jsonl was changed after it was exported")


def test_a_zip_of_the_folder_comes_back_too(full, alice, home):
    folder = exported(full, home / "out" / "first")
    packed = shutil.make_archive(str(home / "first"), "zip", folder.parent)
    other = make_project(by=alice)
    assert taken_in(other, alice, Path(packed)).state == "published"
    assert row_count(other) == row_count(full)


def test_nothing_shows_before_all_of_it_is_in(full, alice, home, monkeypatch):
    other = make_project(by=alice)
    seen = []

    def look(staging):
        seen.append([
            Prompt.objects.filter(project=other, published=True).count(),
            Item.objects.filter(project=other, published=True).count(),
            Judgment.objects.filter(item__project=other, withdrawn=False).count(),
            Sitting.objects.filter(project=other).count(),
            other.instructions.count(),
        ])  # fmt: skip

    monkeypatch.setattr(imports, "_publish", look)
    taken_in(other, alice, exported(full, home / "first"))
    assert seen == [[0, 0, 0, 0, 1]]
    assert Judgment.objects.filter(item__project=other).count() == 50


def test_sources_and_raters_that_are_there_already_are_used(full, alice, home):
    other = make_project(by=alice)
    kept = make_rater(other, kind="judge", name="robot")
    taken_in(other, alice, exported(full, home / "first"))
    assert Rater.objects.filter(project=other, kind="judge").get() == kept
    assert kept.judgments.exists()
    assert Source.objects.filter(project=other).count() == Source.objects.filter(project=full).count()


def test_ids_are_found_again_among_millions():
    ids = IdMap()
    for n in range(1, 5_000):
        ids.add(n * 3, n)
    assert [ids.get(3), ids.get(14_997), ids.get(4), ids.get(99_999)] == [1, 4_999, None, None]
    with pytest.raises(ValueError, match="grow"):
        ids.add(5, 1)


def test_what_is_no_export_says_so(tmp_path):
    (tmp_path / "rows.jsonl").write_text("{}\n")
    with pytest.raises(Unreadable, match=r"no manifest\.json"):
        BundleReader(Bundle(tmp_path))
    (tmp_path / "manifest.json").write_text('{"kind": "another"}')
    with pytest.raises(Unreadable, match="not that of an exported project"):
        BundleReader(Bundle(tmp_path))
    (tmp_path / "manifest.json").write_text('{"kind": "plumbline-project", "version": 99}')
    with pytest.raises(Unreadable, match="version 99"):
        BundleReader(Bundle(tmp_path))
