"""Workers say that they live; the bell rings only where somebody listens."""

import time

import pytest
from django.utils import timezone

from annotation.models import GenerationRequest
from annotation.services import generation
from tests.factories import make_checkpoint, make_completion, make_prompt, make_run, make_source, make_worker
from training import signals
from training.models import CompletionScore, Preflight, Worker
from training.services import attempts, ringing, workers

pytestmark = pytest.mark.django_db


@pytest.fixture
def rung(monkeypatch, home):
    calls = []
    for module in (ringing, attempts, generation):
        monkeypatch.setattr(module, "enqueue", lambda name, **ids: calls.append((name, ids)))
    return calls


@pytest.fixture
def me(monkeypatch):
    monkeypatch.setitem(workers._now, "name", "me@box")
    monkeypatch.setitem(workers._now, "queues", ["cpu"])


def test_a_beat_writes_name_queues_memory_and_free_disk(me):
    workers.beat()
    row = Worker.objects.get(name="me@box")
    assert row.queues == ["cpu"]
    assert 0 < row.memory_bytes < row.memory_total_bytes
    assert row.disk_free_bytes > 0
    workers.beat()
    assert Worker.objects.count() == 1


def test_while_busy_the_row_says_with_what(me, project):
    run = make_run(project)
    with workers.busy("dpo-1 in Wall", run_id=run.pk):
        row = Worker.objects.get(name="me@box")
        assert (row.doing, row.run) == ("dpo-1 in Wall", run)
        with workers.busy("answers"):
            assert Worker.objects.get(name="me@box").doing == "dpo-1 in Wall"
    assert (Worker.objects.get(name="me@box").doing, Worker.objects.get(name="me@box").run) == ("", None)


@pytest.mark.django_db(transaction=True)
def test_the_thread_beats_until_the_worker_leaves_and_then_its_row_goes(settings):
    settings.TRAINING = settings.TRAINING | {"beat_seconds": 0.05}

    class Instance:
        class app:
            class amqp:
                class queues:
                    consume_from = {"cpu": None, "light": None}

    signals.remember("thread@box", Instance)
    signals.begin()
    try:
        first = Worker.objects.get(name="thread@box")
        assert first.queues == ["cpu", "light"]
        deadline = time.monotonic() + 10
        while Worker.objects.get(name="thread@box").heartbeat_at == first.heartbeat_at:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        assert not workers.leaving.is_set()
        signals.leave()
        assert workers.leaving.is_set()
    finally:
        signals.end()
        workers.leaving.clear()
    time.sleep(0.2)
    assert not Worker.objects.filter(name="thread@box").exists()
    workers._now["name"] = ""


def test_the_bell_rings_for_the_oldest_run_where_an_idle_worker_listens(project, rung):
    first, _ = make_run(project), make_run(project)
    gpu = make_run(project, queue="gpu")
    ringing.ring()
    assert rung == []
    make_worker(queues=["cpu"])
    make_worker(queues=["gpu"], doing="something else")
    ringing.ring()
    assert rung == [("training.execute_run", {"queue": "cpu", "run_id": first.pk})]
    Worker.objects.filter(queues=["gpu"]).update(doing="")
    ringing.ring()
    assert ("training.execute_run", {"queue": "gpu", "run_id": gpu.pk}) in rung


def test_a_silent_worker_hears_no_bell(project, rung):
    make_run(project)
    make_worker(queues=["cpu"], heartbeat_at=timezone.now() - timezone.timedelta(seconds=60))
    ringing.ring()
    assert rung == []


def test_requests_checks_and_scores_that_wait_are_rung_for(project, rung, rita):
    make_worker("helper", queues=["sample"])
    request = GenerationRequest.objects.create(project=project, source=make_source(project))
    check = Preflight.objects.create(project=project, form={}, spec={}, created_by=rita)
    reward = make_checkpoint(project, kind="reward")
    CompletionScore.objects.create(checkpoint=reward, completion=make_completion(make_prompt(project)))
    ringing.ring()
    assert sorted(rung) == [
        ("training.generate", {"queue": "sample", "request_id": request.pk}),
        ("training.preflight", {"queue": "sample", "preflight_id": check.pk}),
        ("training.score", {"queue": "sample", "checkpoint_id": reward.pk}),
    ]


def test_a_request_whose_worker_died_waits_again(project, rung, settings):
    old = timezone.now() - timezone.timedelta(seconds=settings.TRAINING["run_silent_seconds"] + 1)
    request = GenerationRequest.objects.create(
        project=project, source=make_source(project), state="running", worker="dead", heartbeat_at=old
    )
    make_worker(queues=["sample"])
    ringing.ring()
    request.refresh_from_db()
    assert (request.state, request.worker) == ("queued", "")
    assert rung == [("training.generate", {"queue": "sample", "request_id": request.pk})]


@pytest.mark.parametrize(("before", "after"), [("stopping", "stopped"), ("pausing", "paused"), ("running", "queued")])
def test_a_silent_run_that_was_being_stopped_stops(project, rung, before, after):
    old = timezone.now() - timezone.timedelta(minutes=5)
    run = make_run(project, state=before, heartbeat_at=old)
    ringing.ring()
    run.refresh_from_db()
    assert run.state == after


def test_rows_of_workers_dead_for_a_day_are_forgotten(rung):
    make_worker("ancient", heartbeat_at=timezone.now() - timezone.timedelta(days=2))
    make_worker("fresh")
    ringing.ring()
    assert list(Worker.objects.values_list("name", flat=True)) == ["fresh"]
