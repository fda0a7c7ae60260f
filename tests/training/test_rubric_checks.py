"""The verifiers of a rubric trial in a worker: claimed once, resumed, trouble said and never turned into a zero."""

from datetime import timedelta

import pytest
from django.utils import timezone

from annotation.errors import Refused
from annotation.models import RubricScore, RubricTrial
from annotation.services import rubric_trials
from tests.factories import make_completion, make_prompt, make_rubric
from training.services import ringing, rubric_checks

pytestmark = pytest.mark.django_db
State = RubricTrial.State


@pytest.fixture
def version(project):
    sums = make_prompt(project, "2 + 3?", reference="5", category="sums", prompt_set="exam")
    make_completion(sums, "It is 5")
    make_completion(sums, "It is 6")
    make_completion(make_prompt(project, "3 + 3?", category="sums"), "It is 6")
    return make_rubric(
        project,
        {
            "name": "sums",
            "items": [
                {"text": "Right", "kind": "verifiable", "verifier": "gsm8k", "weight": 0.5},
                {"text": "Short", "kind": "verifiable", "verifier": "word_count", "options": {"at_most": 2},
                 "weight": 0.25},
                {"text": "Kind", "weight": 0.25},
            ],
        },
    )  # fmt: skip


@pytest.fixture
def trial(version, rita):
    return rubric_trials.create_trial(version, by=rita, prompts=5, answers=2, seed=1)


def test_every_verifiable_item_is_checked_and_a_missing_reference_is_no_zero(trial):
    assert (trial.total, trial.state) == (6, State.QUEUED)
    rubric_checks.fulfil(trial.pk)
    trial.refresh_from_db()
    assert (trial.state, trial.done, trial.error) == (State.DONE, 6, "")
    found = {
        (row.item.text, row.completion.text, bool(row.completion.prompt.reference)): (row.score, row.error)
        for row in RubricScore.objects.select_related("item", "completion__prompt")
    }
    assert found["Right", "It is 5", True] == (1.0, "")
    assert found["Right", "It is 6", True] == (0.0, "")
    assert found["Right", "It is 6", False] == (None, "gsm8k needs a reference in every row")
    assert found["Short", "It is 5", True] == (0.0, "")
    assert set(RubricScore.objects.values_list("scorer", "rater")) == {("verifier", None)}


def test_a_second_delivery_is_a_no_op_and_a_resumed_one_keeps_what_is_there(trial):
    rubric_checks.fulfil(trial.pk)
    before = set(RubricScore.objects.exclude(score=None).values_list("pk", flat=True))
    rubric_checks.fulfil(trial.pk)
    RubricTrial.objects.filter(pk=trial.pk).update(state=State.QUEUED)
    rubric_checks.fulfil(trial.pk)
    assert set(RubricScore.objects.exclude(score=None).values_list("pk", flat=True)) == before
    assert RubricScore.objects.count() == 6


def test_a_trial_taken_over_is_left_alone(trial, monkeypatch):
    monkeypatch.setattr(
        rubric_checks, "record_scores", lambda *_rows, **_how: RubricTrial.objects.update(worker="another")
    )
    rubric_checks.fulfil(trial.pk)
    trial.refresh_from_db()
    assert (trial.state, trial.worker, trial.done) == (State.RUNNING, "another", 0)


def test_a_mistake_of_ours_is_said_and_can_be_tried_again(trial, monkeypatch):
    monkeypatch.setattr(rubric_checks, "record_scores", lambda *_rows, **_how: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        rubric_checks.fulfil(trial.pk)
    trial.refresh_from_db()
    assert trial.state == State.FAILED
    monkeypatch.undo()
    rubric_trials.retry_trial(trial)
    rubric_checks.fulfil(trial.pk)
    trial.refresh_from_db()
    assert trial.state == State.DONE
    with pytest.raises(Refused, match="that failed"):
        rubric_trials.retry_trial(trial)


def test_a_silent_worker_loses_the_trial(trial, settings):
    RubricTrial.objects.filter(pk=trial.pk).update(
        state=State.RUNNING, worker="gone", heartbeat_at=timezone.now() - timedelta(hours=1)
    )
    ringing.ring()
    trial.refresh_from_db()
    assert (trial.state, trial.worker) == (State.QUEUED, "")


def test_the_sample_is_drawn_from_the_set_and_repeats_with_its_seed(version, rita):
    def drawn(**how):
        made = rubric_trials.create_trial(version, by=rita, **how)
        return set(made.completions.values_list("prompt__prompt_set", "pk"))

    assert {name for name, _ in drawn(prompt_set="exam")} == {"exam"}
    assert drawn(prompts=1, answers=1, seed=7) == drawn(prompts=1, answers=1, seed=7)
    assert len(drawn(prompts=9, answers=1)) == 2
    with pytest.raises(Refused, match="No prompt of the set"):
        rubric_trials.create_trial(version, by=rita, prompt_set="nothing")
    with pytest.raises(Refused, match="1 to 50"):
        rubric_trials.create_trial(version, by=rita, prompts=0)


def test_without_verifiable_items_nothing_waits(project, rita):
    make_completion(make_prompt(project), "words")
    made = rubric_trials.create_trial(make_rubric(project), by=rita)
    assert (made.state, made.total) == (State.DONE, 0)
