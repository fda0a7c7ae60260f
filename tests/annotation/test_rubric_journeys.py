"""Scoring by a rubric in a real browser: keyboard alone, touch, drafts, undo, a lost connection, axe in both themes."""

import pytest
from playwright.sync_api import expect

from annotation.models import Judgment, RubricScore, RubricVersion
from annotation.services.rubric_tasks import ask_people
from tests.annotation.bench import done, press, ready, saved, stored
from tests.factories import make_completion, make_prompt, make_rubric
from tests.pages import assert_accessible

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def version(project):
    return make_rubric(
        project,
        {"name": "", "items": [{"text": "It is true."}, {"text": "It is kind."}]},
        name="House",
    )


@pytest.fixture
def task(project, version, rita):
    """Four prompts, each with two answers."""
    completions = []
    for number in range(4):
        prompt = make_prompt(project, f"Question {number}?")
        completions += [make_completion(prompt, f"{word} of {number}") for word in ("first", "second")]
    return ask_people(project, by=rita, version=version, completions=completions)[0]


def opened(visit, user, task, **options):
    page = visit(user, **options)
    page.goto(f"/p/wall/label/?queue={task.queue}")
    ready(page)
    return page


@pytest.fixture
def bench(visit, bob, task):
    return opened(visit, bob, task)


def gauge(page, place: int):
    return page.locator("[data-part]").nth(place)


def test_scoring_by_keyboard_alone(bench, version):
    question = bench.locator(".turn[data-last] .prose").inner_text()
    expect(bench.locator("#rubric-status")).to_have_text("0 of 8 set")
    press(bench, *"5443", "ArrowUp", "ArrowLeft")  # the last confidence a little lower
    expect(gauge(bench, 3)).to_have_attribute("aria-valuetext", "0.45")
    press(bench, "r")
    bench.keyboard.type("because 1 runs")
    press(bench, "Escape")
    expect(gauge(bench, 3)).to_be_focused()
    press(bench, "Enter")
    expect(bench.locator("#rubric-status")).to_contain_text("4 still to set")
    expect(gauge(bench, 4)).to_be_focused()
    press(bench, *"1525")
    expect(bench.locator("#rubric-status")).to_have_text("Everything is set: send it.")
    press(bench, "Enter")
    expect(bench.locator(".turn[data-last] .prose")).not_to_have_text(question)
    stored(1)
    done(bench, 1)
    judgment = Judgment.objects.get()
    assert judgment.item.prompt.messages[0]["content"] == question
    first, second = (judgment.shown_value["sheets"][place] for place in (0, 1))
    assert [(entry["score"], entry["confidence"]) for entry in first.values()] == [(1.0, 0.75), (0.75, 0.45)]
    assert [entry["reason"] for entry in first.values()] == ["", "because 1 runs"]
    assert [(entry["score"], entry["confidence"]) for entry in second.values()] == [(0.0, 1.0), (0.25, 1.0)]
    left = judgment.item.entries.all()[judgment.shown_order[0]].completion
    assert set(RubricScore.objects.filter(completion=left).values_list("score", flat=True)) == {1.0, 0.75}
    assert judgment.active_ms is not None


def test_everything_by_keyboard_to_the_end(bench, task):
    for number in range(4):
        press(bench, *"5" * 8, "Enter")
        stored(number + 1)
    expect(bench.locator("h2", has_text="Nothing to label just now")).to_be_visible()
    saved(bench)
    assert RubricScore.objects.filter(scorer="person").count() == 16


def test_a_half_scored_item_is_kept(bench, visit, bob, task):
    press(bench, *"321")
    bench.locator("[data-why]").first.click()
    bench.keyboard.type("not sure")
    press(bench, "Escape")
    saved(bench)
    question = bench.locator(".turn[data-last] .prose").inner_text()
    bench.reload()
    ready(bench)
    expect(bench.locator(".turn[data-last] .prose")).to_have_text(question)
    expect(bench.locator("#rubric-status")).to_have_text("3 of 8 set")
    expect(gauge(bench, 0)).to_have_attribute("aria-valuetext", "0.5")
    expect(bench.locator("textarea").first).to_have_value("not sure")
    other = opened(visit, bob, task)  # another browser: the draft came from the server
    expect(other.locator("#rubric-status")).to_have_text("3 of 8 set")


