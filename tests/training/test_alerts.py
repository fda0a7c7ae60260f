"""The three alerts: not a number, KL over its budget, a run gone silent; each with evidence, cause and advice."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from tests.factories import make_run
from tests.training.event_files import EventFile
from training import chunks, watch
from training.services import events, ringing

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(project, home):
    run = make_run(project, method="grpo", state="running", attempt_token=uuid.uuid4(), heartbeat_at=timezone.now())
    run.spec["training"]["kl_budget"] = 8.0
    run.spec["settings"]["beta"] = 0.02
    run.save()
    return run


@pytest.fixture
def file(run):
    file = EventFile(run)
    file.started(total_steps=2000)
    return file


def take(run):
    events.ingest(run.pk, token=run.attempt_token)
    return list(run.alerts.order_by("id"))


def log_kl(file, first, values, **more):
    for at, value in enumerate(values):
        file.metrics(first + at, objective__kl=value, **more)


def test_kl_over_its_budget_names_the_step_the_evidence_and_the_checkpoint_to_keep(run, file):
    log_kl(file, 1, [2, 3, 4, 5, 6], reward=1.0, completions__mean_length=100)
    file.checkpoint(5)
    log_kl(file, 6, [8.5, 9, 9.6], reward=1.5, completions__mean_length=180)
    [alert] = take(run)
    assert alert.kind == "kl_budget"
    assert alert.title == "KL went over its budget of 8 at step 6 and stays there"
    assert "1 to 1.5" in alert.cause
    assert "100 to 180 tokens" in alert.cause
    assert "length" in alert.cause
    assert "beta (now 0.02)" in alert.advice
    assert "checkpoint of step 5" in alert.advice
    assert alert.evidence["since"] == 6


def test_one_point_over_the_budget_is_noise(run, file):
    log_kl(file, 1, [7, 9, 7, 9, 9, 7])
    assert take(run) == []


def test_crossing_in_one_batch_and_staying_in_the_next_is_one_alert(run, file):
    log_kl(file, 1, [7, 9])
    assert take(run) == []
    log_kl(file, 3, [9, 9])
    [alert] = take(run)
    assert alert.step == 2
    log_kl(file, 5, [10, 11])
    assert take(run) == [alert]


def test_back_inside_clears_it_and_a_second_time_raises_another(run, file):
    log_kl(file, 1, [9, 9, 9])
    assert take(run)[0].cleared_at is None
    log_kl(file, 4, [7, 7, 7])
    assert take(run)[0].cleared_at is not None
    log_kl(file, 7, [9, 9, 9])
    assert [alert.step for alert in take(run)] == [1, 7]


def test_without_a_budget_nobody_minds(run, file):
    run.spec["training"]["kl_budget"] = 0.0
    run.save()
    log_kl(file, 1, [90, 90, 90])
    assert take(run) == []


def test_a_value_that_is_no_number_is_said_once_with_the_last_that_was(run, file):
    file.metrics(1, loss=0.75)
    file.metrics(2, loss="NaN")
    file.metrics(3, loss="NaN")
    [alert] = take(run)
    assert (alert.kind, alert.step, alert.metric) == ("not_a_number", 2, "loss")
    assert "0.75" in alert.cause
    file.metrics(4, loss="NaN")
    assert len(take(run)) == 1


def test_a_rewind_takes_its_alerts_with_it(run, file):
    file.metrics(1, loss=1.0)
    saved = file.checkpoint(1)
    file.metrics(2, loss="NaN")
    assert len(take(run)) == 1
    file.write("rewound", step=1, to_seq=saved)
    assert take(run) == []


def test_a_run_without_a_beat_is_said_to_be_silent_and_waits_for_its_next_attempt(run, file, settings):
    file.metrics(7, loss=1.0)
    run.heartbeat_at = timezone.now() - timedelta(seconds=settings.TRAINING["run_silent_seconds"] + 1)
    run.worker = "worker-a"
    run.save()
    token = run.attempt_token
    ringing.ring()
    run.refresh_from_db()
    assert (run.state, run.attempt_token) == ("queued", None)
    assert run.step == 7  # what the dead supervisor had not stored
    fence = (file.path.parent / "attempt").read_text()
    assert fence != str(token)
    [alert] = run.alerts.all()
    assert alert.kind == "silent"
    assert "worker-a" in alert.cause


def test_a_beat_in_time_keeps_the_run(run, file):
    ringing.ring()
    run.refresh_from_db()
    assert (run.state, run.alerts.count()) == ("running", 0)


def test_new_points_end_a_silence(run, file):
    run.alerts.create(kind="silent", step=0, title="", cause="", advice="")
    file.metrics(1, loss=1.0)
    assert take(run)[0].cleared_at is not None


def test_a_living_engine_that_logs_nothing_for_long_is_mentioned_once(run, file, settings):
    events.ingest(run.pk, token=run.attempt_token)
    run.refresh_from_db()
    run.facts["last_event_time"] -= settings.TRAINING["quiet_seconds"] + 60
    run.save()
    ringing.ring()
    ringing.ring()
    run.refresh_from_db()
    assert run.state == "running"
    [alert] = run.alerts.all()
    assert alert.title.startswith("Nothing logged for 6 minutes")


@pytest.mark.parametrize(
    ("values", "since"),
    [([9, 9, 9], 0), ([1, 9, 9, 9], 1), ([9, 1, 9, 9], None), ([9, 9, 1], None), ([9, 9], None), ([1, 1, 1], None)],
)
def test_the_first_of_the_points_that_stay_over(values, since):
    points = chunks.points_of((step, value, 0, step) for step, value in enumerate(values))
    assert watch.over_budget_since(points, 8) == since
