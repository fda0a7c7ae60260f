"""Snapshots: what comes in, what it becomes, and that it never changes."""

import json
import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from annotation import snapshot_format as form
from annotation.errors import Refused
from annotation.models import Judgment, Snapshot
from annotation.policy import Policy
from annotation.selectors import snapshot_preview
from annotation.selectors.snapshot_preview import preview
from annotation.selectors.snapshot_source import chosen_judgments, picked_items
from annotation.services import snapshots
from annotation.services.snapshots import create_snapshot, freeze, resume_snapshots, try_again
from annotation.snapshot_filters import Filters
from annotation.snapshot_writer import read_rows
from tests.factories import make_judgment, make_pair_item, make_project, make_prompt, make_rater

pytestmark = pytest.mark.django_db
ALL = {"rater_kinds": ["person", "imported", "simulated", "judge"]}


@pytest.fixture(autouse=True)
def own_home(home):
    (home / "snapshots").mkdir()
    return home


@pytest.fixture
def judged(project, bob):
    """Thirty pairs on thirty prompts; bob prefers the first, by 1 to 4 steps."""
    project.split_salt = "a salt whose thirty prompts fall into all three splits"[:32]
    project.save()
    rater = make_rater(project, bob)
    items = [
        make_pair_item(project, f"good {n}", f"bad {n}", prompt=make_prompt(project, f"ask {n}")) for n in range(30)
    ]
    for n, item in enumerate(items):
        make_judgment(item, rater=rater, strength=1 + n % 4, scale=8)
    return items


def frozen(project, by, name="one", **fields) -> Snapshot:
    fields.setdefault("format", "preference")
    snapshot = create_snapshot(project, by=by, name=name, **fields)
    freeze(snapshot.pk)
    snapshot.refresh_from_db()
    return snapshot


def rows(snapshot) -> list[dict]:
    return [row for split in form.SPLITS for row in read_rows(Path(snapshot.path) / f"{split}.jsonl")]


def test_a_snapshot_is_what_its_page_says(project, rita, judged):
    snapshot = frozen(project, rita)
    assert (snapshot.state, snapshot.row_count, snapshot.judgment_count) == ("frozen", 30, 30)
    folder = Path(snapshot.path)
    assert sorted(path.name for path in folder.iterdir()) == [
        "card.json", "card.md", "lineage.jsonl", "manifest.json", "test.jsonl", "test.parquet", "train.jsonl",
        "train.parquet", "validation.jsonl", "validation.parquet",
    ]  # fmt: skip
    assert form.verify(folder) == []
    told = json.loads((folder / "manifest.json").read_text())
    assert told["sha256"] == snapshot.sha256
    assert told["counts"] == snapshot.split_counts
    assert json.loads((folder / "card.json").read_text()) == snapshot.card
    one = next(row for row in rows(snapshot) if row["chosen"][0]["content"] == "good 3")
    assert one == {
        "prompt": [{"role": "user", "content": "ask 3"}],
        "chosen": [{"role": "assistant", "content": "good 3"}],
        "rejected": [{"role": "assistant", "content": "bad 3"}],
        "margin": 1.5,
    }
    assert not os.access(folder / "train.jsonl", os.W_OK) or (folder / "train.jsonl").stat().st_mode & 0o222 == 0
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def test_every_row_leads_to_its_judgments(project, rita, judged):
    snapshot = frozen(project, rita)
    lines = {split: list(read_rows(Path(snapshot.path) / f"{split}.jsonl")) for split in form.SPLITS}
    traced = list(read_rows(Path(snapshot.path) / "lineage.jsonl"))
    assert len(traced) == 30
    for said in traced:
        split, _, number = said["row"].partition(":")
        [[judgment, revision]] = said["judgments"]
        found = Judgment.objects.get(pk=judgment, revision=revision)
        assert found.item_id == said["item"]
        assert found.item.prompt.messages == lines[split][int(number)]["prompt"]


