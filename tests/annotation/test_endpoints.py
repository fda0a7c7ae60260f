"""Endpoints of a project: added, tried, asked in bulk, retired; what fails says why and keeps what came."""

import pytest
from django.urls import reverse

from annotation import listening
from annotation.errors import Refused
from annotation.models import Completion, Endpoint, GenerationRequest, Source
from annotation.selectors.generations import partial_answers, stream_path
from annotation.services import endpoint_answers, endpoints, generation
from tests.endpoint_server import KEY
from tests.factories import make_endpoint, make_prompt

State = GenerationRequest.State


@pytest.fixture
def added(project, alice, endpoint_server):
    def make(model="steady", **fields):
        return endpoints.add_endpoint(
            project, by=alice, name=fields.pop("name", model), base_url=endpoint_server.base_url, model=model, **fields
        )

    return make


@pytest.fixture
def woken(monkeypatch):
    calls = []
    for module in (generation, endpoints):
        monkeypatch.setattr(module, "enqueue", lambda name, **ids: calls.append((name, ids)))
    return calls


@pytest.fixture
def ask(project, alice, home, woken):
    """`ask(endpoint, prompts=3)`: a request as a worker leaves it."""

    def make(endpoint, prompts=1, *, stream=False, **sampling):
        rows = [make_prompt(project, f"question {number}") for number in range(prompts)]
        request = generation.request_generation(
            project, source=endpoint.source, prompts=rows, sampling=sampling, by=alice, stream=stream
        )
        endpoint_answers.fulfil(request.pk)
        request.refresh_from_db()
        return request

    return make


def test_an_endpoint_has_a_source_of_its_own(added):
    endpoint = added()
    assert endpoint.source.kind == Source.Kind.ENDPOINT
    assert endpoint.source.key.startswith("endpoint:")


def test_what_cannot_be_added_says_where(project, alice, added):
    added(name="taken")
    with pytest.raises(Refused) as refused:
        endpoints.add_endpoint(
            project, by=alice, name="taken", base_url="http://10.0.0.5/v1", model="m", key_name="sk-secret"
        )
    assert [row["path"] for row in refused.value.problems] == ["base_url", "key_name", "name"]
    assert Endpoint.objects.count() == Source.objects.count() == 1


def test_a_trial_says_how_long_it_took(added, woken):
    endpoint = added()
    endpoints.request_trial(endpoint)
    assert woken == [("annotation.try_endpoint", {"queue": "sample", "endpoint_id": endpoint.pk})]
    endpoints.try_endpoint(endpoint.pk)
    endpoint.refresh_from_db()
    assert endpoint.trial_seconds > 0
    assert (endpoint.trial_error, endpoint.trial_asked_at) == ("", None)


def test_a_trial_that_fails_says_why(added, woken, endpoint_server, monkeypatch):
    host = endpoint_server.host.split(":")[0]
    monkeypatch.setenv("PLUMBLINE_ENDPOINT_KEY_MAIN", f"{host} {KEY}")
    endpoint = added("denied", key_name="MAIN")
    endpoints.request_trial(endpoint)
    endpoints.try_endpoint(endpoint.pk)
    endpoint.refresh_from_db()
    assert endpoint_server.keys == [f"Bearer {KEY}"]
    assert "refuses the key" in endpoint.trial_error
    assert KEY not in endpoint.trial_error
    assert endpoint.trial_seconds is None


def test_a_second_delivery_of_a_trial_asks_nobody(added, woken, endpoint_server):
    endpoint = added()
    endpoints.request_trial(endpoint)
    endpoints.try_endpoint(endpoint.pk)
    endpoints.try_endpoint(endpoint.pk)
    assert len(endpoint_server.asked) == 1


def test_trials_are_rung_for_again(added, woken):
    endpoint = added()
    endpoints.request_trial(endpoint)
    endpoints.resume_trials()
    assert len(woken) == 2


def test_answers_to_every_prompt(added, ask):
    request = ask(added(), 6, temperature=0.5, max_new_tokens=3, seed=4)
    assert (request.state, request.done, request.error) == (State.DONE, 6, "")
    completion = request.rows.get(prompt__messages__0__content="question 4").completion
    assert completion.text == "You said: question"
    assert completion.source == request.source
    assert {name: completion.sampling[name] for name in ("temperature", "seed", "terminated")} == {
        "temperature": 0.5, "seed": 4, "terminated": False,
    }  # fmt: skip


