"""Quality in a real browser: asked for by key, watched until it is there, read by axe in both themes and widths."""

import pytest
from django.core.cache import cache
from playwright.sync_api import expect

from annotation.models import QualityReport
from annotation.services.quality import compute, request_report
from tests.annotation.test_data_journeys import work
from tests.factories import make_judgment, make_pair_item, make_prompt, make_rater, make_user
from tests.pages import assert_accessible

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def by_hand(monkeypatch):
    cache.clear()
    monkeypatch.setattr("annotation.services.quality.enqueue", lambda *_, **__: None)


@pytest.fixture
def judged(project, bob):
    """Sixty pairs judged by three, of whom bob always takes the left; one prompt goes round."""
    people = [make_rater(project, bob), *(make_rater(project, make_user(name), name=name) for name in ("dora", "emma"))]
    for n in range(60):
        item = make_pair_item(
            project, f"**good** {n:02d}", f"worse words {n:02d}", prompt=make_prompt(project, f"ask {n}")
        )
        for rater in people:
            order = [0, 1] if n % 2 else [1, 0]
            strength = (2 if order[0] == 0 else -2) if rater is people[0] else 3
            make_judgment(item, rater=rater, strength=strength, shown_order=order, active_ms=8000, comment="said so")
    prompt = make_prompt(project, "Which is best?")
    for pair in (("a", "b"), ("b", "c"), ("c", "a")):
        make_judgment(make_pair_item(project, *pair, prompt=prompt), rater=people[1], strength=2)
    return people


def test_a_lead_asks_for_a_report_and_finds_who_takes_the_left(visit, project, alice, judged):
    page = visit(alice)
    page.goto("/p/wall/quality/")
    assert_accessible(page)
    page.get_by_role("button", name="Compute it").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("A worker takes it within seconds.")).to_be_visible()
    assert_accessible(page)
    work(compute, QualityReport.objects.get().pk)
    expect(page.get_by_role("heading", name="What the data is worth")).to_be_visible()
    page.get_by_role("link", name="who and what").click()
    page.get_by_role("link", name="bob").click()
    expect(page.get_by_role("heading", name="Prefers a side")).to_be_visible()
    page.get_by_role("link", name="Where others said something else").click()
    page.get_by_label("They differ in").select_option("sides")
    expect(page.get_by_text("30 items, those on which")).to_be_visible()
    page.get_by_text("The answers").first.click()
    expect(page.locator(".side").first).to_be_visible()
    assert_accessible(page)


@pytest.mark.parametrize(("width", "dark"), [(1440, True), (390, False)])
def test_every_page_is_accessible_and_fits(visit, project, alice, bob, judged, width, dark):
    work(compute, request_report(project, by=alice).pk)
    page = visit(alice, width=width, dark=dark)
    places = ("", "raters/", f"raters/{judged[0].pk}/", "disagreements/", "circles/", "representation/")
    for path in places:
        page.goto(f"/p/wall/quality/{path}")
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    page = visit(bob, width=width, dark=dark)
    page.goto("/about-you/")
    page.get_by_label("Age", exact=True).select_option("35-44")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("button", name="Forget all of it")).to_be_visible()
    assert_accessible(page)
