"""The demo loads once: people, pairs, simulated judgments, snapshots, model, runs. Loading again changes nothing."""

import os
import stat
from collections import Counter
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command

from annotation.demo.truth import exact_answer, true_quality
from annotation.errors import Refused
from annotation.models import (
    Completion,
    ConstitutionVersion,
    FeedbackJob,
    FeedbackRow,
    Item,
    JudgeVersion,
    Judgment,
    JudgmentRevision,
    Membership,
    Project,
    Prompt,
    Rater,
    RubricScore,
    RubricTrial,
    RubricVersion,
    Sitting,
)
from annotation.selectors.rubric_confidence import histories
from annotation.selectors.rubrics import version_of
from annotation.snapshot_format import verify
from evaluation.services.demo import content, load
from training.models import Checkpoint, Run

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def small(monkeypatch, home):
    """A demo of a few pairs: the code is the same, and tests take a second."""
    monkeypatch.setattr(content, "JUDGED", 80)
    monkeypatch.setattr(content, "OPEN", 20)
    monkeypatch.setattr(content, "PROMPT_SETS", {"orchard": 30, "checkable": 40})
    monkeypatch.delenv("PLUMBLINE_DEMO_PASSWORD", raising=False)
    return home


def counts() -> dict[str, int]:
    models = (
        Project,
        Membership,
        Prompt,
        Completion,
        Item,
        Rater,
        Sitting,
        Judgment,
        JudgmentRevision,
        Checkpoint,
        Run,
        RubricVersion,
        RubricScore,
        RubricTrial,
        ConstitutionVersion,
        JudgeVersion,
        FeedbackRow,
    )
    return {model.__name__: model.objects.count() for model in models}


def pairs_judged():
    return Judgment.objects.filter(item__queue="label", rater__kind="simulated")


def test_everything_is_there_from_the_first_minute():
    loaded = load()
    project = Project.objects.get(slug="orchard")
    assert loaded.judgments == 240 == pairs_judged().count()
    assert loaded.runs == ["rm-1", "dpo-1", "grpo-1"]
    roles = dict(project.memberships.values_list("user__username", "role"))
    assert roles == {
        "lead": "lead",
        "researcher": "researcher",
        "annotator": "annotator",
        "annotator2": "annotator",
        "viewer": "viewer",
    }
    assert project.created_by.has_perm("annotation.create_project")
    assert "beans" in project.instructions.get().text
    assert Item.objects.filter(open_slots__gt=0).count() >= 20
    assert set(project.runs.values_list("method", "state")) == {
        ("reward_bt", "queued"),
        ("dpo", "queued"),
        ("grpo", "queued"),
    }


def test_a_rule_has_judged_and_principles_are_found():
    load()
    figures = JudgeVersion.objects.get().figures
    assert (figures["pairs"], figures["dropped"], figures["simulated"]) == (80, 0, True)
    assert figures["agreement"]["n"] > 200
    assert set(FeedbackJob.objects.values_list("kind", "state")) == {("compare", "done"), ("inverse", "done")}
    assert [one.key for one in ConstitutionVersion.objects.get(number=2).read] == ["p1", "p2", "p3", "p4", "p5"]


def test_loading_again_changes_nothing():
    load()
    before = counts()
    again = load()
    assert counts() == before
    assert (again.sign_ins, again.judgments, again.runs) == ([], 0, [])


