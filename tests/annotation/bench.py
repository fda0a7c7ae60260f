"""The labelling page as tests use it: opened, read, typed into."""

from playwright.sync_api import expect

from annotation.models import Judgment
from tests.servers import wait_until


def open_bench(visit, user, **options):
    page = visit(user, **options)
    page.goto("/p/wall/label/")
    ready(page)
    return page


def ready(page):
    """The page has its pair and those ahead: two leases more."""
    page.wait_for_selector("#vote[data-ready]", state="attached")


def shown(page) -> tuple[str, str, str]:
    """Question, A and B as they are on the screen."""
    return (
        page.locator(".turn[data-last] .prose").inner_text(),
        page.locator(".side[data-side=a] .prose").inner_text(),
        page.locator(".side[data-side=b] .prose").inner_text(),
    )


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def stored(count: int, **fields):
    wait_until(lambda: Judgment.objects.filter(withdrawn=False, **fields).count() == count, what="storing")


def saved(page, text="Saved"):
    expect(page.locator("#saved [data-text]")).to_have_text(text)


def done(page, count: int):
    expect(page.locator("#done")).to_have_text(str(count))


def open_task(visit, user, task, **options):
    """The bench of a task that is not the project's first."""
    page = visit(user, **options)
    page.goto(f"/p/{task.project.slug}/label/?queue={task.queue}")
    ready(page)
    return page
