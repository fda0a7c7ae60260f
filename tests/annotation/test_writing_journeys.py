"""Writing and editing in a real browser: by keyboard alone, by touch, offline drafts, hostile text."""

from uuid import uuid4

import pytest
from playwright.sync_api import expect

from annotation.models import Assignment, Judgment
from annotation.services.items import create_items
from annotation.services.sittings import end_sitting
from tests.annotation.bench import done, open_task, press, saved, stored
from tests.factories import make_completion, make_prompt, make_task
from tests.pages import assert_accessible
from tests.security.test_hostile import FOUND, HOSTILE

browser = pytest.mark.browser


@pytest.fixture
def task_of(project):
    def made(kind: str, text: str = "It  rains in May,\nI think."):
        task = make_task(project, interface=kind, question="What should it say?")
        prompts = [make_prompt(project, f"Question {number}?") for number in range(3)]
        rows = [(prompt, [make_completion(prompt, text)] if kind == "edit" else []) for prompt in prompts]
        create_items(project, rows=rows, queue=task.queue)
        return task

    return made


@browser
@pytest.mark.django_db(transaction=True)
class TestJourneys:
    def test_a_demonstration_by_keyboard_alone(self, visit, bob, task_of):
        page = open_task(visit, bob, task_of("demonstration"))
        press(page, "Control+Enter")
        expect(page.locator("[data-say]")).to_have_text("Nothing is written yet.")
        page.keyboard.type("Rain falls, as 1 says.")  # letters and digits are text here
        expect(page.locator("[data-count]")).to_have_text("5 words")
        saved(page, "Saved")
        page.reload()
        page.wait_for_selector("#vote[data-ready]", state="attached")
        expect(page.locator("#reply")).to_have_value("Rain falls, as 1 says.")
        assert_accessible(page)
        press(page, "Control+Enter")
        stored(1, value={"text": "Rain falls, as 1 says."})
        expect(page.locator("#toast")).to_contain_text("Answer 1: 5 words")
        press(page, "Escape", "u")
        expect(page.locator("#reply")).to_have_value("Rain falls, as 1 says.")
        page.keyboard.type(" Yes.")
        press(page, "Control+Enter")
        stored(1, value={"text": "Rain falls, as 1 says. Yes."})
        done(page, 1)

    def test_an_edit_by_keyboard_alone(self, visit, bob, as_user, rita, task_of, project):
        task = task_of("edit")
        page = open_task(visit, bob, task)
        press(page, "Control+Enter")
        expect(page.locator("[data-say]")).to_contain_text("Nothing was changed.")
        press(page, "Control+Home")
        page.keyboard.type("Often ")
        expect(page.locator(".changes ins")).to_have_text("Often ")
        press(page, "Control+End", "Backspace", "Backspace", "Backspace", "Backspace", "Backspace", "Backspace")
        expect(page.locator(".changes del")).to_contain_text("think.")
        expect(page.locator("[data-changed]")).to_have_text("1 out, 1 in")
        assert_accessible(page)
        press(page, "Control+Enter")
        stored(1, value={"text": "Often It  rains in May,\nI"})
        saved(page)
        end_sitting(project, by=bob, queue=task.queue)
        item = Judgment.objects.get().item
        record = as_user(rita).get(f"/p/wall/data/items/{item.pk}/").content.decode()
        assert "<ins>Often </ins>" in record
        assert "Edited to 6 words" in record

    @pytest.mark.parametrize("kind", ["demonstration", "edit"])
    def test_by_touch(self, visit, bob, task_of, kind):
        page = open_task(visit, bob, task_of(kind), width=390, height=844, dark=True)
        page.locator("#reply").fill("Written by thumb.")
        page.locator("[data-act=send]").click()
        stored(1, value={"text": "Written by thumb."})
        saved(page)
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    def test_hostile_text_does_nothing(self, visit, bob, task_of):
        page = open_task(visit, bob, task_of("edit", HOSTILE))
        page.locator("#reply").fill(HOSTILE + " <b>more</b>")
        expect(page.locator(".changes ins")).to_contain_text("<b>more</b>")
        assert page.evaluate(FOUND) == []
        assert page.evaluate("window.hacked") is None


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["demonstration", "edit"])
def test_the_form_of_a_browser_without_javascript(as_user, bob, task_of, kind):
    task = task_of(kind)
    page = f"/p/wall/label/?queue={task.queue}"
    client = as_user(bob)
    assert 'form="vote"' in client.get(page).content.decode()
    form = {"queue": task.queue, "token": Assignment.objects.get().token, "submission": uuid4(), "text": "It shines."}
    assert client.post(page, form | {"text": ""}).status_code == 422
    assert client.post(page, form | {"submission": uuid4()}).status_code == 302
    assert Judgment.objects.get().value == {"text": "It shines."}