def test_the_same_judgments_give_the_same_hash(project, rita, judged):
    one, two = frozen(project, rita, "one"), frozen(project, rita, "two")
    assert one.sha256 == two.sha256
    assert one.path != two.path
    make_judgment(judged[0], rater=make_rater(project, rita), strength=-2)
    assert frozen(project, rita, "three").sha256 != one.sha256


def test_a_prompt_stays_in_its_split_over_snapshots_and_formats(project, rita, judged):
    where = {}
    for name, format in (("a", "preference"), ("b", "unpaired_preference"), ("c", "prompt_only"), ("d", "preference")):
        make_judgment(make_pair_item(project), rater=make_rater(project, rita))
        snapshot = frozen(project, rita, name, format=format)
        for split in form.SPLITS:
            for row in read_rows(Path(snapshot.path) / f"{split}.jsonl"):
                assert where.setdefault(row["prompt"][0]["content"], split) == split
    assert set(where.values()) == set(form.SPLITS)


def test_the_preview_is_the_card(project, rita, judged):
    make_judgment(judged[0], rater=make_rater(project, rita), strength=1, scale=8)  # repeats bob's row
    for duplicates in ("keep", "merge"):
        policy = {"duplicates": duplicates}
        shown = preview(project, format="preference", filters=Filters(), policy=Policy.read(policy))
        snapshot = frozen(project, rita, duplicates, policy=policy)
        assert json.loads(json.dumps(shown)) == snapshot.card
        assert shown["duplicates"] == 1
        assert snapshot.row_count == (31 if duplicates == "keep" else 30)


def test_a_preview_of_very_many_is_a_sample_that_says_so(project, judged, monkeypatch):
    monkeypatch.setattr(snapshot_preview, "SAMPLE", 10)
    card = preview(project, format="preference", filters=Filters(), policy=Policy())
    assert card["sample"] == {"judgments": 10, "of": 30}
    assert (card["judgments"], card["rows"], card["items"], sum(card["splits"].values())) == (30, 30, 30, 30)
    assert card["longer_wins"]["n"] == 10


OUT = [
    ("withdrawn", {"withdrawn": True}, {}),
    ("surplus", {"surplus": True}, {"surplus": True}),
    ("not blind", {"blind": False}, {"open_votes": True}),
    ("of a comparison", {"origin": "compare"}, {"origins": ["label", "compare"]}),
    ("of a running sitting", {"ended": False}, {}),
]


@pytest.mark.parametrize(("what", "fields", "asked"), OUT, ids=[what for what, *_ in OUT])
def test_what_stays_out_unless_it_is_asked_for(project, rita, bob, what, fields, asked):
    make_judgment(make_pair_item(project), rater=make_rater(project, bob), **fields)
    assert not chosen_judgments(project, Filters()).exists()
    assert chosen_judgments(project, Filters.read({**ALL, **asked})).exists() is bool(asked)


def test_unpublished_and_put_aside_items_stay_out(project, bob):
    for fields in ({"published": False}, {"put_aside": True}):
        make_judgment(make_pair_item(project, **fields), rater=make_rater(project, bob))
    assert not chosen_judgments(project, Filters.read(ALL)).exists()


def test_filters_narrow(project, bob, rita):
    people = {name: make_rater(project, user) for name, user in (("bob", bob), ("rita", rita))}
    robot = make_rater(project, kind="simulated")
    sums = make_prompt(project, prompt_set="sums", category="maths")
    old = timezone.now() - timedelta(days=9)
    guide = project.instructions.get()
    by_bob = make_judgment(make_pair_item(project, prompt=sums), rater=people["bob"], judged_at=old)
    by_rita = make_judgment(make_pair_item(project), rater=people["rita"], instruction=guide)
    by_robot = make_judgment(make_pair_item(project), rater=robot, origin="simulated")
    for given, wanted in (
        ({}, {by_bob, by_rita}),
        (ALL, {by_bob, by_rita, by_robot}),
        ({"raters": [people["bob"].pk]}, {by_bob}),
        ({"prompt_sets": ["sums"]}, {by_bob}),
        ({"categories": ["maths", "none"]}, {by_bob}),
        ({"since": (timezone.now() - timedelta(days=3)).date().isoformat()}, {by_rita}),
        ({"until": old.date().isoformat()}, {by_bob}),
        ({"guides": [1]}, {by_rita}),
        ({"through": by_bob.pk}, {by_bob}),
        ({"origins": ["import"]}, set()),
    ):
        assert set(chosen_judgments(project, Filters.read(given))) == wanted, given


