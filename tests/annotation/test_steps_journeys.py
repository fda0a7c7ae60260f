"""Labelling steps in a real browser: by keyboard alone, by touch, with hostile text, without scripts."""

from uuid import uuid4

import pytest
from playwright.sync_api import expect

from annotation.models import Assignment, Judgment
from annotation.services.items import create_items
from tests.annotation.bench import done, open_task, press, saved, stored
from tests.factories import make_completion, make_prompt, make_task
from tests.pages import assert_accessible
from tests.security.test_hostile import FOUND, HOSTILE

TEXT = "1. Two and two are {0}.\n2. Half of that is two.\n3. So the answer is 2."
browser = pytest.mark.browser


@pytest.fixture
def task_of(project):
    """`task_of(mode)` is a task of four solutions."""

    def made(mode: str, text: str = TEXT):
        task = make_task(project, interface="steps", settings={"mode": mode}, question="Is every step right?")
        prompts = [make_prompt(project, f"Problem {number}?") for number in range(4)]
        rows = [(prompt, [make_completion(prompt, text.format(number))]) for number, prompt in enumerate(prompts)]
        create_items(project, rows=rows, queue=task.queue)
        return task

    return made


@browser
@pytest.mark.django_db(transaction=True)
class TestJourneys:
    def test_by_keyboard_alone(self, visit, bob, task_of):
        page = open_task(visit, bob, task_of("every"))
        press(page, "1", "Enter")
        expect(page.locator("[data-say]")).to_have_text("Step 2 has no label yet.")
        press(page, "2", "Backspace", "1", "3")
        expect(page.locator(".step[data-label=bad]")).to_contain_text("So the answer is 2.")
        assert_accessible(page)
        press(page, "Enter")
        stored(1, value={"labels": [1, 1, -1], "first_error": 2, "ends": [22, 46, 68]})
        expect(page.locator("#toast")).to_contain_text("Solution 1: step 3 is wrong")
        press(page, "0", "Enter")
        stored(2)
        saved(page)
        press(page, "u")  # undone, every label is there again
        expect(page.locator(".step[data-label=good]")).to_have_count(3)
        press(page, "ArrowUp", "2", "Enter")
        stored(1, value__labels=[1, 0, 1])
        done(page, 2)

    def test_a_draft_outlives_the_page(self, visit, bob, task_of):
        page = open_task(visit, bob, task_of("every"))
        press(page, "1", "2")
        page.reload()
        page.wait_for_selector("#vote[data-ready]", state="attached")
        expect(page.locator(".step[data-label=good]")).to_have_count(1)
        expect(page.locator(".step[data-label=neutral]")).to_have_count(1)
        expect(page.locator(".step[aria-current]")).to_contain_text("So the answer")

    def test_the_first_error_takes_one_key(self, visit, bob, task_of):
        page = open_task(visit, bob, task_of("first"))
        press(page, "2")
        stored(1, value={"labels": [1, -1, None], "first_error": 1, "ends": [22, 46, 68]})
        press(page, "0")
        stored(2)
        press(page, "9")
        expect(page.locator("[data-say]")).to_have_text("There are 3 steps.")
        press(page, "ArrowDown", "ArrowDown", "Enter")
        stored(3)
        assert [judgment.value["first_error"] for judgment in Judgment.objects.order_by("pk")] == [1, None, 2]
        press(page, "a")
        expect(page.locator("#answers tbody tr").first).to_contain_text("Step 3 is wrong")
        assert_accessible(page)

    @pytest.mark.parametrize("mode", ["every", "first"])
    def test_by_touch(self, visit, bob, task_of, mode):
        page = open_task(visit, bob, task_of(mode), width=390, height=844, dark=True)
        if mode == "first":
            page.locator(".step-wrong").nth(1).click()
        else:
            for label in ("good", "bad"):
                page.locator(f".step-keys [data-label={label}]").click()
            page.locator("[data-act=send]").click()
        stored(1)
        assert Judgment.objects.get().value["labels"] == [1, -1, None]
        saved(page)
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    def test_hostile_steps_do_nothing(self, visit, bob, task_of):
        task = task_of("every", HOSTILE.replace("{", "{{").replace("}", "}}"))
        page = open_task(visit, bob, task)
        expect(page.locator(".step").first).to_contain_text("evil-mark")
        assert page.evaluate(FOUND) == []
        assert page.evaluate("window.hacked") is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("mode", "said", "labels"),
    [("every", {"steps": 3, "step-0": 1, "step-1": -1}, [1, -1, None]), ("first", {"first_error": "none"}, [1, 1, 1])],
)
def test_the_form_of_a_browser_without_javascript(as_user, bob, task_of, mode, said, labels):
    task = task_of(mode)
    page = f"/p/wall/label/?queue={task.queue}"
    client = as_user(bob)
    assert client.get(page).content.decode().count('form="vote"') > 3
    form = {"queue": task.queue, "token": Assignment.objects.get().token, "submission": uuid4(), **said}
    assert client.post(page, form).status_code == 302
    assert Judgment.objects.get().value["labels"] == labels
