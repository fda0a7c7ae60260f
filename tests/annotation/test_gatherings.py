"""Generating more responses: requests by source and try, items when all are there, what happens when some are not."""

import pytest
from django.urls import reverse

from annotation import listening
from annotation.errors import Refused
from annotation.models import Endpoint, Gathering, GenerationRequest, Item
from annotation.services import endpoint_answers, gatherings, generation
from tests.factories import make_endpoint, make_prompt, make_source, make_task

State = GenerationRequest.State


@pytest.fixture
def woken(monkeypatch, home):
    calls = []
    monkeypatch.setattr(generation, "enqueue", lambda name, **ids: calls.append((name, ids)))
    return calls


@pytest.fixture
def endpoint(project, endpoint_server):
    """Answers another text for each seed."""
    from tests import endpoint_server as behaviours

    def seeded(call, body):
        body["messages"] = [{"content": f"{body['messages'][-1]['content']} {body['seed']}"}]
        behaviours.steady(call, body)

    behaviours.BEHAVIOURS["seeded"] = seeded
    yield make_endpoint(project, base_url=endpoint_server.base_url, model="seeded", name="House")
    del behaviours.BEHAVIOURS["seeded"]


@pytest.fixture
def asked(project, alice, endpoint, woken):
    def make(*, prompts=2, each=2, **fields):
        rows = [make_prompt(project, f"question {number}") for number in range(prompts)]
        return gatherings.gather(
            project, by=alice, sources=[endpoint.source], prompts=rows, each=each, sampling={"seed": 5}, **fields
        )

    return make


def answer_all(gathering):
    for request in gathering.requests.order_by("pk"):
        endpoint_answers.fulfil(request.pk)
    gathering.refresh_from_db()
    return gathering


def test_a_request_for_every_source_and_try(project, alice, endpoint, woken):
    model = make_source(project, kind="model", key="checkpoint:1", name="model")
    prompt = make_prompt(project)
    made = gatherings.gather(
        project, by=alice, sources=[endpoint.source, model], prompts=[prompt], each=2, sampling={"temperature": 1.0}
    )
    requests = list(made.requests.order_by("pk"))
    assert [row.source for row in requests] == [endpoint.source, endpoint.source, model, model]
    seeds = [row.sampling["seed"] for row in requests]
    assert seeds[0] + 1 == seeds[1]
    assert [name for name, _ in woken] == ["annotation.answer"] * 2 + ["training.generate"] * 2


def test_pairs_when_all_are_there_and_once(project, asked):
    task = make_task(project, title="More", overlap=2)
    made = asked(task=task)
    first, second = made.requests.order_by("pk")
    endpoint_answers.fulfil(first.pk)
    assert Item.objects.count() == 0
    endpoint_answers.fulfil(second.pk)
    made.refresh_from_db()
    assert (made.item_count, made.settled_at is not None) == (2, True)
    item = Item.objects.filter(queue=task.queue, overlap=2, interface="pairwise").first()
    assert [entry.completion.text for entry in item.entries.all()] == [
        "You said: question 0 5", "You said: question 0 6",
    ]  # fmt: skip
    gatherings.settle_with(second)
    assert Item.objects.count() == 2


def test_without_a_task_the_answers_stand_beside_the_prompts(asked):
    made = answer_all(asked(each=1))
    assert (made.item_count, made.settled_at is not None) == (0, True)


def test_two_equal_texts_make_no_pair(project, asked, endpoint):
    Endpoint.objects.update(model="steady")
    made = answer_all(asked(task=make_task(project)))
    assert (made.item_count, Item.objects.count()) == (0, 0)


def test_what_fails_holds_the_items_back_until_it_came_or_somebody_decides(project, alice, asked, endpoint_server):
    made = asked(task=make_task(project), each=3)
    first, second, third = made.requests.order_by("pk")
    for request in (first, second):
        endpoint_answers.fulfil(request.pk)
    Endpoint.objects.update(model="denied")
    endpoint_answers.fulfil(third.pk)
    made.refresh_from_db()
    assert (made.settled_at, Item.objects.count()) == (None, 0)
    assert gatherings.settle_now(made) == 2
    with pytest.raises(Refused, match="already"):
        gatherings.settle_now(made)


def test_what_cannot_be_asked_is_said(project, alice, endpoint, woken):
    def ask(**fields):
        wish = {"sources": [endpoint.source], "prompts": [make_prompt(project)], "each": 2, "sampling": {}}
        gatherings.gather(project, by=alice, **wish | fields)

    with pytest.raises(Refused, match="at least one model"):
        ask(sources=[])
    with pytest.raises(Refused, match="1 to 8"):
        ask(each=9)
    with pytest.raises(Refused, match="no prompts"):
        ask(prompts=[])
    with pytest.raises(Refused, match="takes 2 responses to an item; 1 will come"):
        ask(each=1, task=make_task(project))
    with pytest.raises(Refused, match="takes prompts and no responses"):
        ask(task=make_task(project, interface="chat"))
    assert Gathering.objects.count() == 0


