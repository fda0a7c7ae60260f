"""Ranking, thumbs and ratings in a real browser: by keyboard, pointer and touch, without a script, with axe."""

import pytest
from playwright.sync_api import expect

from annotation.models import ItemCompletion, Judgment, Project, Sitting
from annotation.services.items import create_items
from tests.annotation.bench import press, ready, saved, stored
from tests.factories import make_completion, make_prompt, make_task
from tests.pages import assert_accessible

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
HOSTILE = """<script>alert(1)</script> <img src=x onerror="alert(2)"> [x](javascript:alert(3))
<form id="vote" action="https://evil.example"><input name=rank-1></form>
<button data-rank="1" data-order="none">x</button>"""


def work(project: Project, interface: str, count: int = 6, size: int = 1, **fields):
    """A task with `count` items of `size` completions whose texts say which they are."""
    task = make_task(project, interface=interface, queue=f"task:{interface}", title=interface.capitalize(), **fields)
    rows = []
    for number in range(count):
        prompt = make_prompt(project, f"Question {number}?")
        rows.append((prompt, [make_completion(prompt, f"answer {place} of {number}") for place in range(size)]))
    create_items(project, rows=rows, queue=task.queue)
    return task


def open_way(visit, user, task, **options):
    page = visit(user, **options)
    page.goto(f"/p/wall/label/?queue={task.queue}")
    ready(page)
    return page


def asked(page) -> str:
    return page.locator(".turn[data-last] .prose").inner_text()


def texts(page) -> list[str]:
    return page.locator(".sheets .side .prose").all_inner_texts()


def next_after(page, question: str):
    expect(page.locator(".turn[data-last] .prose")).not_to_have_text(question)


def true_ranks(row: Judgment) -> dict[str, int]:
    entries = ItemCompletion.objects.filter(item=row.item).select_related("completion")
    return {entry.completion.text: row.value["ranks"][entry.index] for entry in entries}


def test_rankings_by_keyboard_alone(visit, bob, project):
    page = open_way(visit, bob, work(project, "ranking", size=4))
    said = []
    for keys, ranks in (
        (["3", "1", "4"], [2, 4, 1, 3]),  # the last one follows by itself
        (["2", "=", "4", "1"], [3, 1, 4, 1]),
        (["1", "2", "3", "="], [1, 2, 3, 3]),
        (["1", "2", "Backspace", "4", "1", "1", "2"], [2, 3, 4, 1]),  # taken back; named again, taken out
    ):
        question, shown = asked(page), texts(page)
        press(page, *keys, "Enter")
        next_after(page, question)
        said.append((question, dict(zip(shown, ranks, strict=True))))
    stored(4)
    for (question, ranks), row in zip(said, Judgment.objects.order_by("judged_at"), strict=True):
        assert row.item.prompt.messages[0]["content"] == question
        assert true_ranks(row) == ranks
    press(page, "0")
    stored(1, value={"unrankable": True})
    expect(page.locator("#toast")).to_contain_text("none can be ranked")


def test_a_ranking_is_drafted_undone_and_changed(visit, bob, project):
    page = open_way(visit, bob, work(project, "ranking", count=3, size=3))
    question = asked(page)
    press(page, "Enter")
    expect(page.locator("#order-rest")).to_contain_text("A, B, C have no place yet")
    press(page, "2")
    expect(page.locator("#order-heard")).to_have_text("B first. 2 left.")
    saved(page)
    page.reload()
    ready(page)
    expect(page.locator('[data-rank="2"]')).to_have_text("1st is B 2")
    press(page, "3")
    expect(page.locator("#order-heard")).to_have_text("C second. All have a place, Enter sends.")
    press(page, "Enter")
    next_after(page, question)
    stored(1)
    press(page, "u")
    expect(page.locator(".turn[data-last] .prose")).to_have_text(question)
    expect(page.locator('[data-rank="2"]')).to_have_attribute("aria-pressed", "true")
    press(page, "=", "Enter")
    stored(1, shown_value={"ranks": [2, 1, 2]})
    saved(page)
    press(page, "a")
    expect(page.locator("#answers tbody")).to_contain_text("B, then A and C")
    page.locator("#answers tbody button").first.click()
    expect(page.locator(".turn[data-last] .prose")).to_have_text(question)
    press(page, "Backspace", "Backspace", "Backspace", "1", "2", "Enter")
    stored(1, shown_value={"ranks": [1, 2, 3]})


