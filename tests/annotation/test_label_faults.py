"""The web server is killed in the middle of a label, and started again. Nothing is lost, nothing stored twice."""

import pytest
from playwright.sync_api import expect

from annotation.models import Judgment, JudgmentRevision
from tests.factories import make_pair_item
from tests.pages import visits
from tests.web import Web

pytestmark = [
    pytest.mark.browser,
    pytest.mark.fault,
    pytest.mark.services,
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def web(tmp_path, transactional_db):
    server = Web(tmp_path, workers=1, threads=8, static=True)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def bench(chromium, web, bob, project):
    for number in range(10):
        make_pair_item(project, f"first of {number}", f"second of {number}")
    with visits(chromium, web.address) as visit:
        page = visit(bob)
        page.expected += ["Failed to load resource"]
        page.goto("/p/wall/label/")
        page.wait_for_selector("#vote[data-ready]", state="attached")
        yield page


def stored(page, count: int):
    """Waits as the browser's own loop, which also answers for the routes of this test."""
    for _ in range(400):
        if Judgment.objects.filter(withdrawn=False).count() == count:
            return
        page.wait_for_timeout(50)
    pytest.fail(f"{Judgment.objects.count()} of {count} answers were stored")


def test_killed_between_two_labels(bench, web):
    bench.keyboard.press("1")
    stored(bench, 1)
    expect(bench.locator("#saved [data-text]")).to_have_text("Saved")
    web.kill()
    bench.keyboard.press("c")
    bench.keyboard.type("written while nobody was there")
    bench.keyboard.press("Escape")
    bench.keyboard.press("2")
    bench.keyboard.press("3")
    expect(bench.locator("[data-note=away]")).to_contain_text("The server does not answer")
    expect(bench.locator("#saved [data-text]")).to_have_text("Server away, 2 kept here")
    web.start()
    stored(bench, 3)
    expect(bench.locator("#saved [data-text]")).to_have_text("Saved")
    expect(bench.locator("[data-note=away]")).to_have_count(0)
    assert JudgmentRevision.objects.count() == 3
    assert Judgment.objects.filter(comment="written while nobody was there").count() == 1
    bench.keyboard.press("4")
    stored(bench, 4)


def test_killed_after_the_answer_was_stored_and_before_the_reply_came(bench, web):
    """The commit happened, the browser does not know: it sends again, and nothing is doubled."""
    seen = []

    def die_with_the_reply(route):
        if seen:
            return route.continue_()
        seen.append(route.fetch().status)
        web.kill()
        return route.abort()

    bench.route("**/label/answer/", die_with_the_reply)
    bench.keyboard.press("1")
    expect(bench.locator("#saved [data-text]")).to_have_text("Server away, 1 kept here")
    assert seen == [200]
    assert Judgment.objects.count() == 1
    web.start()
    expect(bench.locator("#saved [data-text]")).to_have_text("Saved", timeout=30_000)
    assert JudgmentRevision.objects.count() == 1
    bench.keyboard.press("2")
    stored(bench, 2)


def test_killed_while_somebody_writes_keeps_the_words(bench, web):
    bench.keyboard.press("c")
    bench.keyboard.type("half a ")
    web.kill()
    bench.keyboard.type("thought")
    web.start()
    bench.reload()
    expect(bench.locator("#comment")).to_have_value("half a thought")