def test_undo_brings_the_scores_back_and_a_change_replaces_them(bench):
    press(bench, *"54321123", "Enter")
    stored(1)
    press(bench, "u")
    expect(bench.locator("#rubric-status")).to_have_text("Everything is set: send it.")
    expect(gauge(bench, 1)).to_have_attribute("aria-valuetext", "0.75")
    stored(0)
    press(bench, "Enter")
    stored(1)
    saved(bench)
    press(bench, "a")
    expect(bench.locator("#answers-list")).to_contain_text("A ")
    bench.locator("[data-change]").first.click()
    expect(gauge(bench, 0)).to_have_attribute("aria-valuetext", "1")
    press(bench, "1", "Enter")
    saved(bench)
    stored(1, revision=4)
    assert Judgment.objects.get().shown_value["sheets"][0].popitem() is not None
    assert RubricScore.objects.count() == 4


def test_scores_given_without_a_connection_are_sent_later_once(bench):
    bench.expected.append("ERR_INTERNET_DISCONNECTED")
    bench.context.set_offline(True)
    press(bench, *"55555555", "Enter")
    done(bench, 1)
    press(bench, *"44444444", "Enter")
    done(bench, 2)
    assert Judgment.objects.count() == 0
    bench.context.set_offline(False)
    stored(2)
    saved(bench)
    assert RubricScore.objects.count() == 8


def test_skipping_and_flagging_score_nothing(bench):
    press(bench, "s", "1")
    stored(1, outcome="skip")
    expect(bench.locator("#rubric-status")).to_have_text("0 of 8 set")
    assert not RubricScore.objects.exists()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_by_touch_on_a_phone(visit, bob, task, dark):
    page = opened(visit, bob, task, width=390, height=844, dark=dark, touch=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert_accessible(page)
    cells = page.locator(".gauge")
    for place in range(cells.count()):
        cells.nth(place).locator(".gauge-cell").nth(3).tap()
    box = page.locator(".gauge-cell").first.bounding_box()
    assert box["height"] >= 44
    page.locator("[data-why]").first.tap()
    page.locator(".rubric-why textarea").first.fill("fine")
    expect(page.locator("#rubric-status")).to_have_text("Everything is set: send it.")
    assert_accessible(page)
    page.locator("[data-act=send]").tap()
    stored(1)
    assert set(RubricScore.objects.values_list("score", "confidence")) == {(0.75, 0.75)}


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_a_rubric_from_nothing_to_what_changed(visit, rita, project, dark):
    prompt = make_prompt(project, "2 + 3?", reference="5")
    make_completion(prompt, "5")
    page = visit(rita, dark=dark)
    page.expected.append("422")
    page.goto("/p/wall/rubrics/")
    assert_accessible(page)
    page.get_by_role("link", name="Write a rubric").click()
    page.get_by_label("Name").fill("House")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Add an item").click()
    expect(page.locator("#c0-i1-text")).to_be_focused()
    page.keyboard.type("The number is right.")
    page.locator("#c0-i1-kind").select_option("verifiable")
    expect(page.locator("#c0-i1-verifier")).to_be_visible()
    page.locator("#c0-i1-verifier").select_option("gsm8k")
    expect(page.get_by_text("Count the sign of whole numbers too.").locator("visible=true")).to_have_count(1)
    page.locator("#c0-i1-weight").fill("3")
    expect(page.locator("[data-sum] output")).to_have_text("4")
    page.get_by_role("button", name="Normalise the weights").click()
    expect(page.locator("#c0-i1-weight")).to_have_value("0.75")
    expect(page.locator("[data-sum] output")).to_have_text("1")
    assert_accessible(page)
    page.locator("#c0-i0-weight").fill("0.5")
    page.get_by_role("button", name="Publish version 2").last.click()
    expect(page.get_by_role("alert")).to_contain_text("The weights sum to 1.25")
    assert_accessible(page)
    page.locator("#c0-i0-weight").fill("0.25")
    page.get_by_role("button", name="Publish version 2").last.click()
    expect(page.locator("h1")).to_have_text("House")
    assert RubricVersion.objects.count() == 2
    assert_accessible(page)
    for link in ("What changed", "Review items", "Try it on answers"):
        page.get_by_role("link", name=link).first.click()
        assert_accessible(page)
        page.go_back()
    page.get_by_role("link", name="Try it on answers").click()
    page.get_by_role("button", name="Draw the sample").click()
    expect(page.locator("h1")).to_contain_text("Trial")
    assert_accessible(page)
