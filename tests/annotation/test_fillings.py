"""Filling a task with completions that are there: counted, grouped, made once, in the background when many."""

import pytest

from annotation.errors import Refused
from annotation.grouping import groupings, groups
from annotation.models import Filling, Item
from annotation.selectors.fillings import Choice, Counted, count
from annotation.services import fillings
from annotation.services.fillings import fill, resume_fillings, start_filling
from tests.factories import make_completion, make_prompt, make_source, make_task
from tests.pages import assert_accessible

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(project):
    """Five prompts of two sets: 0 to 4 completions each, by two sources in turn."""
    project.sources_made = [make_source(project, key=name, name=name) for name in ("model one", "model two")]
    for number in range(5):
        prompt = make_prompt(project, f"Question {number}?", prompt_set="odd" if number % 2 else "even", category="c")
        for place in range(number):
            make_completion(prompt, f"answer {place} of {number}", source=project.sources_made[place % 2])
    return project


def task_of(project, interface):
    return make_task(project, interface=interface, queue=f"task:{interface}", overlap=2)


def sizes(task) -> list[int]:
    return sorted(Item.objects.filter(queue=task.queue).values_list("size", flat=True))


def both(project) -> dict:
    one, two = project.sources_made
    return {"first": one.pk, "second": two.pk}


@pytest.mark.parametrize(
    ("interface", "choice", "counted", "made"),
    [
        ("thumbs", {"grouping": "each"}, Counted(4, 10, 10), [1] * 10),
        ("thumbs", {"grouping": "each", "prompt_set": "odd"}, Counted(2, 4, 4), [1] * 4),
        ("thumbs", {"grouping": "each", "limit": 2}, Counted(4, 10, 7), [1] * 7),
        ("ranking", {"grouping": "all"}, Counted(3, 9, 3), [2, 3, 4]),
        ("pairwise", {"grouping": "pairs"}, Counted(3, 9, 10), [2] * 10),
        ("pairwise", {"grouping": "pairs", "limit": 3}, Counted(3, 9, 7), [2] * 7),
        ("pairwise", {"grouping": "two"}, Counted(3, 9, 7), [2] * 7),
    ],
)
def test_the_count_is_what_is_made(world, rita, interface, choice, counted, made):
    task = task_of(world, interface)
    chosen = Choice(**choice, **(both(world) if choice["grouping"] == "two" else {}))
    assert count(task, chosen) == counted
    filling = start_filling(world, by=rita, task=task, choice=chosen)
    assert (filling.state, filling.expected, filling.made) == ("done", counted.items, len(made))
    assert sizes(task) == made
    assert {item.open_slots for item in Item.objects.filter(queue=task.queue)} == {2}
    for item in Item.objects.filter(queue=task.queue).prefetch_related("entries__completion"):
        assert {entry.completion.prompt_id for entry in item.entries.all()} == {item.prompt_id}


def test_named_sources_stand_first_and_second(world, rita):
    task = task_of(world, "pairwise")
    start_filling(world, by=rita, task=task, choice=Choice("two", **both(world)))
    for item in Item.objects.filter(queue=task.queue):
        sources = [entry.completion.source.name for entry in item.entries.select_related("completion__source")]
        assert sources == ["model one", "model two"]


def test_filling_again_adds_what_is_new_alone(world, rita):
    task = task_of(world, "thumbs")
    start_filling(world, by=rita, task=task, choice=Choice("each"))
    make_completion(make_prompt(world, "New?"), "new", source=world.sources_made[0])
    again = start_filling(world, by=rita, task=task, choice=Choice("each"))
    assert (again.made, again.duplicates) == (1, 10)
    assert Item.objects.filter(queue=task.queue).count() == 11


def test_equal_texts_never_stand_together(project, rita):
    prompt = make_prompt(project)
    for source in ("a", "b", "c"):
        make_completion(prompt, "one" if source == "c" else "same", source=make_source(project, key=source))
    task = task_of(project, "ranking")
    filling = start_filling(project, by=rita, task=task, choice=Choice("all"))
    assert (filling.made, filling.same_text, sizes(task)) == (1, 1, [2])


@pytest.mark.parametrize(
    ("interface", "choice", "path"),
    [
        ("thumbs", {"grouping": "pairs"}, "grouping"),
        ("pairwise", {"grouping": "each"}, "grouping"),
        ("pairwise", {"grouping": "two"}, "first"),
        ("pairwise", {"grouping": "pairs", "sources": (999_999,)}, "sources"),
        ("pairwise", {"grouping": "pairs", "limit": -1}, "limit"),
        ("pairwise", {"grouping": "pairs", "prompt_set": "none"}, "empty"),
        ("chat", {"grouping": "each"}, "task"),
    ],
)
def test_what_does_not_fit_is_refused(world, rita, interface, choice, path):
    with pytest.raises(Refused) as refused:
        start_filling(world, by=rita, task=task_of(world, interface), choice=Choice(**choice))
    assert refused.value.code == path
    assert not Filling.objects.exists()


