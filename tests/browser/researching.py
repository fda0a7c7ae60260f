"""What a researcher does with the mouse and the keyboard: freeze, train, watch, compare."""

import json
import re

from playwright.sync_api import Page, expect


def section(page: Page, name: str) -> None:
    page.get_by_role("navigation", name="Main").get_by_role("link", name=name, exact=True).click()


def freeze(page: Page, name: str, *, kind: str = "Pairs:", also: tuple[str, ...] = (), wait_seconds: int = 60):
    """A snapshot with the usual policy; `also` are boxes to tick. Ends on its page."""
    section(page, "Data")
    page.get_by_role("link", name="Freeze a snapshot").first.click()
    page.get_by_role("radio", name=kind).check()
    for box in also:
        page.get_by_role("checkbox", name=box).check()
    page.get_by_role("textbox", name="Name", exact=True).fill(name)
    page.get_by_role("button", name="Freeze", exact=True).click()
    expect(page.get_by_role("heading", name="What is in it")).to_be_visible(timeout=wait_seconds * 1000)
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


def rows_of(page: Page) -> int:
    """How many rows the snapshot on this page has."""
    return int(page.locator("[data-figure=rows]").inner_text().replace(",", ""))


def items_of(page: Page) -> set[int]:
    """The items that the rows of the snapshot on this page stand on, by its own lineage file."""
    with page.expect_download() as download:
        page.get_by_role("link", name="lineage.jsonl").click()
    return {json.loads(line)["item"] for line in download.value.path().read_text().splitlines()}


def register(page: Page, name: str, folder) -> None:
    """A model folder of the server becomes something to start from."""
    section(page, "Runs")
    page.get_by_role("link", name="Models").click()
    page.get_by_role("link", name=re.compile("Register")).first.click()
    page.get_by_role("textbox", name="Name", exact=True).fill(name)
    page.get_by_label("Folder or hub name").fill(str(folder))
    page.get_by_role("button", name="Register").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


def prepare(page: Page, method: str, name: str, *, start: str, settings: dict[str, object]) -> None:
    """From a snapshot's page through the form to the finished pre-flight. `settings` are names and values."""
    page.get_by_role("link", name="Train on it").click()
    page.locator(f"a[href*='method={method}']").first.click()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Start from").select_option(label=start)
    folded = page.locator("details.setting-group:not([open]) summary")
    while folded.count():
        folded.first.click()
    for setting, value in settings.items():
        field = page.get_by_label(setting, exact=True)
        if field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(str(value))
        else:
            field.fill(str(value))
    page.get_by_role("button", name="Check before starting").click()
    expect(page.get_by_role("heading", name="What the model sees")).to_be_visible(timeout=90_000)


def launch(page: Page, name: str) -> None:
    page.get_by_role("button", name="Start the run").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


POINTS = """panel => (document.querySelector(`[data-panel='${panel}'] .plot`)?.data ?? [])
    .reduce((sum, trace) => sum + trace.x.length, 0)"""


def watch(page: Page, *, panel: str = "loss", wait_seconds: int = 240) -> list[int]:
    """Looks at a live run until it ends. Returns how many points the chart had, each time that it had more."""
    page.evaluate("window.unloaded = false")
    seen, done = [], page.locator("#run-head .pill", has_text="Finished")
    for _ in range(wait_seconds * 4):
        points = page.evaluate(POINTS, panel)
        if points and (not seen or points > seen[-1]):
            seen.append(points)
        if done.count() and seen:
            break
        assert not page.locator("#run-head .pill", has_text="Failed").count(), page.locator("#run-head").inner_text()
        page.wait_for_timeout(250)
    expect(done).to_be_visible(timeout=1000)
    assert page.evaluate("window.unloaded") is False, "the page was loaded anew while it was watched"
    return seen


def compare(
    page: Page,
    prompts: list[str] = (),
    *,
    held_out: int = 0,
    scorer: str = "",
    wait_seconds: int = 240,
) -> None:
    """The checkpoints chosen already answer prompts, typed or held out; ends on the page that leads to the vote."""
    if prompts:
        page.get_by_role("radio", name="Typed here").check()
        page.get_by_label("Your prompts").fill("\n\n".join(prompts))
    else:
        page.get_by_role("radio", name="Held-out prompts of a snapshot").check()
    page.get_by_label("How many").fill(str(len(prompts) or held_out))
    page.get_by_label("Longest answer, tokens").fill("40")
    if scorer:
        page.get_by_role("checkbox", name=re.compile(scorer)).check()
    page.get_by_role("button", name="Generate the answers").click()
    expect(page.get_by_role("link", name="Start voting")).to_be_visible(timeout=wait_seconds * 1000)
