"""Rows that weigh what their raters' words do: by policy, frozen with the snapshot, read by the engine."""

import json
from pathlib import Path

import pytest
from django.core.cache import cache

from annotation.errors import Refused
from annotation.models import RaterFigures, Snapshot
from annotation.policy import Policy
from annotation.selectors.label_weights import weighed, weights_of
from annotation.services import quality, snapshots
from annotation.services.quality import compute, request_report
from annotation.services.snapshots import create_snapshot, freeze
from annotation.snapshot_filters import Filters
from annotation.snapshot_words import in_words
from tests.factories import make_judgment, make_pair_item, make_prompt, make_rater
from training.engine import records


def test_a_row_weighs_the_mean_of_its_raters():
    policy = Policy(weights="reliability", trust={"1": 0.8, "2": 0.2, "": 0.5})
    assert policy.weight_of([1]) == 0.8
    assert policy.weight_of([1, 2]) == pytest.approx(0.5)
    assert policy.weight_of([1, 99]) == pytest.approx(0.65)
    assert policy.weight_of([]) == 1
    assert Policy().weight_of([1]) == 1
    assert Policy.read(policy.as_dict()) == policy


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"weights": "votes"}, "weights: must be one of none, reliability"),
        ({"trust": [1]}, "trust: must map"),
        ({"trust": {"ada": 1}}, "trust: ada must be"),
        ({"trust": {"1": 1.5}}, "trust: 1 must be"),
        ({"trust": {"1": True}}, "trust: 1 must be"),
    ],
)
def test_weights_that_do_not_read(given, problem):
    with pytest.raises(ValueError, match=problem):
        Policy.read(given)


def test_words_for_it():
    told = dict(in_words(Policy(weights="reliability", trust={"1": 0.8, "2": 0.25, "": 0.5}), Filters()))
    assert told["Rows weigh"].startswith("By the reliability of 2 raters, 0.25 to 0.80")
    assert dict(in_words(Policy(), Filters()))["Rows weigh"] == "Every row counts alike"


@pytest.fixture
def judged(project, home, monkeypatch):
    """Sixty pairs: two careful raters, one who is right every second time, a newcomer with one answer."""
    cache.clear()
    (home / "snapshots").mkdir()
    for module in (quality, snapshots):
        monkeypatch.setattr(module, "enqueue", lambda name, **ids: None)
    people = {name: make_rater(project, name=name) for name in ("careful", "exact", "coin", "newcomer")}
    for n in range(60):
        item = make_pair_item(project, f"a {n}", f"b {n}", prompt=make_prompt(project, f"ask {n}"))
        better = 2 if n % 3 else -2
        make_judgment(item, rater=people["careful"], strength=better)
        make_judgment(item, rater=people["exact"], strength=better)
        make_judgment(item, rater=people["coin"], strength=better if n % 2 else -better)
    make_judgment(item, rater=people["newcomer"], strength=better)
    project.people = people
    return project


def frozen(project, by, **options) -> tuple[Snapshot, list[dict]]:
    filters = {"rater_kinds": ["simulated"]}
    snapshot = create_snapshot(project, by=by, filters=filters, **{"name": "s", "format": "preference", **options})
    freeze(snapshot.pk)
    snapshot.refresh_from_db()
    assert snapshot.state == "frozen", snapshot.error
    rows = []
    for split in ("train", "validation", "test"):
        rows += records.read_rows(snapshot.path, split, snapshot.format)
    return snapshot, [dict(row) for row in rows]