def test_the_endpoints_own_settings_are_the_defaults(added, ask, endpoint_server):
    ask(added(defaults={"temperature": 0.2, "max_new_tokens": 9}), temperature=0.9)
    assert (endpoint_server.asked[0]["temperature"], endpoint_server.asked[0]["max_tokens"]) == (0.9, 9)


def test_a_second_delivery_answers_nothing_again(added, ask, endpoint_server):
    request = ask(added(), 2)
    endpoint_answers.fulfil(request.pk)
    assert len(endpoint_server.asked) == 2


def test_one_prompt_that_is_refused_leaves_the_others_answered(added, ask, endpoint_server, monkeypatch):
    from tests import endpoint_server as behaviours

    def moody(call, body):
        picky = "question 2" in body["messages"][-1]["content"]
        behaviours.BEHAVIOURS["picky" if picky else "steady"](call, body)

    monkeypatch.setitem(behaviours.BEHAVIOURS, "moody", moody)
    request = ask(added("moody"), 5)
    assert (request.state, request.done) == (State.FAILED, 4)
    assert "1 prompt had no answer" in request.error
    assert "breaks our rules" in request.error


def test_trying_again_asks_only_for_what_is_missing(added, ask, endpoint_server, alice):
    request = ask(added("picky"), 1)
    assert (request.state, request.done) == (State.FAILED, 0)
    Endpoint.objects.update(model="steady")
    generation.retry_generation(request, by=alice)
    endpoint_answers.fulfil(request.pk)
    request.refresh_from_db()
    assert (request.state, request.done, request.error) == (State.DONE, 1, "")


def test_what_all_would_meet_ends_it_at_once(added, ask, endpoint_server):
    request = ask(added("denied", parallel=1), 40)
    assert request.state == State.FAILED
    assert "refuses the key" in request.error
    assert len(endpoint_server.asked) < 10


def test_a_cancelled_request_takes_no_more_answers(added, project, alice, home, woken, endpoint_server, monkeypatch):
    """Cancelled while the first word is there: nothing is stored and the worker is free."""
    request = generation.request_generation(
        project, source=added("slow").source, prompts=[make_prompt(project)], sampling={}, by=alice
    )
    monkeypatch.setattr(endpoint_answers, "BEAT_SECONDS", 0.01)
    monkeypatch.setattr(
        endpoint_answers, "_store", cancelling(endpoint_answers._store, lambda: generation.cancel_generation(request))
    )
    endpoint_answers.fulfil(request.pk)
    endpoint_server.go.set()
    request.refresh_from_db()
    assert (request.state, request.done) == (State.CANCELLED, 0)
    assert Completion.objects.count() == 0


def cancelling(store, cancel):
    def stored(*arguments):
        cancel()
        return store(*arguments)

    return stored


def test_streamed_answers_can_be_read_on_their_way(added, ask, endpoint_server):
    """Half an answer that broke off stays readable until it is asked for again."""
    request = ask(added("half"), stream=True)
    assert request.state == State.FAILED
    assert "broke off" in request.error
    [partial] = partial_answers(request).values()
    assert (partial.text, partial.ended) == ("You said:", False)


