"""Answers, scores and checks by the real engine in its child: once a row, resumable, failures said plainly."""

import os
import signal

import pytest

from annotation.models import Completion, GenerationRequest
from annotation.services import generation as asking
from tests.engine import tiny
from tests.factories import make_checkpoint, make_completion, make_prompt
from training.models import CompletionScore, JobState, Preflight
from training.services import generation, preflights, resident, scorers, scoring, specs

pytestmark = pytest.mark.django_db(transaction=True)
State = GenerationRequest.State


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    place = tmp_path_factory.mktemp("models")
    policy = tiny.model_folder(place / "policy")
    return {"policy": policy, "reward": tiny.reward_folder(place / "reward", policy)}


@pytest.fixture
def child(home, monkeypatch):
    """A resident engine of this test's own; nobody is woken but by hand."""
    made = resident.Resident()
    for module in (generation, scorers):
        monkeypatch.setattr(module, "of_this_worker", made)
    for module in (asking, scoring, preflights):
        monkeypatch.setattr(module, "enqueue", lambda *_, **__: None)
    yield made
    made.end()


def ask(project, by, folder, *, count=4, **sampling):
    checkpoint = make_checkpoint(project, path=str(folder))
    prompts = [make_prompt(project, f"Say {n}.") for n in range(count)]
    sampling = {"temperature": 1.0, "max_new_tokens": 5, "seed": 3} | sampling
    return asking.request_generation(project, source=checkpoint.source, prompts=prompts, sampling=sampling, by=by)


def test_every_prompt_is_answered_once_and_signed(project, rita, child, folders):
    request = ask(project, rita, folders["policy"])
    generation.fulfil(request.pk)
    request.refresh_from_db()
    assert (request.state, request.done, request.error) == (State.DONE, 4, "")
    answers = [row.completion for row in request.rows.select_related("completion__source")]
    assert all(answer.source == request.source for answer in answers)
    assert all(answer.sampling["seed"] == 3 and answer.sampling["length_tokens"] >= 1 for answer in answers)
    generation.fulfil(request.pk)
    assert Completion.objects.count() == 4
    assert child.asked == 1


def test_a_request_taken_up_again_keeps_the_answers_it_has(project, rita, child, folders):
    request = ask(project, rita, folders["policy"])
    row = request.rows.order_by("pk").first()
    row.completion = make_completion(row.prompt, "already there", source=request.source)
    row.save()
    generation.fulfil(request.pk)
    row.refresh_from_db()
    request.refresh_from_db()
    assert row.completion.text == "already there"
    assert (request.state, request.done) == (State.DONE, 4)


def test_a_model_that_cannot_be_loaded_is_said_and_the_child_lives_on(project, rita, child, folders, tmp_path):
    broken = ask(project, rita, tmp_path / "gone")
    generation.fulfil(broken.pk)
    broken.refresh_from_db()
    assert broken.state == State.FAILED
    assert "gone" in broken.error
    whole = ask(project, rita, folders["policy"], count=2)
    generation.fulfil(whole.pk)
    whole.refresh_from_db()
    assert whole.state == State.DONE
    assert child.asked == 2


def test_a_child_that_is_killed_is_said_and_another_takes_its_place(project, rita, child, folders, monkeypatch):
    request = ask(project, rita, folders["policy"])
    started = child._engine
    deaths = []

    def start_and_die():
        engine = started()
        if len(deaths) < limit:
            deaths.append(engine.process.pid)
            os.kill(engine.process.pid, signal.SIGKILL)
        return engine

    limit = 2
    monkeypatch.setattr(child, "_engine", start_and_die)
    generation.fulfil(request.pk)
    request.refresh_from_db()
    assert request.state == State.FAILED
    assert len(set(deaths)) == 2
    assert "ended in the middle of it" in request.error
    limit = 3  # dies once more, then lives
    asking.retry_generation(request, by=rita)
    generation.fulfil(request.pk)
    request.refresh_from_db()
    assert (request.state, request.done) == (State.DONE, 4)


def test_a_cancelled_request_stores_no_more(project, rita, child, folders):
    request = ask(project, rita, folders["policy"])
    real = generation._store

    def cancel_first(request, rows, answers):
        asking.cancel_generation(request)
        return real(request, rows, answers)

    generation._store = cancel_first
    try:
        generation.fulfil(request.pk)
    finally:
        generation._store = real
    request.refresh_from_db()
    assert request.state == State.CANCELLED
    assert Completion.objects.count() == 0


def test_a_source_without_a_model_is_refused_in_words(project, rita, child):
    from tests.factories import make_source

    request = asking.request_generation(
        project, source=make_source(project), prompts=[make_prompt(project)], sampling={}, by=rita
    )
    generation.fulfil(request.pk)
    request.refresh_from_db()
    assert request.state == State.FAILED
    assert "is not a model that runs here" in request.error


def test_waiting_scores_are_filled_once(project, rita, child, folders):
    reward = make_checkpoint(project, kind="reward", path=str(folders["reward"]))
    completions = [make_completion(make_prompt(project), f"reply {n}") for n in range(3)]
    scoring.request_scores(checkpoint=reward, completions=completions)
    scorers.fulfil(reward.pk)
    values = list(CompletionScore.objects.order_by("pk").values_list("value", flat=True))
    assert len(values) == 3
    assert len(set(values)) == 3
    scorers.fulfil(reward.pk)
    assert list(CompletionScore.objects.order_by("pk").values_list("value", flat=True)) == values
    assert child.asked == 1


def test_scores_that_cannot_be_made_say_why(project, child, tmp_path):
    reward = make_checkpoint(project, kind="reward", path=str(tmp_path / "gone"))
    scoring.request_scores(checkpoint=reward, completions=[make_completion(make_prompt(project))])
    scorers.fulfil(reward.pk)
    assert "gone" in CompletionScore.objects.get().error


def spec_of(project, home, model, *, method="dpo", **training):
    from tests.factories import make_snapshot

    form, rows = tiny.ROWS[method]
    data = tiny.snapshot(home / "data", {"train": rows(24), "validation": rows(8, 1000)})
    return specs.build(
        uid="check",
        name="dpo-1",
        method=method,
        settings={},
        training={"max_steps": 10, "threads": 1, "max_length": 64} | training,
        snapshot=make_snapshot(project, format=form, **data),
        start=make_checkpoint(project, path=str(model)),
    )


def test_a_check_reads_the_data_and_the_model_and_trains_nothing(project, rita, child, home, folders):
    spec = spec_of(project, home, folders["policy"])
    preflight = preflights.request_preflight(project, by=rita, spec=spec, form={"method": "dpo"})
    preflights.fulfil(preflight.pk)
    preflight.refresh_from_db()
    assert (preflight.state, preflight.error) == (JobState.DONE, "")
    result = preflight.result
    assert result["problems"] == []
    assert result["rows"]["train"] == 24
    assert result["total_steps"] == 10
    shown = result["samples"][0]["tokens"]
    assert {token["mask"] for token in shown} == {0, 1}
    assert result["samples"][0]["ends_with_eos"]
    assert result["estimate"]["total_seconds"] > 0
    preflights.fulfil(preflight.pk)
    assert Preflight.objects.get().state == JobState.DONE


def test_a_check_of_a_model_that_is_gone_says_so(project, rita, child, home, tmp_path):
    spec = spec_of(project, home, tmp_path / "gone")
    preflight = preflights.request_preflight(project, by=rita, spec=spec, form={})
    preflights.fulfil(preflight.pk)
    preflight.refresh_from_db()
    assert preflight.state == JobState.DONE
    assert "gone" in preflight.result["problems"][0]["message"]