def test_another_projects_judgments_never_come_in(project, rita, judged):
    other = make_project()
    make_judgment(make_pair_item(other), rater=make_rater(other, rita))
    assert frozen(project, rita).judgment_count == 30


@pytest.mark.parametrize("batch", [1, 2, 3, 7, 100])
def test_batches_never_part_an_item(project, bob, rita, vera, batch):
    items = [make_pair_item(project) for _ in range(4)]
    for item in items:
        for user in (bob, rita, vera):
            make_judgment(item, rater=make_rater(project, user))
    found = [item for part in picked_items(project, Filters(), texts=True, batch=batch) for item in part]
    assert [item.id for item in found] == [item.pk for item in items]
    assert all(len(item.voices) == 3 for item in found)
    assert all([len(answer.text) for answer in item.answers] == [a.length for a in item.answers] for item in found)


def test_queries_do_not_grow_with_the_items(project, judged, django_assert_max_num_queries):
    with django_assert_max_num_queries(8):
        preview(project, format="preference", filters=Filters(), policy=Policy())


def test_ties_as_half_rows_carry_a_weight(project, rita, bob):
    make_judgment(make_pair_item(project, "x", "y"), rater=make_rater(project, bob), strength=0, scale=5)
    snapshot = frozen(project, rita, policy={"ties": "half"})
    assert [(row["margin"], row["weight"]) for row in rows(snapshot)] == [(0.0, 0.5)] * 2
    assert {row["chosen"][0]["content"] for row in rows(snapshot)} == {"x", "y"}


def test_answers_that_are_the_same_text_are_no_pair(project, rita, bob, judged):
    make_judgment(make_pair_item(project, "same", "same"), rater=make_rater(project, bob))
    snapshot = frozen(project, rita)
    assert snapshot.row_count == 30
    assert snapshot.card["left_out"] == {"same_text": 1}


def test_prompts_alone(project, rita):
    make_prompt(project, "17 + 25?", prompt_set="sums", reference="42")
    make_prompt(project, "17 + 25?", prompt_set="again", reference="42")
    make_prompt(project, "hidden", prompt_set="sums", published=False)
    snapshot = frozen(project, rita, format="prompt_only", filters={"prompt_sets": ["sums", "again"]})
    assert rows(snapshot) == [{"prompt": [{"role": "user", "content": "17 + 25?"}], "reference": "42"}]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"format": "nonsense"}, "format"),
        ({"filters": {"colour": 1}}, "invalid"),
        ({"filters": {"since": "yesterday"}}, "invalid"),
        ({"policy": {"ties": "perhaps"}}, "invalid"),
        ({"filters": {"origins": ["compare"]}}, "empty"),
        ({"format": "prompt_only", "filters": {"prompt_sets": ["none"]}}, "empty"),
    ],
)
def test_what_cannot_be_asked_for(project, rita, judged, fields, code):
    with pytest.raises(Refused) as refusal:
        create_snapshot(project, by=rita, name="one", **{"format": "preference", **fields})
    assert refusal.value.code == code
    assert not Snapshot.objects.exists()


def test_names_are_for_good(project, rita, judged):
    frozen(project, rita)
    with pytest.raises(Refused) as refusal:
        create_snapshot(project, by=rita, name="one", format="preference")
    assert refusal.value.code == "taken"


def test_a_policy_that_leaves_nothing_fails_and_says_so(project, rita, bob):
    make_judgment(make_pair_item(project), rater=make_rater(project, bob), strength=0, scale=5)
    snapshot = frozen(project, rita)
    assert snapshot.state == "failed"
    assert "none of the judgments yields a row" in snapshot.error
    assert list(Path(snapshot.path or ".").glob(".tmp*")) == []
    try_again(snapshot, by=rita)
    snapshot.refresh_from_db()
    assert (snapshot.state, snapshot.error) == ("queued", "")


