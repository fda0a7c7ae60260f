"""Projects and data in a real browser: invite and join, import and watch, filter and freeze; keyboard and axe."""

import json
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.cache import cache
from django.db import connection
from playwright.sync_api import expect

from annotation.models import ImportJob, Membership, Snapshot
from annotation.services.imports import run_import
from annotation.services.snapshots import freeze
from tests.factories import make_judgment, make_pair_item, make_prompt, make_rater
from tests.pages import assert_accessible

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def by_hand(home, settings, monkeypatch):
    """Nothing runs by itself: the journey says when a worker takes the job."""
    cache.clear()
    (home / "snapshots").mkdir()
    for name in ("annotation.services.imports.enqueue", "annotation.services.snapshots.enqueue"):
        monkeypatch.setattr(name, lambda *_, **__: None)


def work(job, pk: int) -> None:
    """A worker's turn, in a thread of its own as in a process of its own."""

    def turn():
        try:
            job(pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(turn).result()


@pytest.fixture
def judged(project, bob):
    rater = make_rater(project, bob)
    for n in range(40):
        item = make_pair_item(project, "long " * 20 + str(n), f"short {n}", prompt=make_prompt(project, f"ask {n}"))
        make_judgment(item, rater=rater, strength=1 + n % 4, scale=8)


def test_a_lead_invites_and_a_newcomer_joins(visit, project, alice):
    page = visit(alice)
    page.goto("/p/wall/people/")
    page.get_by_label("For whom").fill("Ola")
    page.keyboard.press("Enter")
    link = page.locator("[data-invitation]").inner_text()
    assert_accessible(page)
    new = visit()
    new.goto(link)
    assert_accessible(new)
    new.get_by_label("Username").fill("ola")
    for label in ("Password", "Password again"):
        new.get_by_label(label, exact=True).fill("a decent pass phrase")
    new.get_by_role("button", name="Make the account and join").click()
    new.get_by_text("Welcome to Wall").wait_for()
    assert Membership.objects.get(user__username="ola").role == "annotator"
    new.expected.append("410")
    new.goto(link)
    new.get_by_role("heading", name="This link no longer works").wait_for()


def test_an_import_is_watched_to_its_end(visit, project, rita, tmp_path):
    (tmp_path / "pairs.jsonl").write_text(
        "\n".join(json.dumps({"prompt": f"Why {n}?", "responses": ["a", "b"]}) for n in range(30))
    )
    page = visit(rita)
    page.goto("/p/wall/data/")
    page.get_by_role("link", name="Import data").click()
    assert_accessible(page)
    page.get_by_label("Files", exact=True).set_input_files(tmp_path / "pairs.jsonl")
    page.get_by_role("button", name="Upload").click()
    page.get_by_text("This looks like To be judged here").wait_for()
    assert page.locator(".looked > li").count() == 5
    assert_accessible(page)
    page.get_by_role("button", name="Import").click()
    page.locator("#progress").get_by_text("Queued").wait_for()
    work(run_import, ImportJob.objects.get().pk)
    page.locator("#progress").get_by_text("Published").wait_for()  # without a reload
    assert_accessible(page)
    page.get_by_role("link", name="Look at the items").click()
    assert page.locator(".item-list li").count() == 25
    page.get_by_role("link", name="Older").click()
    assert page.locator(".item-list li").count() == 5
    page.get_by_label("Search").fill('"Why 7"')
    page.keyboard.press("Enter")
    page.locator(".item-list li").nth(1).wait_for(state="detached")
    assert page.locator(".item-list li").count() == 1
    assert "search=%22Why%207" in page.url
    assert_accessible(page)


@pytest.mark.parametrize(("width", "dark"), [(1440, False), (390, True)])
def test_the_preview_follows_and_the_freeze_is_watched(visit, judged, rita, width, dark):
    page = visit(rita, width=width, dark=dark)
    page.goto("/p/wall/snapshots/new/")
    rows = page.locator("[data-figure='rows']")
    expect(rows).to_have_text("40")
    page.get_by_text("The longer answer wins 100 % of the time").wait_for()
    page.get_by_label("What counts as decided").select_option("3")
    expect(rows).to_have_text("20")
    page.get_by_label("Thumbs: prompt, completion, label").check()
    expect(rows).to_have_text("40")
    expect(page.locator(".htmx-request")).to_have_count(0)  # dimmed while it is on its way
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.expected.append("422")
    page.get_by_role("button", name="Freeze").click()
    page.get_by_text("Give it a name").wait_for()
    page.get_by_label("Name", exact=True).fill("orchard-1")
    page.keyboard.press("Enter")
    page.locator("#progress").get_by_text("Queued").wait_for()
    work(freeze, Snapshot.objects.get().pk)
    page.get_by_role("heading", name="Sample rows").wait_for()
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    with page.expect_download() as download:
        page.get_by_role("link", name="train.jsonl").click()
    assert re.fullmatch(r"orchard-1-train\.jsonl", download.value.suggested_filename)


@pytest.mark.parametrize(("width", "dark"), [(1440, True), (390, False)])
def test_every_page_is_clean_in_both_widths_and_themes(visit, judged, alice, project, width, dark):
    item = project.items.first()
    page = visit(alice, width=width, dark=dark)
    for address in (
        "/", "/p/wall/", "/p/wall/people/", "/p/wall/guide/", "/p/wall/guide/edit/", "/p/wall/settings/",
        "/p/wall/data/", "/p/wall/data/items/", f"/p/wall/data/items/{item.pk}/", "/p/wall/imports/new/",
        "/accounts/password/",
    ):  # fmt: skip
        page.goto(address)
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