def new(project, query=""):
    return reverse("annotation:gathering-new", args=[project.slug]) + query


def test_from_the_page_to_items(project, alice, rita, as_user, endpoint, home, django_capture_on_commit_callbacks):
    for number in range(3):
        make_prompt(project, f"question {number}", prompt_set="some")
    task = make_task(project, title="More pairs")
    form = {
        "sources": [endpoint.source.pk], "prompt_set": "some", "count": 2, "each": 2, "temperature": 1,
        "max_new_tokens": 20, "task": task.pk,
    }  # fmt: skip
    with django_capture_on_commit_callbacks(execute=True):
        response = as_user(rita).post(new(project), form)
    assert response.status_code == 302
    said = as_user(rita).get(response.url).content.decode()
    assert "4 of 4 responses" in said
    assert "2 items in" in said
    assert "You said: question 0" in said
    assert "More pairs" in as_user(rita).get(new(project)).content.decode()


def test_for_one_prompt(project, rita, as_user, endpoint, home, django_capture_on_commit_callbacks):
    prompt = make_prompt(project, "only this")
    assert "only this" in as_user(rita).get(new(project, f"?prompt={prompt.pk}")).content.decode()
    form = {"sources": [endpoint.source.pk], "each": 1, "temperature": 1, "max_new_tokens": 20}
    with django_capture_on_commit_callbacks(execute=True):
        as_user(rita).post(new(project, f"?prompt={prompt.pk}"), form)
    assert prompt.completions.get().source == endpoint.source
    assert as_user(rita).get(new(project, "?prompt=999999")).status_code == 404


def test_a_wrong_form_says_what(project, rita, as_user, endpoint):
    response = as_user(rita).post(new(project), {"each": 20, "temperature": 1, "max_new_tokens": 5, "count": 1})
    assert response.status_code == 422
    assert "Choose at least one model" in response.content.decode()


def test_without_models_the_page_says_what_to_do(project, rita, as_user):
    assert "No model here answers yet" in as_user(rita).get(new(project)).content.decode()


def test_nobody_listening_is_said_and_cancel_and_retry_work(project, rita, as_user, asked, woken, monkeypatch):
    made = asked()
    page = reverse("annotation:gathering", args=[project.slug, made.pk])
    monkeypatch.setattr(listening, "_look", [lambda queue: listening.Silence(f"Nobody works on {queue}", "Start one.")])
    monkeypatch.setattr("annotation.selectors.gatherings.SAID_AFTER", -made.created_at.resolution)
    assert "Nobody works on sample" in as_user(rita).get(page).content.decode()
    as_user(rita).post(f"{page}cancel/")
    said = as_user(rita).get(page).content.decode()
    assert "Cancelled" in said
    assert "Nobody works" not in said
    before = len(woken)
    as_user(rita).post(f"{page}retry/")
    assert len(woken) == before + 2
    assert answer_all(made).settled_at


def test_a_failure_names_the_model_and_the_reason(project, rita, as_user, asked):
    made = asked()
    Endpoint.objects.update(model="denied")
    answer_all(made)
    said = as_user(rita).get(reverse("annotation:gathering", args=[project.slug, made.pk])).content.decode()
    assert "Failed in part" in said
    assert "refuses the key" in said
    assert "Ask again for what is missing" in said


def test_by_api(project, rita, api_as, endpoint, home, django_capture_on_commit_callbacks):
    api, here = api_as(rita), f"/api/projects/{project.slug}/"
    [source] = api.get(f"{here}live-sources/").json()
    assert source == {"source": str(endpoint.source.uid), "kind": "endpoint", "name": "House, an endpoint"}
    task = make_task(project, title="More pairs")
    make_prompt(project, "question", prompt_set="some")
    wish = {"sources": [source["source"]], "prompt_set": "some", "each": 2, "task": task.pk}
    with django_capture_on_commit_callbacks(execute=True):
        made = api.post(f"{here}gatherings/", wish, format="json")
    assert made.status_code == 202, made.json()
    told = api.get(f"{here}gatherings/{made.json()['id']}/").json()
    assert (told["done"], told["total"], told["going"], told["item_count"]) == (2, 2, False, 1)
    assert api.delete(f"{here}gatherings/{told['id']}/").status_code == 200
    wrong = api.post(f"{here}gatherings/", wish | {"sources": [str(project.first_task.pk).zfill(32)]}, format="json")
    assert wrong.status_code == 400
    assert wrong.json()["errors"][0]["path"] == "sources"