def test_a_killed_freeze_starts_again_and_comes_to_the_same(project, rita, judged, monkeypatch, own_home):
    wanted = frozen(project, rita, "whole").sha256
    snapshot = create_snapshot(project, by=rita, name="killed", format="preference")

    def die(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(snapshots, "write_parquet", die)
        patch.setattr(snapshots.shutil, "rmtree", lambda *_, **__: None)  # SIGKILL cleans nothing
        with pytest.raises(KeyboardInterrupt):
            freeze(snapshot.pk)
    make_judgment(judged[0], rater=make_rater(project, rita), strength=-4)  # came after it was asked for
    freeze(snapshot.pk)  # may still be alive: no-op
    snapshot.refresh_from_db()
    assert snapshot.state == "freezing"
    assert len(list((own_home / "snapshots").glob(".tmp-*"))) == 1
    Snapshot.objects.filter(pk=snapshot.pk).update(heartbeat_at=timezone.now() - timedelta(minutes=5))
    resume_snapshots()
    freeze(snapshot.pk)
    snapshot.refresh_from_db()
    assert (snapshot.state, snapshot.sha256) == ("frozen", wanted)
    assert list((own_home / "snapshots").glob(".tmp-*")) == []


def test_killed_between_rename_and_row(project, rita, judged, monkeypatch):
    snapshot = create_snapshot(project, by=rita, name="one", format="preference")
    rename = Path.rename

    def die(self, target):
        rename(self, target)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", die)
        with pytest.raises(KeyboardInterrupt):
            freeze(snapshot.pk)
    Snapshot.objects.update(state="queued")
    freeze(snapshot.pk)
    snapshot.refresh_from_db()
    assert snapshot.state == "frozen"
    assert form.verify(Path(snapshot.path)) == []


def test_a_superseded_attempt_publishes_nothing(project, rita, judged, monkeypatch, own_home):
    snapshot = create_snapshot(project, by=rita, name="one", format="preference")
    write = snapshots._write

    def overtaken(snapshot, folder):
        found = write(snapshot, folder)
        Snapshot.objects.filter(pk=snapshot.pk).update(attempt="00000000-0000-0000-0000-000000000001")
        return found

    monkeypatch.setattr(snapshots, "_write", overtaken)
    freeze(snapshot.pk)
    snapshot.refresh_from_db()
    assert snapshot.state == "freezing"
    assert list((own_home / "snapshots").iterdir()) == []


def test_no_room_on_the_disk_is_said(project, rita, judged, monkeypatch):
    monkeypatch.setattr(snapshots, "FREE_BYTES", 1 << 62)
    snapshot = frozen(project, rita)
    assert (snapshot.state, "not enough room" in snapshot.error) == ("failed", True)


def test_length_bias_is_said_where_it_matters(project, rita, bob):
    rater = make_rater(project, bob)
    for n in range(40):
        make_judgment(
            make_pair_item(project, "long " * 20 + str(n), f"s {n}"), rater=rater, strength=1 if n < 32 else -1
        )
    card = frozen(project, rita).card
    assert card["longer_wins"]["value"] == 0.8
    assert card["warnings"][0]["title"] == "The longer answer wins 80 % of the time"
    assert "80 %" in (Path(Snapshot.objects.get().path) / "card.md").read_text()


def test_agreement_needs_fifty_overlaps(project, rita, bob):
    pairs = [make_rater(project, bob), make_rater(project, rita)]
    for n in range(50):
        item = make_pair_item(project)
        for place, rater in enumerate(pairs):
            make_judgment(item, rater=rater, strength=1 + (n + place * (n % 5 == 0)) % 4, scale=8)
        if n == 48:
            assert (
                preview(project, format="preference", filters=Filters(), policy=Policy())["agreement"]["value"] is None
            )
    found = preview(project, format="preference", filters=Filters(), policy=Policy())["agreement"]
    assert (found["level"], found["items"]) == ("ordinal", 50)
    assert 0.5 < found["low"] <= found["value"] <= found["high"] < 1