def test_chips_are_dragged_and_moved_by_arrows(visit, bob, project):
    page = open_way(visit, bob, work(project, "ranking", size=4))
    press(page, "1", "2", "3")

    def order():
        return [item.inner_text().replace("\n", "") for item in page.locator("#order li").all()]

    def drag(one: str, target: str, share: float):
        boxes = [page.locator(f"[data-chip='{'ABCD'.index(name)}']").bounding_box() for name in (one, target)]
        page.mouse.move(boxes[0]["x"] + 10, boxes[0]["y"] + 10)
        page.mouse.down()
        page.mouse.move(boxes[1]["x"] + boxes[1]["width"] * share, boxes[1]["y"] + 12, steps=6)
        page.mouse.up()

    assert order() == ["A", "B", "C", "D"]
    drag("D", "A", -0.1)
    assert order() == ["D", "A", "B", "C"]
    drag("C", "A", 0.5)
    assert order() == ["D", "AC", "B"]
    page.locator("[data-chip='1']").focus()
    press(page, "ArrowLeft", "ArrowLeft")
    assert order() == ["B", "D", "AC"]
    press(page, "Enter")  # on a chip, too, it sends
    stored(1, shown_value={"ranks": [3, 1, 3, 2]})


@pytest.fixture
def phone(visit, bob):
    """A page of bob's on a screen that is touched."""
    context = visit.browser.new_context(
        base_url=visit.address, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    context.add_cookies([visit.cookie(bob)])
    visit.contexts.append(context)
    page = context.new_page()
    page.expected = []
    visit.watch(page)
    return page


def test_by_touch_on_a_phone(phone, project):
    work(project, "ranking", size=3)
    work(project, "thumbs")
    work(project, "likert")
    phone.goto("/p/wall/label/?queue=task:ranking")
    ready(phone)
    for place in (2, 3):
        phone.locator(f'[data-rank="{place}"]').tap()
    for part in ("[data-rank='1']", ".chip >> nth=0"):
        assert phone.locator(part).bounding_box()["height"] >= 40
    phone.locator("[data-act=send]").tap()
    stored(1, shown_value={"ranks": [3, 1, 2]})
    phone.locator("[data-order=none]").tap()
    stored(1, value={"unrankable": True})
    for interface, cell, value in (
        ("thumbs", 1, {"label": False}),
        ("likert", 3, {"ratings": {"overall": 4}, "scale": 5}),
    ):
        phone.goto(f"/p/wall/label/?queue=task:{interface}")
        ready(phone)
        assert phone.locator(".step").nth(cell).bounding_box()["height"] >= 44
        phone.locator(".step").nth(cell).tap()
        stored(1, value=value)
        assert phone.evaluate("document.documentElement.scrollWidth") <= 390


def test_thumbs_by_one_key_with_reasons(visit, bob, project):
    task = work(project, "thumbs", settings={"reasons": ["too long", "wrong"]})
    page = open_way(visit, bob, task)
    question = asked(page)
    press(page, "1")
    next_after(page, question)
    press(page, "4")
    expect(page.locator("[name=reasons]").nth(1)).to_be_checked()
    press(page, "2")
    expect(page.locator("#toast")).to_contain_text("thumbs down, wrong")
    stored(2)
    assert [row.value for row in Judgment.objects.order_by("judged_at")] == [
        {"label": True},
        {"label": False, "reasons": ["wrong"]},
    ]
    press(page, "u")
    expect(page.locator("[name=reasons]").nth(1)).to_be_checked()
    page.locator(".step").first.click()
    stored(2, value__label=True)
    assert Judgment.objects.order_by("judged_at").last().value == {"label": True, "reasons": ["wrong"]}
    assert Judgment.objects.filter(value__label=True).count() == 2


def test_a_rating_by_one_key_and_by_arrows(visit, bob, project):
    page = open_way(visit, bob, work(project, "likert"))
    press(page, "4")
    stored(1, value={"ratings": {"overall": 4}, "scale": 5}, scale=5)
    saved(page)
    page.locator(".step input").first.focus()
    press(page, "ArrowRight", "ArrowRight")
    assert Judgment.objects.count() == 1
    press(page, "Enter")
    stored(1, value={"ratings": {"overall": 3}, "scale": 5})
    press(page, "9")
    saved(page)
    assert Judgment.objects.count() == 2


def test_several_criteria_go_on_by_themselves(visit, bob, project):
    task = work(project, "likert", settings={"scale": 7, "criteria": ["helpful", "honest", "brief"]})
    page = open_way(visit, bob, task)
    press(page, "7", "6")
    expect(page.locator("[data-here]")).to_have_attribute("data-criterion", "brief")
    press(page, "Enter")
    assert page.evaluate("document.activeElement.name") == "rating:brief"
    saved(page)
    page.reload()
    ready(page)
    press(page, "ArrowUp", "5", "1", "Enter")
    stored(1, value={"ratings": {"helpful": 7, "honest": 5, "brief": 1}, "scale": 7})
    expect(page.locator("#toast")).to_contain_text("helpful 7, honest 5, brief 1 of 7")
    assert page.locator(".step :checked").count() == 0


@pytest.mark.parametrize("interface", ["ranking", "thumbs", "likert"])
def test_offline_answers_are_sent_once_when_the_connection_is_back(visit, bob, project, interface):
    size = 3 if interface == "ranking" else 1
    page = open_way(visit, bob, work(project, interface, size=size))
    page.expected += ["ERR_INTERNET_DISCONNECTED"]
    question = asked(page)
    page.context.set_offline(True)
    press(page, *(["1", "2", "Enter"] if size == 3 else ["2"]))
    next_after(page, question)
    expect(page.locator("#saved [data-text]")).to_contain_text("1 kept here")
    page.context.set_offline(False)
    stored(1)
    saved(page)
    assert Judgment.objects.count() == 1


@pytest.mark.parametrize("interface", ["ranking", "thumbs", "likert"])
def test_hostile_text_does_nothing_and_the_sitting_names_the_work(visit, bob, project, interface):
    size = 3 if interface == "ranking" else 1
    task = make_task(project, interface=interface, queue=f"task:{interface}", title="Work")
    prompt = make_prompt(project, HOSTILE)
    completions = [make_completion(prompt, HOSTILE) for _ in range(size)]
    create_items(project, rows=[(prompt, completions)] * 2, queue=task.queue)
    page = open_way(visit, bob, task)
    expect(page.locator(".sheets .side").first).to_contain_text("<script>alert(1)</script>")
    assert page.locator("main script, main img, .prose form, .prose button").count() == 0
    press(page, *(["1", "2", "Enter"] if size == 3 else ["1"]))
    stored(1)
    saved(page)
    page.goto("/your-work/")
    expect(page.locator("main")).to_contain_text("<script>")
    page.goto(f"/p/wall/sittings/{Sitting.objects.get().pk}/")
    expect(page.locator("main")).to_contain_text(f"Median per {'ranking' if size == 3 else 'response'}")
    expect(page.locator("main")).not_to_contain_text("Left reply")


@pytest.mark.parametrize(("width", "dark"), [(1440, True), (390, False)])
@pytest.mark.parametrize(
    ("interface", "size", "settings"),
    [
        ("ranking", 5, {}), ("thumbs", 1, {"reasons": ["too long", "wrong"]}), ("likert", 1, {}),
        ("likert", 1, {"scale": 7, "criteria": ["helpful", "honest"]}),
    ],
)  # fmt: skip
def test_axe_finds_nothing(visit, bob, project, interface, size, settings, width, dark):
    page = open_way(visit, bob, work(project, interface, size=size, settings=settings), width=width, dark=dark)
    assert_accessible(page)
    press(page, "3", "=") if interface == "ranking" else press(page, "3")
    assert_accessible(page)
    press(page, "?")
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_without_javascript_the_forms_post(visit, bob, project):
    work(project, "ranking", size=3)
    work(project, "thumbs", settings={"reasons": ["wrong"]})
    work(project, "likert", settings={"criteria": ["helpful", "honest"]})
    page = visit.browser.new_context(java_script_enabled=False, base_url=visit.address).new_page()
    page.context.add_cookies([visit.cookie(bob)])
    page.goto("/p/wall/label/?queue=task:ranking")
    for place, rank in enumerate("211", start=1):
        page.locator(f"[name=rank-{place}]").select_option(rank)
    page.get_by_role("button", name="Send").click()
    page.get_by_role("button", name="None can be ranked").click()
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#notices")).to_contain_text("Give each response a place from 1, the best, to 3")
    page.goto("/p/wall/label/?queue=task:thumbs")
    page.locator("[name=reasons]").check()
    page.locator(".step").nth(1).click()
    page.get_by_role("button", name="Send and go on").click()
    page.goto("/p/wall/label/?queue=task:likert")
    page.locator('[name="rating:helpful"]').nth(4).check()
    page.locator('[name="rating:honest"]').nth(0).check()
    page.get_by_role("button", name="Send").click()
    assert [row.shown_value for row in Judgment.objects.order_by("judged_at")] == [
        {"ranks": [3, 1, 1]},
        {"unrankable": True},
        {"label": False, "reasons": ["wrong"]},
        {"ratings": {"helpful": 5, "honest": 1}, "scale": 5},
    ]
    page.context.close()
