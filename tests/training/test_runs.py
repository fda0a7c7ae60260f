"""What people do with runs, and what the state machine lets them."""

import pytest

from annotation.errors import Refused
from tests.factories import make_checkpoint, make_run, make_snapshot
from training.models import Run
from training.services import attempts, runs
from training.states import HELD, TRANSITIONS, RunState, may_follow, sources_of

pytestmark = pytest.mark.django_db


def create(project, by, **changes):
    values = {
        "name": "dpo-1",
        "method": "dpo",
        "settings": {"beta": 0.2},
        "training": {"max_steps": 10},
        "snapshot": make_snapshot(project, path="/data/s"),
        "start": make_checkpoint(project, path="owner/model"),
        "rewards": [],
        "seed": 7,
    }
    return runs.create_run(project, by=by, **values | changes)


def test_a_run_is_queued_with_its_whole_spec_and_a_worker_is_woken(
    project, rita, django_capture_on_commit_callbacks, monkeypatch
):
    woken = []
    monkeypatch.setattr(runs, "enqueue", lambda name, **ids: woken.append((name, ids)))
    run = create(project, rita)
    assert (run.state, run.seed, run.total_steps, run.created_by) == ("queued", 7, 10, rita)
    assert run.spec["uid"] == run.uid.hex
    assert run.spec["settings"] == {"beta": 0.2, "label_smoothing": 0.0}
    assert run.spec["training"]["learning_rate"] > 0
    assert run.spec["data"]["path"] == "/data/s"
    assert woken == [("training.execute_run", {"queue": "cpu", "run_id": run.pk})]


def test_every_problem_is_listed_with_its_path(project, rita):
    with pytest.raises(Refused) as refused:
        create(project, rita, settings={"beta": 50, "bta": 1}, training={"max_steps": 10, "learning_rate": "fast"})
    paths = {problem["path"] for problem in refused.value.problems}
    assert {"settings.beta", "settings.bta", "training.learning_rate"} <= paths
    assert Run.objects.count() == 0


def test_a_taken_name_is_refused_with_a_free_one(project, rita):
    create(project, rita)
    with pytest.raises(Refused) as refused:
        create(project, rita)
    assert "dpo-2" in refused.value.problems[0]["message"]


def test_rows_that_do_not_fit_are_refused(project, rita):
    with pytest.raises(Refused, match="correction"):
        create(project, rita, snapshot=make_snapshot(project, state="queued"))
    with pytest.raises(Refused, match="correction"):
        create(project, rita, start=make_checkpoint(project, kind="reward"))
    with pytest.raises(Refused, match="queue"):
        create(project, rita, queue="tpu")


def test_rewards_name_models_and_verifiers_with_weights(project, rita):
    reward = make_checkpoint(project, kind="reward", path="owner/rm", name="rm-1")
    run = create(
        project,
        rita,
        method="grpo",
        settings={"num_generations": 2},
        rewards=[{"checkpoint": reward, "weight": 0.5}, {"verifier": "exact_answer"}],
    )
    assert [(row["kind"], row["weight"]) for row in run.spec["rewards"]] == [("model", 0.5), ("verifier", 1.0)]
    assert list(run.rewarded_by.all()) == [reward]
    with pytest.raises(Refused):
        create(project, rita, name="grpo-x", method="grpo", settings={"num_generations": 2}, rewards=[])


def test_a_clone_has_everything_but_what_was_changed(project, rita):
    reward = make_checkpoint(project, kind="reward", path="owner/rm")
    prompts = make_snapshot(project, format="prompt_only", path="/data/p")
    run = create(
        project,
        rita,
        method="grpo",
        settings={"num_generations": 2, "beta": 0.02},
        rewards=[{"checkpoint": reward, "weight": 0.5}],
        prompts=prompts,
    )
    clone = runs.clone_run(run, by=rita, settings={"beta": 0.06})
    assert clone.cloned_from == run
    assert clone.name != run.name
    assert clone.spec["settings"] == run.spec["settings"] | {"beta": 0.06}
    same = ("data", "prompts", "model", "rewards", "training", "seed", "method")
    assert {key: clone.spec[key] for key in same} == {key: run.spec[key] for key in same}
    assert list(clone.rewarded_by.all()) == [reward]


def test_stop_and_pause_ask_a_held_run_and_end_a_waiting_one(project, rita):
    held = make_run(project, state="running")
    assert runs.pause_run(held, by=rita).state == "pausing"
    assert runs.stop_run(held, by=rita).state == "stopping"
    waiting = make_run(project, state="queued")
    assert runs.pause_run(waiting, by=rita).state == "paused"
    stopped = runs.stop_run(waiting, by=rita)
    assert stopped.state == "stopped"
    assert stopped.finished_at is not None


@pytest.mark.parametrize("state", ["paused", "stopped", "failed"])
def test_resume_goes_back_to_the_queue(project, rita, state):
    run = make_run(project, state=state, error="x", error_kind="memory", crashes=3)
    assert runs.resume_run(run, by=rita).state == "queued"
    assert (run.error, run.crashes) == ("", 0)


@pytest.mark.parametrize(
    ("move", "state"),
    [("resume_run", "running"), ("stop_run", "succeeded"), ("pause_run", "failed"), ("stop_run", "stopping")],
)
def test_moves_that_make_no_sense_are_refused_in_words(project, rita, move, state):
    run = make_run(project, state=state)
    with pytest.raises(Refused) as refused:
        getattr(runs, move)(run, by=rita)
    assert refused.value.status == 409


def test_only_one_claim_wins_and_the_loser_gets_nothing(project):
    run = make_run(project)
    first = attempts.claim(run.pk, worker="a")
    assert first.state == "starting"
    assert first.attempt == 1
    assert attempts.claim(run.pk, worker="b") is None


def test_a_token_that_is_old_can_neither_beat_nor_finish(project):
    run = make_run(project)
    first = attempts.claim(run.pk, worker="a")
    Run.objects.filter(pk=run.pk).update(state="queued")
    second = attempts.claim(run.pk, worker="b")
    with pytest.raises(attempts.Superseded):
        attempts.beat(first)
    assert not attempts.finish(first, RunState.FAILED, error="no")
    assert attempts.beat(second) == "starting"
    assert attempts.finish(second, RunState.SUCCEEDED)


def test_the_table_of_states_is_closed_and_a_finished_run_stays_finished():
    assert set(TRANSITIONS) == set(RunState)
    assert not TRANSITIONS[RunState.SUCCEEDED]
    assert may_follow("queued", "starting")
    assert not may_follow("succeeded", "queued")
    assert sources_of("stopping") == {RunState.STARTING, RunState.RUNNING, RunState.PAUSING}
    assert RunState.QUEUED not in HELD
