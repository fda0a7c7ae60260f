"""Talking with live models: every step is kept, sent twice it is done once, and whatever fails loses nothing."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from annotation import listening
from annotation.errors import Refused
from annotation.interfaces import chat
from annotation.models import ChatTurn, Endpoint, GenerationRequest, Judgment, Prompt
from annotation.services import chats, endpoint_answers, generation
from annotation.services.labelling import submit, withdraw
from annotation.services.sittings import end_sitting
from tests.annotation.talking import Talker, chat_item, chat_task

State = GenerationRequest.State


@pytest.fixture(autouse=True)
def quiet(monkeypatch, home):
    """Nobody is woken: tests let workers take what waits when they want."""
    monkeypatch.setattr(generation, "enqueue", lambda name, **ids: None)


@pytest.fixture
def talk(project, bob, endpoint_server):
    """`talk("steady", "half")`: bob at an item of a task with these models."""

    def make(*models, system="", topic="magpies", **settings):
        task = chat_task(project, endpoint_server, models or ("steady", "steady"), **settings)
        chat_item(task, topic, system)
        return Talker(task, bob)

    return make


def rate(talker, rating=5, **more):
    return submit(
        talker.project, by=talker.user, token=talker.lease.token, submission=uuid4(),
        payload={"outcome": "answer", "rating": rating}, **more,
    ).judgment  # fmt: skip


def test_a_talk_from_first_word_to_judgment(talk, endpoint_server):
    bob = talk("steady", "seed", system="Be kind.")
    bob.turn("hello there", 8)
    first = ChatTurn.objects.get()
    right = first.order[1]
    assert first.chosen == right
    bob.say("and again")
    assert [turn["role"] for turn in endpoint_server.asked[0]["messages"]] == ["system", "user"]
    bob.answer()
    asked = endpoint_server.asked[-1]["messages"]
    assert [(turn["role"], turn["content"]) for turn in asked] == [
        ("system", "Be kind."),
        ("user", "hello there"),
        ("assistant", ["You said: hello there", "Seeded: hello there"][right]),
        ("user", "and again"),
    ]
    bob.choose(1)
    judgment = rate(bob, 4)
    assert judgment.outcome == Judgment.Outcome.ANSWER
    assert judgment.strength is None
    assert [turn["said"] for turn in judgment.value["turns"]] == ["hello there", "and again"]
    assert judgment.value["turns"][0]["strength"] == (4 if right == 0 else -4)
    assert judgment.value["turns"][0]["answers"] == ["You said: hello there", "Seeded: hello there"]
    assert judgment.value["rating"] == 4


def test_the_page_learns_no_source_and_sides_are_drawn_for_every_turn(talk):
    bob = talk(most_turns=40)
    for number in range(12):
        bob.turn(f"message {number}", 1)
    orders = [tuple(turn.order) for turn in ChatTurn.objects.all()]
    assert set(orders) == {(0, 1), (1, 0)}
    assert abs(orders.count((0, 1)) - 6) <= 3


def test_a_message_sent_twice_is_said_once(talk):
    bob = talk()
    submission = uuid4()
    assert bob.say("hello", submission=submission) == bob.say("hello", submission=submission)
    assert ChatTurn.objects.count() == 1
    assert GenerationRequest.objects.count() == 2


def test_it_goes_on_only_after_a_choice(talk):
    bob = talk()
    bob.say("hello")
    with pytest.raises(Refused, match="Choose between"):
        bob.say("more")
    with pytest.raises(Refused, match="Wait for both"):
        bob.choose(1)
    bob.answer()
    for grade in (0, 9, None):
        with pytest.raises(Refused, match="from 1 to 8"):
            bob.choose(grade)
    with pytest.raises(Refused) as refused:
        rate(bob)
    assert "waits" in str(refused.value)


@pytest.mark.parametrize(
    ("text", "words"), [("  ", "Write a message"), ("x" * (chat.MESSAGE_LIMIT + 1), "at most 20,000")]
)
def test_what_cannot_be_said(talk, text, words):
    with pytest.raises(Refused, match=words):
        talk().say(text)


def test_as_many_turns_as_there_may_be(talk):
    bob = talk(most_turns=1)
    bob.turn("hello", 1)
    assert bob.look().stage == "over"
    with pytest.raises(Refused, match="at most 1 turns"):
        bob.say("more")
    assert rate(bob).value["rating"] == 5


def test_a_choice_is_undone_then_the_message(talk):
    bob = talk()
    bob.turn("hello", 8)
    back = {"by": bob.user, "token": bob.lease.token, "number": 1}
    assert chats.take_back(bob.project, **back, chosen=True) == ""
    assert bob.look().stage == "choose"
    assert chats.take_back(bob.project, **back, chosen=True) == ""  # sent twice
    assert bob.look().stage == "choose"
    assert chats.take_back(bob.project, **back, chosen=False) == "hello"
    assert (bob.look().stage, ChatTurn.objects.count()) == ("write", 0)


def test_taking_a_message_back_stops_the_models(talk):
    bob = talk()
    bob.say("hello")
    chats.take_back(bob.project, by=bob.user, token=bob.lease.token, number=1, chosen=False)
    assert set(GenerationRequest.objects.values_list("state", flat=True)) == {State.CANCELLED}


def test_after_a_tie_it_goes_on_with_either(talk):
    bob = talk("steady", "seed", scale=5)
    bob.turn("hello", 3)
    assert ChatTurn.objects.get().chosen in (0, 1)
    assert rate(bob).value["turns"][0]["strength"] == 0


def test_a_model_that_breaks_off_and_is_asked_again(talk):
    bob = talk("steady", "half")
    bob.say("hello there my friend")
    bob.answer()
    standing = bob.look()
    assert standing.stage == "broken"
    sides = {side.index: side for side in standing.sides}
    assert (sides[0].state, sides[1].state) == ("done", "failed")
    assert sides[1].text == "You said:"
    assert "broke off" in sides[1].words
    Endpoint.objects.filter(model="half").update(model="steady")
    assert chats.ask_again(bob.project, by=bob.user, token=bob.lease.token, number=1) == 1
    bob.answer()
    assert bob.look().stage == "choose"


def test_it_goes_on_with_the_one_response_that_came(talk):
    bob = talk("denied", "steady")
    bob.say("hello")
    bob.answer()
    assert bob.look().stage == "broken"
    bob.choose(alone=True)
    assert bob.look().stage == "write"
    [turn] = rate(bob).value["turns"]
    assert (turn["answers"], turn["strength"]) == (["You said: hello"], None)


def test_both_fail_and_nothing_can_be_gone_on_with(talk):
    bob = talk("denied", "denied")
    bob.say("hello")
    bob.answer()
    with pytest.raises(Refused, match="No response has come"):
        bob.choose(alone=True)
    assert ChatTurn.objects.get().said == "hello"


def test_with_one_model_its_response_is_enough(talk):
    bob = talk("steady")
    bob.say("hello")
    assert bob.look().stage == "wait"
    bob.answer()
    assert bob.look().stage == "write"
    bob.say("more")
    bob.answer()
    value = rate(bob, 5).value
    assert [turn["answers"] for turn in value["turns"]] == [["You said: hello"], ["You said: more"]]
    assert [turn["strength"] for turn in value["turns"]] == [None, None]


def test_the_prompt_as_first_message_is_said_when_somebody_looks(talk):
    bob = talk(opening="message", topic="Tell me of magpies.")
    assert bob.look().stage == "wait"
    bob.look()
    assert [turn.said for turn in ChatTurn.objects.all()] == ["Tell me of magpies."]


def test_nobody_working_and_slowness_are_said_within_ten_seconds(talk, monkeypatch):
    bob = talk()
    bob.say("hello")
    monkeypatch.setattr(listening, "_look", [lambda queue: None])
    assert [side.words for side in bob.look().sides] == ["", ""]
    monkeypatch.setattr(listening, "_look", [lambda queue: listening.Silence("Nobody", "Start one.")])
    assert [side.words for side in bob.look().sides] == ["", ""]  # a moment is nothing yet
    waited = timezone.now() - timedelta(seconds=9)
    GenerationRequest.objects.update(created_at=waited)
    assert all("Nobody works" in side.words for side in bob.look().sides)
    monkeypatch.setattr(listening, "_look", [lambda queue: None])
    assert all("workers are busy: waiting for 9 s" in side.words for side in bob.look().sides)
    GenerationRequest.objects.update(state=State.RUNNING, heartbeat_at=timezone.now())
    assert all("No word yet after 9 s" in side.words for side in bob.look().sides)
    GenerationRequest.objects.update(heartbeat_at=waited)
    assert all("fell silent" in side.words for side in bob.look().sides)


def test_without_a_model_it_says_who_chooses_one(talk):
    bob = talk(first="", second="")
    with pytest.raises(Refused, match="a lead chooses one"):
        bob.say("hello")
    assert ChatTurn.objects.count() == 0


def test_the_talk_outlives_rating_and_undo(talk):
    bob = talk()
    bob.turn("hello", 8)
    judgment = rate(bob, 2)
    with pytest.raises(Refused, match="rated already"):
        bob.say("more")
    withdraw(bob.project, by=bob.user, token=bob.lease.token, submission=uuid4())
    bob.turn("more", 1)
    assert len(rate(bob, 3).value["turns"]) == 2
    judgment.refresh_from_db()
    assert judgment.value["rating"] == 3


def test_an_ended_sitting_and_other_people_change_nothing(talk, project, rita):
    bob = talk()
    with pytest.raises(Refused, match="never handed to you"):
        chats.say(project, by=rita, token=bob.lease.token, submission=uuid4(), text="hello")
    end_sitting(project, by=bob.user, queue=bob.lease.sitting.queue)
    with pytest.raises(Refused, match="sitting has ended"):
        bob.say("hello")


def test_prompts_of_a_talk_are_published_nowhere(talk):
    bob = talk()
    bob.turn("hello", 1)
    assert Prompt.objects.filter(published=True).count() == 1
    assert Prompt.objects.filter(prompt_set="chat", published=False).count() == 1


def test_looking_costs_the_same_however_long_the_talk(talk, django_assert_max_num_queries):
    bob = talk(most_turns=40)
    for number in range(6):
        bob.turn(f"message {number}", 1)
    with django_assert_max_num_queries(8):
        bob.look()


def test_by_api_from_lease_to_rating(project, bob, api_as, endpoint_server):
    task = chat_task(project, endpoint_server, ("steady", "seed"))
    chat_item(task, "magpies", "Be kind.")
    api, here = api_as(bob), f"/api/projects/{project.slug}/label/"
    lease = api.post(f"{here}next/", {"queue": task.queue}, format="json").json()["lease"]
    assert [turn["role"] for turn in lease["prompt"]] == ["system", "user"]
    address = f"{here}{lease['token']}/chat/"
    assert api.get(address).json() == {"stage": "write", "may_end": False, "turns": [], "sides": [], "last": None}
    message = {"submission": str(uuid4()), "text": "hello"}
    for _ in range(2):
        told = api.post(address, message, format="json").json()
    assert (told["stage"], [side["letter"] for side in told["sides"]]) == ("wait", ["A", "B"])
    for request in GenerationRequest.objects.order_by("pk"):
        endpoint_answers.fulfil(request.pk)
    told = api.get(address).json()
    assert sorted(side["text"] for side in told["sides"]) == ["Seeded: hello", "You said: hello"]
    left = told["sides"][0]["text"]
    told = api.post(f"{address}choice/", {"turn": 1, "grade": 1}, format="json").json()
    assert told["turns"] == [{"turn": 1, "said": "hello", "response": left, "words": "A much better"}]
    assert api.post(f"{address}back/", told["last"], format="json").json()["stage"] == "choose"
    api.post(f"{address}choice/", {"turn": 1, "grade": 8}, format="json")
    assert api.post(f"{address}again/", {"turn": 1}, format="json").json()["stage"] == "write"
    wrong = api.post(f"{address}choice/", {"turn": 7, "grade": 8}, format="json")
    assert (wrong.status_code, wrong.json()["code"]) == (409, "gone_on")
    rated = api.post(
        f"{here}{lease['token']}/", {"submission": str(uuid4()), "outcome": "answer", "rating": 5}, format="json"
    )
    assert rated.status_code == 200, rated.json()
    assert Judgment.objects.get().value["rating"] == 5
