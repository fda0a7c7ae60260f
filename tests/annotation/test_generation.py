"""Asking for completions: rows made once, the worker woken by name after commit, refusals in words."""

import pytest

from alignment_site import celery
from annotation.errors import Refused
from annotation.models import GenerationRequest
from annotation.services import generation
from tests.factories import make_project, make_prompt, make_source

State = GenerationRequest.State


@pytest.fixture
def woken(monkeypatch):
    calls = []
    monkeypatch.setattr(generation, "enqueue", lambda name, **ids: calls.append((name, ids)))
    return calls


@pytest.fixture
def asked(project, alice, woken):
    prompts = [make_prompt(project) for _ in range(3)]
    return generation.request_generation(
        project, source=make_source(project), prompts=prompts, sampling={"temperature": 0.7}, by=alice
    )


def test_a_row_for_each_prompt_and_one_wake_up(asked, woken, alice):
    assert (asked.state, asked.total, asked.done, asked.created_by) == (State.QUEUED, 3, 0, alice)
    assert asked.rows.filter(completion=None).count() == 3
    assert woken == [("training.generate", {"queue": "sample", "request_id": asked.pk})]


def test_a_prompt_named_twice_is_answered_once(project, alice, woken):
    prompt = make_prompt(project)
    request = generation.request_generation(
        project, source=make_source(project), prompts=[prompt, prompt], sampling={}, by=alice
    )
    assert (request.total, request.rows.count()) == (1, 1)


def test_no_prompts_too_many_and_foreign_ones_are_refused(project, alice, woken, monkeypatch):
    source, other = make_source(project), make_project()

    def ask(prompts, source=source):
        generation.request_generation(project, source=source, prompts=prompts, sampling={}, by=alice)

    with pytest.raises(Refused, match="no prompts"):
        ask([])
    with pytest.raises(Refused, match="this project"):
        ask([make_prompt(other)])
    with pytest.raises(Refused, match="this project"):
        ask([make_prompt(project)], make_source(other))
    monkeypatch.setattr(generation, "MOST_PROMPTS", 1)
    with pytest.raises(Refused, match="at most 1"):
        ask([make_prompt(project), make_prompt(project)])
    assert GenerationRequest.objects.count() == 0
    assert woken == []


def test_a_failed_request_can_be_tried_again(asked, woken, bob):
    GenerationRequest.objects.update(state=State.FAILED, error="The model could not be loaded.", worker="w")
    generation.retry_generation(asked, by=bob)
    asked.refresh_from_db()
    assert (asked.state, asked.error, asked.worker) == (State.QUEUED, "", "")
    assert len(woken) == 2


@pytest.mark.parametrize("state", [State.QUEUED, State.RUNNING, State.DONE])
def test_only_a_failed_one_can(asked, bob, state):
    GenerationRequest.objects.update(state=state)
    with pytest.raises(Refused, match="failed or was cancelled"):
        generation.retry_generation(asked, by=bob)


def test_cancelling_ends_what_has_not_ended(asked):
    assert generation.cancel_generation(asked)
    assert GenerationRequest.objects.get().state == State.CANCELLED
    assert not generation.cancel_generation(asked)


def test_the_wake_up_waits_for_the_commit(project, alice, django_capture_on_commit_callbacks, monkeypatch):
    sent = []
    monkeypatch.setattr(celery.app, "signature", lambda *a, **k: sent.append((a, k)) or _Quiet())
    with django_capture_on_commit_callbacks(execute=False) as waiting:
        generation.request_generation(
            project, source=make_source(project), prompts=[make_prompt(project)], sampling={}, by=alice
        )
        assert sent == []
    for callback in waiting:
        callback()
    assert sent[0][0] == ("training.generate",)


class _Quiet:
    def apply_async(self, **options):
        assert options == {"queue": "sample"}