def test_one_source_is_not_put_against_itself(world, rita):
    one = world.sources_made[0].pk
    with pytest.raises(Refused, match="another source"):
        start_filling(world, by=rita, task=task_of(world, "pairwise"), choice=Choice("two", first=one, second=one))


def test_many_are_made_in_the_background_and_a_killed_attempt_goes_on(world, rita, monkeypatch):
    rung = []
    monkeypatch.setattr(fillings, "FEW", 3)
    monkeypatch.setattr(fillings, "CHUNK", 2)
    monkeypatch.setattr(fillings, "enqueue", lambda name, **ids: rung.append((name, ids)))
    task = task_of(world, "thumbs")
    filling = start_filling(world, by=rita, task=task, choice=Choice("each"))
    assert (filling.state, rung) == ("queued", [("annotation.fill_task", {"filling_id": filling.pk})])
    create, calls = fillings.create_items, []

    def die_at_the_second(*args, **kwargs):
        calls.append(1)
        if len(calls) == 2:
            raise SystemExit
        return create(*args, **kwargs)

    monkeypatch.setattr(fillings, "create_items", die_at_the_second)
    with pytest.raises(SystemExit):
        fill(filling.pk)
    filling.refresh_from_db()
    assert (filling.state, filling.made) == ("filling", 3)
    fill(filling.pk)  # a second delivery while it is thought to run
    assert Item.objects.filter(queue=task.queue).count() == 3
    Filling.objects.update(heartbeat_at=filling.created_at - 2 * fillings.SILENT_AFTER)
    resume_fillings()
    assert len(rung) == 2
    fill(filling.pk)
    filling.refresh_from_db()
    assert (filling.state, filling.made, filling.duplicates) == ("done", 10, 0)
    assert Item.objects.filter(queue=task.queue).count() == 10


def test_groups_that_fit():
    assert groupings(1, 1) == ["each"]
    assert groupings(2, 2) == ["pairs", "two"]
    assert groupings(2, 9) == ["all", "pairs", "two"]
    assert groupings(0, 0) == []
    assert groups("all", list("abc"), 2, 9) == [["a", "b", "c"]]
    assert [len(group) for group in groups("all", list(range(11)), 2, 9)] == [6, 5]


def test_counting_takes_one_query(world, django_assert_num_queries):
    task = task_of(world, "ranking")
    with django_assert_num_queries(1):
        count(task, Choice("all"))


def test_by_page(world, rita, as_user):
    task = task_of(world, "thumbs")
    client, address = as_user(rita), f"/p/wall/tasks/{task.pk}/items/"
    assert "What this gives" in client.get(address).content.decode()
    htmx = {"HX-Request": "true", "HX-Target": "count"}
    part = client.post(f"{address}count/", {"grouping": "each", "prompt_set": "odd"}, headers=htmx).content.decode()
    assert part.lstrip().startswith('<section id="count"')
    assert "<dd>4</dd>" in part
    done = client.post(address, {"grouping": "each"}, follow=True).content.decode()
    assert "10 items added." in done
    again = client.post(address, {"grouping": "each"}, follow=True).content.decode()
    assert "0 items added, 10 were there already." in again
    wrong = client.post(address, {"grouping": "each", "limit": "0"})
    assert wrong.status_code == 422
    assert client.post(address, {"grouping": "pairs"}).status_code == 422


def test_by_api(world, rita, api_as):
    task_of(world, "pairwise")
    client, address = api_as(rita), "/api/projects/wall/fillings/"
    one, two = (str(source.uid) for source in world.sources_made)
    wish = {"queue": "task:pairwise", "grouping": "two", "first": one, "second": two}
    assert client.post(address, wish | {"count_only": True}, format="json").json() == {
        "prompts": 3,
        "completions": 9,
        "items": 7,
    }
    made = client.post(address, wish, format="json")
    assert (made.status_code, made.json()["made"]) == (201, 7)
    assert client.get(f"{address}{made.json()['id']}/").json()["state"] == "done"
    assert client.get(address).json()["count"] == 1
    wrong = client.post(address, wish | {"second": one}, format="json")
    assert (wrong.status_code, wrong.json()["errors"][0]["path"]) == (422, "second")
    assert client.post(address, wish | {"queue": "compare:1"}, format="json").json()["errors"][0]["path"] == "queue"


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_count_follows_the_form(visit, rita, world):
    task = task_of(world, "ranking")
    page = visit(rita, width=390, height=844)
    page.goto(f"/p/wall/tasks/{task.pk}/items/")
    assert_accessible(page)
    page.get_by_label("Every two completions of a prompt").check()
    page.locator("#count dd", has_text="10").wait_for()
    page.get_by_role("button", name="Add them").click()
    page.get_by_text("10 items added.").wait_for()
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