@pytest.mark.django_db
class TestSnapshots:
    def test_without_a_report_it_is_refused(self, judged, alice):
        with pytest.raises(Refused, match="no quality report"):
            frozen(judged, alice, policy={"weights": "reliability"})
        assert not Snapshot.objects.exists()

    def test_rows_carry_the_weight_of_their_rater(self, judged, alice):
        compute(request_report(judged, by=alice).pk)
        known = weights_of(judged)
        people = {name: str(rater.pk) for name, rater in judged.people.items()}
        assert known[people["careful"]] > 0.9
        assert known[people["coin"]] < 0.2
        assert people["newcomer"] not in known
        assert known[""] == pytest.approx(sum(known[people[n]] for n in ("careful", "exact", "coin")) / 3, abs=1e-4)
        snapshot, rows = frozen(judged, alice, policy={"weights": "reliability"})
        expected = [known[people[n]] for n in ("careful", "exact", "coin") for _ in range(60)] + [known[""]]
        left_out = snapshot.card["left_out"].get("unreliable", 0)
        assert sorted(row["weight"] for row in rows) == sorted(w for w in expected if w >= 0.05)
        assert left_out == sum(w < 0.05 for w in expected)
        manifest = json.loads((Path(snapshot.path) / "manifest.json").read_text())
        assert "weight" in manifest["columns"]
        assert manifest["policy"]["trust"] == known
        assert "trust: of" in (Path(snapshot.path) / "card.md").read_text()

    def test_who_is_no_better_than_a_coin_is_left_out(self, judged, alice):
        coin = judged.people["coin"].pk
        snapshot, rows = frozen(judged, alice, policy={"weights": "reliability", "trust": {str(coin): 0.01, "": 1}})
        assert len(rows) == 121
        assert snapshot.card["left_out"]["unreliable"] == 60

    def test_several_on_one_row_weigh_their_mean(self, judged, alice):
        coin = judged.people["coin"].pk
        policy = {"weights": "reliability", "several": "majority", "trust": {str(coin): 0.4, "": 1}}
        _, rows = frozen(judged, alice, policy=policy)
        assert {row["weight"] for row in rows} == {0.8, 0.85}

    @pytest.mark.parametrize("format", ["unpaired_preference", "prompt_completion"])
    def test_other_formats_carry_it_too(self, judged, alice, format):
        policy = {"weights": "reliability", "trust": {"": 0.5}}
        snapshot, rows = frozen(judged, alice, format=format, policy=policy)
        assert {row["weight"] for row in rows} == {0.5}
        assert "weight" in json.loads((Path(snapshot.path) / "manifest.json").read_text())["columns"]

    def test_a_newer_report_does_not_change_it(self, judged, alice):
        compute(request_report(judged, by=alice).pk)
        wish = {"filters": {"rater_kinds": ["simulated"]}, "policy": {"weights": "reliability"}}
        snapshot = create_snapshot(judged, by=alice, name="s", format="preference", **wish)
        before = snapshot.policy["trust"]
        RaterFigures.objects.update(weight=0.123)
        freeze(snapshot.pk)
        snapshot.refresh_from_db()
        assert snapshot.policy["trust"] == before
        assert weighed(judged, Policy(weights="reliability")).trust != before

    def test_the_form_asks_for_a_report_and_previews_with_it(self, judged, rita, as_user):
        client = as_user(rita)
        form = {"format": "preference", "rater_kinds": ["simulated"], "origins": ["label"], "margins": "graded",
                "minimum": 1, "ties": "drop", "both_bad": "thumbs_down", "several": "each", "neutral": "good",
                "edit_margin": 1.0, "duplicates": "keep", "weights": "reliability"}  # fmt: skip
        refused = client.post("/p/wall/snapshots/preview/", form)
        assert refused.status_code == 422
        assert "no quality report" in refused.content.decode()
        compute(request_report(judged, by=rita).pk)
        assert client.post("/p/wall/snapshots/preview/", form).status_code == 200
        made = client.post("/p/wall/snapshots/new/", {**form, "name": "weighed"})
        assert made.status_code == 302
        assert Snapshot.objects.get().policy["trust"]

    def test_calls_answer_with_a_problem(self, judged, rita, api_as):
        wish = {"format": "preference", "policy": {"weights": "reliability"}, "filters": {"rater_kinds": ["simulated"]}}
        answer = api_as(rita).post("/api/projects/wall/snapshots/preview/", wish, format="json")
        assert (answer.status_code, answer.data["code"]) == (422, "weights")
