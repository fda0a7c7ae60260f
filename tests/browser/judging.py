"""What people do who judge: label pairs and vote on comparisons, by keyboard."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

Taste = Callable[[str, str, str], str]  # question, A, B: the key to press


def label(page: Page, count: int, taste: Taste) -> None:
    """Labels `count` pairs with one key each, and ends the sitting."""
    page.wait_for_selector("#vote[data-ready]", state="attached")
    question = page.locator(".turn[data-last] .prose")
    for number in range(1, count + 1):
        asked = question.inner_text()
        a, b = (page.locator(f".side[data-side={side}] .prose").inner_text() for side in "ab")
        page.keyboard.press(taste(asked, a, b))
        expect(page.locator("#done")).to_have_text(str(number))
        if number < count:
            expect(question).not_to_have_text(asked)
    expect(page.locator("#saved [data-text]")).to_have_text("Saved")
    page.get_by_role("button", name="Pause").click()
    page.get_by_role("button", name="End the sitting").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The sitting is over")
    expect(page.get_by_text(f"Its {count} answers are final and stored.")).to_be_visible()


def vote(page: Page, taste: Taste) -> int:
    """Votes on every pair of a comparison, blind, and ends the sitting. Returns how many there were."""
    page.get_by_role("link", name="Start voting").click()
    arena = page.locator("#arena")
    total = int(re.search(r"of (\d+) pair", arena.locator(".compare-progress").inner_text())[1])
    for number in range(1, total + 1):
        asked = page.locator(".arena .turn .prose").last.inner_text()
        a, b = (page.locator(f".side[data-side={side}] .rendered").inner_text() for side in "ab")
        page.keyboard.press(taste(asked, a, b))
        expect(arena.locator(".compare-progress strong")).to_have_text(str(number))
    expect(page.get_by_role("heading", name="No pair is left for you")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Your votes")).to_be_visible()
    return total
