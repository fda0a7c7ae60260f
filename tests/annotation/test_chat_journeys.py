"""Talking with live models in a real browser: by keyboard, by touch, with models slow, broken or absent."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from playwright.sync_api import expect

from annotation import listening
from annotation.models import ChatTurn, Endpoint, GenerationRequest, Judgment
from annotation.services import endpoint_answers, generation
from tests.annotation.bench import press, stored
from tests.annotation.talking import chat_item, chat_task
from tests.endpoint_server import BEHAVIOURS
from tests.pages import assert_accessible
from tests.security.test_hostile import FOUND, HOSTILE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def workers(monkeypatch, home, endpoint_server):
    """Threads that take requests as workers do. `workers.away` is a list: not empty, nobody listens."""
    pool = ThreadPoolExecutor(4)
    left = []

    def work(request_id):
        try:
            endpoint_answers.fulfil(request_id)
        finally:
            connection.close()

    def enqueue(name, **ids):
        if not left:
            transaction.on_commit(lambda: pool.submit(work, ids["request_id"]))

    monkeypatch.setattr(generation, "enqueue", enqueue)
    monkeypatch.setattr(listening, "_look", [lambda queue: listening.Silence("Nobody", "") if left else None])
    pool.away = left
    yield pool
    endpoint_server.go.set()
    pool.shutdown(wait=True)


@pytest.fixture
def chats(project, endpoint_server, workers):
    """`chats("steady", "seed")`: two items of a task with these models."""

    def make(*models, **settings):
        task = chat_task(project, endpoint_server, models, **settings)
        for topic in ("magpies", "gardens"):
            chat_item(task, topic, "Be kind.")
        return task

    return make


def open_chat(visit, user, task, **options):
    page = visit(user, **options)
    page.goto(f"/p/wall/label/?queue={task.queue}")
    page.wait_for_selector("#vote[data-ready]", state="attached")
    return page


def at(page, stage):
    expect(page.locator(".chat-dock")).to_have_attribute("data-stage", stage)


def say(page, text):
    at(page, "write")
    page.locator("#message").focus()
    page.keyboard.type(text)
    press(page, "Enter")


def sides(page):
    return [page.locator(f".side[data-side={side}] [data-text]").inner_text().strip() for side in "ab"]


def test_a_talk_by_keyboard_alone(visit, bob, chats):
    page = open_chat(visit, bob, chats("steady", "seed"))
    at(page, "write")
    assert page.evaluate("document.activeElement.id") == "message"
    expect(page.locator(".talk-scroll")).to_contain_text("Topic")
    page.keyboard.type("hello 1 there")  # digits in a message choose nothing
    press(page, "Enter")
    at(page, "choose")
    assert sorted(sides(page)) == ["Seeded: hello 1 there", "You said: hello 1 there"]
    assert [sheet.get_attribute("aria-busy") for sheet in page.locator(".chat-pair .side").all()] == ["false", "false"]
    assert_accessible(page)
    left = sides(page)[0]
    press(page, "2")
    at(page, "write")
    expect(page.locator(".chat-turns")).to_contain_text(left)
    expect(page.locator(".chat-turns .chosen")).to_contain_text("A better")
    say(page, "go on")
    at(page, "choose")
    press(page, "7")
    at(page, "write")
    assert_accessible(page)
    press(page, "Escape", "e")
    at(page, "rate")
    assert_accessible(page)
    press(page, "4")
    stored(1, outcome="answer")
    judgment = Judgment.objects.get()
    assert (judgment.value["rating"], [turn["said"] for turn in judgment.value["turns"]]) == (
        4,
        ["hello 1 there", "go on"],
    )
    order = judgment.value["turns"][0]["order"]
    assert judgment.value["turns"][0]["strength"] == (3 if order[0] == 0 else -3)
    expect(page.locator("#toast")).to_contain_text("good, after 2 turns")
    expect(page.locator(".talk-scroll")).to_contain_text("gardens")


def test_undo_step_by_step_and_after_rating(visit, bob, chats):
    page = open_chat(visit, bob, chats("steady", "seed"))
    say(page, "hello")
    at(page, "choose")
    press(page, "1")
    at(page, "write")
    press(page, "Escape", "u")
    at(page, "choose")
    press(page, "u")
    at(page, "write")
    expect(page.locator("#message")).to_have_value("hello")
    press(page, "Enter")
    at(page, "choose")
    press(page, "8")
    at(page, "write")
    press(page, "Escape", "e")
    at(page, "rate")
    press(page, "u")
    at(page, "write")
    press(page, "Escape", "e", "5")
    stored(1)
    expect(page.locator(".talk-scroll")).to_contain_text("gardens")
    at(page, "write")
    press(page, "Escape", "u")
    expect(page.locator(".talk-scroll")).to_contain_text("magpies")
    stored(0)
    at(page, "write")
    expect(page.locator(".chat-turns")).to_contain_text("hello")
    assert ChatTurn.objects.count() == 1


def test_slow_models_grow_at_one_pace_and_a_reload_loses_nothing(visit, bob, chats, endpoint_server):
    page = open_chat(visit, bob, chats("slow", "steady"))
    say(page, "one two three")
    expect(page.locator(".side[data-side=a] [data-text]")).to_have_text("You")
    expect(page.locator(".side[data-side=b] [data-text]")).to_have_text("You")  # the quick one shows no more
    at(page, "wait")
    page.reload()
    at(page, "wait")
    expect(page.locator(".side[data-side=b] [data-text]")).to_have_text("You")
    endpoint_server.go.set()
    at(page, "choose")
    assert sides(page) == ["You said: one two three"] * 2
    assert ChatTurn.objects.count() == 1


def test_a_model_that_breaks_off_is_said_and_asked_again(visit, bob, chats):
    page = open_chat(visit, bob, chats("half", "steady"))
    say(page, "one two three")
    at(page, "broken")
    expect(page.locator(".chat-trouble:visible")).to_have_text("The response broke off in the middle.")
    assert_accessible(page)
    Endpoint.objects.filter(model="half").update(model="steady")
    press(page, "r")
    at(page, "choose")
    expect(page.locator(".chat-trouble:visible")).to_have_count(0)


def test_it_goes_on_with_the_response_that_came(visit, bob, chats):
    page = open_chat(visit, bob, chats("denied", "steady"))
    say(page, "hello")
    at(page, "broken")
    expect(page.locator(".chat-trouble:visible")).to_have_text("No response came from this model.")
    press(page, "o")
    at(page, "write")
    expect(page.locator(".chat-turns")).to_contain_text("You said: hello")


def test_the_network_is_cut_and_every_step_is_sent_once_it_is_back(visit, bob, chats):
    page = open_chat(visit, bob, chats("steady", "seed"))
    page.expected += ["ERR_INTERNET_DISCONNECTED", "Failed to load resource"]
    at(page, "write")
    page.context.set_offline(True)
    say(page, "hello")
    expect(page.locator("[data-chat-note]")).to_contain_text("it is sent when it does")
    assert ChatTurn.objects.count() == 0
    page.context.set_offline(False)
    at(page, "choose")
    expect(page.locator("[data-chat-note]")).to_have_count(0)
    page.context.set_offline(True)
    press(page, "8")
    expect(page.locator("[data-chat-note]")).to_contain_text("it is sent when it does")
    page.context.set_offline(False)
    at(page, "write")
    expect(page.locator(".chat-turns")).to_contain_text("B much better")
    assert ChatTurn.objects.count() == 1


def test_nobody_working_is_said_within_ten_seconds_and_the_message_waits(visit, bob, chats, workers, monkeypatch):
    from datetime import timedelta

    monkeypatch.setattr("annotation.selectors.chats.QUIET_AFTER", timedelta(seconds=0.3))
    task = chats("steady", "seed")
    workers.away.append(True)
    page = open_chat(visit, bob, task)
    say(page, "is anybody there")
    expect(page.locator(".side[data-side=a] [data-words]")).to_contain_text("Nobody works on responses at the moment")
    workers.away.clear()
    for request in GenerationRequest.objects.all():
        with transaction.atomic():
            generation.wake(request)
    at(page, "choose")
    expect(page.locator(".side[data-side=a] [data-words]")).to_be_empty()


def test_hostile_responses_and_messages_do_nothing(visit, bob, chats, monkeypatch):
    def hostile(call, _body):
        call.begin()
        for at_ in range(0, len(HOSTILE), 40):
            call.piece(HOSTILE[at_ : at_ + 40])
        call.say_end()

    monkeypatch.setitem(BEHAVIOURS, "hostile", hostile)
    page = open_chat(visit, bob, chats("hostile", "steady"))
    page.locator("#message").fill(HOSTILE)
    page.get_by_role("button", name="Send").click()
    at(page, "choose")
    assert "evil-mark" in page.content()
    assert (page.evaluate(FOUND), page.evaluate("window.hacked")) == ([], None)
    press(page, "1")
    at(page, "write")
    expect(page.locator(".chat-turns")).to_contain_text("evil-mark")
    assert (page.evaluate(FOUND), page.evaluate("window.hacked")) == ([], None)


def test_a_phone_in_the_dark_with_one_model(visit, bob, chats):
    page = open_chat(visit, bob, chats("steady"), width=390, height=844, dark=True)
    say(page, "hello")
    at(page, "write")
    expect(page.locator(".chat-turns")).to_contain_text("You said: hello")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert_accessible(page)
    page.get_by_role("button", name="End and rate").click()
    at(page, "rate")
    assert_accessible(page)
    page.locator(".chat-rate label").nth(4).click()
    stored(1)
    assert Judgment.objects.get().value["rating"] == 5


def test_by_touch_with_two(visit, bob, chats):
    page = open_chat(visit, bob, chats("steady", "seed"), width=390, height=844)
    page.locator("#message").fill("hello")
    page.get_by_role("button", name="Send").click()
    at(page, "choose")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert_accessible(page)
    page.locator(".chat-dock .cell").nth(0).click()
    at(page, "write")
    page.get_by_role("button", name="Back to the last response").click()
    at(page, "choose")