def test_the_stream_goes_when_the_answers_are_stored(added, ask, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        request = ask(added(), stream=True)
    assert request.state == State.DONE
    assert partial_answers(request) == {}
    assert not stream_path(request).parent.exists()


def test_a_mistake_of_our_own_ends_the_request_instead_of_coming_back_for_ever(added, ask, monkeypatch):
    monkeypatch.setattr(endpoint_answers, "_one", lambda *_arguments: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        ask(added())
    request = GenerationRequest.objects.get()
    assert (request.state, request.error) == (
        State.FAILED, "The site made a mistake while asking; the details are in its log.",
    )  # fmt: skip


def test_what_no_database_can_hold_is_stored_all_the_same(added, ask):
    request = ask(added("odd"), stream=True)
    assert request.state == State.DONE
    assert request.rows.get().completion.text.startswith("half \N{REPLACEMENT CHARACTER}")


def test_a_retired_endpoint_is_not_asked(added, ask, project, alice, endpoint_server, woken):
    endpoint = added()
    waiting = generation.request_generation(
        project, source=endpoint.source, prompts=[make_prompt(project)], sampling={}, by=alice
    )
    endpoints.retire_endpoint(endpoint, by=alice)
    waiting.refresh_from_db()
    assert waiting.state == State.CANCELLED
    with pytest.raises(Refused, match="retired"):
        ask(endpoint)
    with pytest.raises(Refused, match="retired"):
        endpoints.request_trial(endpoint)
    assert added().name == endpoint.name  # its name is free again
    assert endpoint_server.asked == []


def page(project):
    return reverse("annotation:endpoints", args=[project.slug])


def test_adding_one_on_the_page_tries_it(project, alice, as_user, endpoint_server, django_capture_on_commit_callbacks):
    form = {
        "name": "House",
        "base_url": endpoint_server.base_url,
        "model": "steady",
        "timeout_seconds": 5,
        "parallel": 2,
    }
    with django_capture_on_commit_callbacks(execute=True):
        assert as_user(alice).post(page(project), form).status_code == 302
    assert "Answers in" in as_user(alice).get(page(project)).content.decode()


def test_a_wrong_form_says_what_and_keeps_what_was_typed(project, alice, as_user):
    form = {"name": "House", "base_url": "http://api.example.org/v1", "model": "m", "timeout_seconds": 1, "parallel": 2}
    response = as_user(alice).post(page(project), form)
    assert response.status_code == 422
    form["timeout_seconds"] = 5
    response = as_user(alice).post(page(project), form)
    said = response.content.decode()
    assert response.status_code == 422
    assert "Unencrypted http://" in said
    assert 'value="http://api.example.org/v1"' in said
    assert Endpoint.objects.count() == 0


def test_nobody_listening_is_said_while_a_trial_waits(project, alice, as_user, woken, monkeypatch, time_machine_back):
    endpoint = make_endpoint(project)
    endpoints.request_trial(endpoint)
    monkeypatch.setattr(listening, "_look", [lambda queue: listening.Silence(f"Nobody works on {queue}", "Start one.")])
    assert "Nobody works on sample" not in as_user(alice).get(page(project)).content.decode()
    time_machine_back(endpoint, seconds=4)
    said = as_user(alice).get(page(project)).content.decode()
    assert "Nobody works on sample" in said
    assert "waiting for an answer" in said


@pytest.fixture
def time_machine_back():
    """Let a trial have been asked for a while ago."""
    from datetime import timedelta

    from django.utils import timezone

    def back(endpoint, *, seconds):
        when = timezone.now() - timedelta(seconds=seconds)
        Endpoint.objects.filter(pk=endpoint.pk).update(trial_asked_at=when)

    return back


def test_a_researcher_sees_them_and_cannot_change_them(project, rita, as_user):
    endpoint = make_endpoint(project, key_name="MAIN")
    said = as_user(rita).get(page(project)).content.decode()
    assert endpoint.name in said
    assert "Add the endpoint" not in said
    assert "Retire" not in said


def test_by_api(project, alice, rita, api_as, endpoint_server, django_capture_on_commit_callbacks):
    address = f"/api/projects/{project.slug}/endpoints/"
    row = {"name": "House", "base_url": endpoint_server.base_url, "model": "steady", "defaults": {"temperature": 0.3}}
    made = api_as(alice).post(address, row, format="json")
    assert made.status_code == 201
    assert made.json()["defaults"] == {"temperature": 0.3}
    with django_capture_on_commit_callbacks(execute=True):
        assert api_as(alice).post(f"{address}{made.json()['id']}/trial/").json()["trying"] is True
    read = api_as(rita).get(f"{address}{made.json()['id']}/").json()
    assert (read["trying"], read["trial_error"]) == (False, "")
    prompt = make_prompt(project, "hello")
    with django_capture_on_commit_callbacks(execute=True):
        asked = api_as(rita).post(
            f"/api/projects/{project.slug}/generations/",
            {"endpoint": read["id"], "prompts": [prompt.pk]},
            format="json",
        )
    assert asked.status_code == 202
    answers = api_as(rita).get(f"/api/projects/{project.slug}/generations/{asked.json()['id']}/answers/").json()
    assert answers["results"] == [{"prompt": prompt.pk, "text": "You said: hello"}]
    assert api_as(alice).delete(f"{address}{made.json()['id']}/").json()["retired_at"]
    wrong = api_as(alice).post(address, row | {"base_url": "https://10.0.0.5/v1"}, format="json")
    assert (wrong.status_code, wrong.json()["errors"][0]["path"]) == (422, "base_url")