def test_judgments_without_their_end_are_made_again(monkeypatch):
    """Killed between the pairs and their judgments: neither is kept."""
    monkeypatch.setattr("evaluation.services.demo.loading.judge", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        load()
    assert not Item.objects.exists()
    monkeypatch.undo()


def test_simulated_work_says_so_everywhere():
    load()
    people = Rater.objects.exclude(kind=Rater.Kind.JUDGE)
    assert set(people.values_list("kind", flat=True)) == {Rater.Kind.SIMULATED}
    assert all("(simulated)" in name for name in people.values_list("name", flat=True))
    assert set(Judgment.objects.filter(rater__in=people).values_list("origin", flat=True)) == {"simulated"}
    assert not Rater.objects.filter(user__isnull=False).exists()
    assert not Sitting.objects.filter(ended_at=None).exists()


def test_sides_are_balanced_for_each_rater_and_answers_are_in_true_order():
    load()
    shown = Judgment.objects.exclude(rater__kind="judge").values_list("rater", "item__queue", "shown_order")
    sides = Counter((rater, queue, tuple(order)) for rater, queue, order in shown)
    for rater, queue, _ in sides:
        assert abs(sides[rater, queue, (0, 1)] - sides[rater, queue, (1, 0)]) <= 1
    left_lover = pairs_judged().filter(rater__key="gus")
    assert left_lover.exists()
    for judgment in left_lover:
        stood_left = judgment.shown_order[0]
        assert (judgment.strength > 0) == (stood_left == 0)


def test_careful_people_agree_with_the_truth():
    load()
    hits = []
    for judgment in pairs_judged().filter(rater__key__in=["ada", "bruno", "flora"], outcome="answer"):
        prompt = judgment.item.prompt.messages[-1]["content"]
        first, second = (entry.completion.text for entry in judgment.item.entries.all())
        gap = true_quality(prompt, first) - true_quality(prompt, second)
        if abs(gap) > 0.1:
            hits.append((judgment.strength > 0) == (gap > 0))
    assert sum(hits) / len(hits) > 0.9


def test_the_rubric_was_scored_over_versions_and_one_item_wants_review():
    load()
    rubric = Project.objects.get(slug="orchard").rubrics.get()
    assert rubric.versions.count() == 3
    newest = version_of(rubric)
    doubtful = [history.item.text for history in histories(newest) if history.now.doubtful]
    assert doubtful == ["It sounds kind, as one neighbour to another."]
    assert all(min(score.score, score.confidence) >= 0 for score in RubricScore.objects.all())
    assert RubricTrial.objects.get().completions.count() == 12


def test_the_checkable_set_has_references_and_the_other_none():
    load()
    checkable = Prompt.objects.filter(prompt_set="checkable")
    assert checkable.count() == 40
    for prompt in checkable:
        assert exact_answer(prompt.messages[-1]["content"], f"It comes to {prompt.reference}.")
    assert not Prompt.objects.filter(prompt_set="orchard").exclude(reference="").exists()


def test_snapshots_are_frozen_and_whole(small):
    load()
    snapshots = {row.name: row for row in Project.objects.get().snapshots.all()}
    assert {name: row.format for name, row in snapshots.items()} == {
        "orchard-pairs-1": "preference",
        "checkable-1": "prompt_only",
    }
    for row in snapshots.values():
        assert row.state == "frozen"
        assert row.row_count > 30
        assert verify(Path(row.path)) == []


def test_the_tiny_model_follows_the_program(settings, tmp_path, monkeypatch):
    load()
    model = Checkpoint.objects.get()
    assert (model.name, model.kind, Path(model.path).name) == ("tiny", "policy", "model")
    Checkpoint.objects.update(path="/somewhere/else")
    load()
    assert Path(Checkpoint.objects.get().path) == settings.BASE_DIR / "training" / "tiny" / "model"


def test_sign_ins_are_random_written_once_and_private(small):
    loaded = load()
    path = small / "demo-sign-ins.txt"
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert len({row.password for row in loaded.sign_ins}) == 5
    for row in loaded.sign_ins:
        assert len(row.password) >= 12
        assert authenticate(username=row.username, password=row.password)
        assert row.password in path.read_text()


def test_a_given_password_is_used(monkeypatch):
    monkeypatch.setenv("PLUMBLINE_DEMO_PASSWORD", "quince-and-medlar-9")
    load()
    assert authenticate(username="viewer", password="quince-and-medlar-9")


def test_a_weak_given_password_is_refused_before_anybody_is_made(monkeypatch):
    monkeypatch.setenv("PLUMBLINE_DEMO_PASSWORD", "12345")
    with pytest.raises(CommandError, match="PLUMBLINE_DEMO_PASSWORD cannot be used"):
        call_command("demo")
    assert counts()["Membership"] == 0


def test_nobodys_account_is_taken_over(django_user_model):
    django_user_model.objects.create_user("lead", password="an older password")
    with pytest.raises(Refused, match="users called lead"):
        load()
    assert authenticate(username="lead", password="an older password")
    assert counts()["Membership"] == 0


def test_who_left_stays_away():
    load()
    project = Project.objects.get()
    project.memberships.filter(role="researcher").delete()
    load()
    assert not project.memberships.filter(role="researcher").exists()


def test_the_command_prints_sign_ins_once():
    first, second = StringIO(), StringIO()
    call_command("demo", stdout=first)
    call_command("demo", stdout=second)
    assert "researcher" in first.getvalue()
    assert second.getvalue() == ""
