"""Labelling in a real browser, with what goes wrong in real life: nothing is lost, nothing doubled."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone
from playwright.sync_api import expect

from annotation.models import Assignment, Judgment, JudgmentRevision
from annotation.services.sittings import return_expired
from tests.annotation.bench import open_bench, press, ready, saved, shown, stored
from tests.annotation.leasing import give, next_lease
from tests.factories import make_user
from tests.servers import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_offline_and_back(bench):
    bench.expected += ["Failed to load resource", "ERR_INTERNET_DISCONNECTED"]
    press(bench, "1")
    stored(1)
    saved(bench)
    bench.context.set_offline(True)
    press(bench, "2", "3")
    expect(bench.locator("[data-note=offline]")).to_contain_text("2 answers wait in this browser and are sent")
    saved(bench, "Offline, 2 kept here")
    press(bench, "4")
    expect(bench.locator(".bench-empty")).to_contain_text("Nothing is here any more")
    assert Judgment.objects.count() == 1
    bench.context.set_offline(False)
    stored(4)
    saved(bench)
    expect(bench.locator(".side")).to_have_count(2)
    expect(bench.locator("[data-note=offline]")).to_have_count(0)
    assert JudgmentRevision.objects.count() == 4


def test_an_answer_kept_offline_survives_a_closed_tab(bench):
    bench.expected += ["Failed to load resource"]
    first = shown(bench)
    bench.route("**/label/answer/", lambda route: route.abort())
    press(bench, "1")
    expect(bench.locator("#saved [data-text]")).to_have_text("Server away, 1 kept here")
    page = bench.context.new_page()
    bench.close()
    page.goto("/p/wall/label/")
    stored(1)
    saved(page)
    assert shown(page) != first
    assert JudgmentRevision.objects.count() == 1


def test_a_reply_that_got_lost_stores_nothing_twice(bench):
    bench.expected += ["Failed to load resource"]

    lost = []

    def lose_the_first_reply(route):
        if lost:
            return route.continue_()
        lost.append(route.fetch().status)
        return route.abort()

    bench.route("**/label/answer/", lose_the_first_reply)
    press(bench, "1")
    saved(bench)
    stored(1)
    bench.unroute("**/label/answer/")  # a route is answered by this thread, which waits below
    press(bench, "2")
    stored(2)
    assert lost == [200]
    assert JudgmentRevision.objects.count() == 2


def test_a_draft_is_on_the_server_and_comes_back(bench, visit, bob):
    press(bench, "c")
    bench.keyboard.type("half a thought")
    saved(bench)
    wait_until(lambda: Assignment.objects.filter(draft={"comment": "half a thought"}).exists())
    elsewhere = open_bench(visit, bob)
    assert shown(elsewhere) == shown(bench)
    expect(elsewhere.locator("#comment")).to_have_value("half a thought")


def test_a_lease_that_ran_out_loses_no_text(bench, project):
    press(bench, "c")
    bench.keyboard.type("my thoughts")
    saved(bench)
    mine = Assignment.objects.order_by("pk").first()
    Assignment.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    return_expired()
    theirs = next_lease(project, ann := make_user("ann"))
    assert theirs.item_id == mine.item_id
    give(project, ann, theirs)
    bench.keyboard.type(", and more")
    expect(bench.locator("[data-note=lost]")).to_contain_text("This pair went to somebody else")
    expect(bench.locator("#comment")).to_have_value("my thoughts, and more")
    press(bench, "Escape", "2")
    stored(1, surplus=True, comment="my thoughts, and more")
    press(bench, "3")
    stored(2, surplus=False)


def test_two_tabs_of_one_person(bench):
    other = bench.context.new_page()
    other.goto("/p/wall/label/")
    expect(bench.locator(".bench-empty")).to_contain_text("Labelling goes on in another tab")
    press(bench, "1")
    ready(other)
    assert not Judgment.objects.exists()
    press(other, "1")
    stored(1)
    bench.get_by_role("button", name="Label here").click()
    ready(bench)
    expect(other.locator(".bench-empty")).to_contain_text("Labelling goes on in another tab")
    press(bench, "2")
    stored(2)
    assert JudgmentRevision.objects.count() == 2


def test_two_browsers_of_one_person(bench, visit, bob):
    bench.expected += ["409"]
    other = open_bench(visit, bob)
    assert shown(other) == shown(bench)
    press(other, "1")
    stored(1)
    press(bench, "8")
    note = bench.locator("[data-note=refused]")
    expect(note).to_contain_text("Pair 1: B much better: not stored")
    expect(note).to_contain_text("This was answered in another window; that answer stands.")
    note.get_by_role("button", name="Let this answer stand instead").click()
    stored(1, shown_value={"grade": 8, "scale": 8})
    assert Judgment.objects.get().revision == 2


def test_signed_out_in_the_middle(bench, bob, visit):
    Session.objects.all().delete()
    press(bench, "1", "2")
    expect(bench.locator("[data-note=signed-out]")).to_contain_text("2 answers wait in this browser")
    saved(bench, "Signed out, 2 kept here")
    assert not Judgment.objects.exists()
    bench.context.add_cookies([visit.cookie(bob)])
    bench.get_by_role("button", name="Send now").click()
    stored(2)
    saved(bench)


def test_nothing_is_sent_in_somebody_elses_name(bench, rita, visit):
    bench.expected += ["409"]
    bench.context.add_cookies([visit.cookie(rita)])
    press(bench, "1")
    expect(bench.locator("[data-note=other-person]")).to_contain_text("Somebody else signed in here")
    assert not Judgment.objects.exists()
