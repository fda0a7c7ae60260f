"""The run page in a real browser, while a run goes on: it moves within three seconds and leaves the reader alone."""

import pytest
from playwright.sync_api import expect

from tests.pages import assert_accessible
from tests.training.conftest import log
from training.models import Run
from training.services import events

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LAST_X = "document.querySelector('[data-panel=loss] .plot').data?.at(-1)?.x?.at(-1)"
RANGE = "document.querySelector('[data-panel=kl] .plot').layout.xaxis.range"


def go_on(run, steps) -> None:
    for step in steps:
        log(run.file, step)
    events.ingest(run.pk)


def until(page, true: str, *, seconds: float = 6.0) -> None:
    """Playwright's own wait evaluates a string inside the page, which the policy forbids."""
    for _ in range(round(10 * seconds)):
        if page.evaluate(true):
            return
        page.wait_for_timeout(100)
    pytest.fail(f"not within {seconds} s: {true}")


def drawn_to(page, step: int, *, seconds: float = 6.0) -> None:
    until(page, f"{LAST_X} === {step}", seconds=seconds)


def drag(page, panel: str) -> None:
    """Zoom as people do: across the middle third of a chart."""
    box = page.locator(f"[data-panel={panel}] .nsewdrag").first.bounding_box()
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] / 3, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + 2 * box["width"] / 3, middle, steps=6)
    page.mouse.up()


def test_curves_figures_and_samples_move_and_the_zoom_stays(spoken, visit, rita):
    run = spoken(steps=30)
    page = visit(rita)
    page.goto(f"/p/wall/runs/{run.pk}/")
    drawn_to(page, 30)
    page.evaluate("document.querySelectorAll('.plot').forEach((plot) => { plot.dataset.same = 'yes'; })")
    drag(page, "kl")
    until(page, f"{RANGE}[0] > 3")
    zoom = page.evaluate(RANGE)
    assert zoom[1] < 28
    go_on(run, range(31, 41))
    drawn_to(page, 40)
    assert page.evaluate(RANGE) == zoom
    assert page.locator(".plot[data-same=yes]").count() == page.locator(".plot").count()
    expect(page.locator(".run-figures")).to_contain_text("40")
    expect(page.locator("#sample-cards")).to_contain_text("reply 0 at 40")
    expect(page.locator("[data-panel=reward] .last")).to_have_text("4 ± 0.50")


def test_a_reader_who_stands_on_a_step_is_left_there(spoken, visit, rita):
    run = spoken(steps=30)
    page = visit(rita)
    page.goto(f"/p/wall/runs/{run.pk}/")
    drawn_to(page, 30)
    page.locator("#at").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#sample-cards")).to_contain_text("reply 0 at 20")
    expect(page.locator("#sample-cards")).not_to_contain_text("reply 0 at 30")
    go_on(run, range(31, 41))
    drawn_to(page, 40)
    page.wait_for_timeout(500)
    expect(page.locator("#sample-cards")).not_to_contain_text("reply 0 at 40")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#samples")).to_contain_text("Prompt 2 of 2")


def test_stop_asks_first_and_the_page_says_that_it_stops(spoken, visit, rita):
    run = spoken(steps=10)
    page = visit(rita)
    page.goto(f"/p/wall/runs/{run.pk}/")
    page.get_by_role("button", name="Stop", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("writes a checkpoint")
    dialog.get_by_role("button", name="Let it run").click()
    expect(dialog).to_be_hidden()
    page.get_by_role("button", name="Stop", exact=True).click()
    dialog.get_by_role("button", name="Stop the run").click()
    expect(page.locator(".pill").first).to_have_text("Stopping")
    assert Run.objects.get(pk=run.pk).state == "stopping"


def test_an_alert_comes_to_page_and_curve_while_one_looks(spoken, visit, rita):
    run = spoken(steps=10)
    page = visit(rita)
    page.goto(f"/p/wall/runs/{run.pk}/")
    drawn_to(page, 10)
    for step in range(11, 15):
        run.file.metrics(step, objective__kl=9.5, loss=0.1)
    events.ingest(run.pk)
    expect(page.locator(".run-alert")).to_contain_text("KL went over its budget of 8 at step 11", timeout=6000)
    expect(page.locator("[data-panel=kl] .plot")).to_contain_text("over budget, 11")


def test_smoothing_axis_and_raw_values_are_the_readers_and_stay_in_the_address(spoken, visit, rita):
    run = spoken(steps=30)
    page = visit(rita)
    page.goto(f"/p/wall/runs/{run.pk}/")
    drawn_to(page, 30)
    page.locator("label", has_text="Tokens").first.click()
    until(page, f"{LAST_X} === 3000")
    page.locator("#smooth").fill("0")
    expect(page.locator("#smooth-out")).to_have_text("off")
    page.reload()
    until(page, f"{LAST_X} === 3000")
    expect(page.locator("#smooth-out")).to_have_text("off")


def test_a_server_that_goes_away_is_said_and_the_curves_stay(spoken, visit, rita):
    run = spoken(steps=30)
    page = visit(rita)
    page.goto(f"/p/wall/runs/{run.pk}/")
    drawn_to(page, 30)
    page.expected.append("Failed to load resource")
    page.route("**/series/**", lambda route: route.fulfill(status=503, body="no"))
    expect(page.locator("#curves-trouble")).to_contain_text("does not answer", timeout=8000)
    assert page.evaluate(LAST_X) == 30
    page.unroute("**/series/**")
    go_on(run, [31])
    drawn_to(page, 31, seconds=12)
    expect(page.locator("#curves-trouble")).to_be_hidden()


def test_two_runs_lie_over_each_other(spoken, visit, rita):
    first, second = spoken(steps=30, name="first"), spoken(steps=20, name="second")
    page = visit(rita)
    page.goto(f"/p/wall/runs/overlay/?run={first.pk}&run={second.pk}")
    until(page, "document.querySelector('[data-panel=loss] .plot').data?.length >= 2")
    go_on(second, range(21, 36))
    until(page, "document.querySelector('[data-panel=loss] .plot').data.some((trace) => trace.x.at(-1) === 35)")


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [1440, 390])
def test_it_is_accessible_and_fits_in_both_widths_and_themes(spoken, visit, rita, width, dark):
    run = spoken(steps=30)
    page = visit(rita, width=width, dark=dark)
    for address in (f"/p/wall/runs/{run.pk}/", "/p/wall/runs/", "/p/wall/runs/new/?method=grpo", "/methods/dpo/"):
        page.goto(address)
        if address.endswith(f"/{run.pk}/"):
            drawn_to(page, 30)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
        assert_accessible(page)
