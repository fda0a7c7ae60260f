"""Talks as an interface: what an answer says, in both orders, and the rows it becomes under a policy."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation.interfaces import chat, pairwise
from annotation.interfaces.answers import Facts, InvalidAnswer, read_answer
from annotation.interfaces.chat import Talk, Turn
from annotation.policy import Policy, Said

SETTINGS = chat.settings({"first": "x", "second": "y"})
TALK = Talk(
    ("Be brief.",),
    (
        Turn("Hello?", ("Hi.", "What?"), (1, 0), grade=6, scale=8, chosen=0),  # B, on the right, is the first
        Turn("Sure?", ("Yes.", "No."), (0, 1), grade=8, scale=8, chosen=1),
    ),
)


def read(payload, talk=TALK, settings=SETTINGS):
    return read_answer(chat, {"outcome": "answer", **payload}, settings, Facts([], talk=lambda: talk))


def voice(talk=TALK, rating=5, **fields):
    value = chat.true_value(read({"rating": rating}, talk).given, [])
    return Said(id=1, revision=1, outcome="answer", scale=8, strength=None, value=value | fields)


def rows(format, policy=None, **fields):
    left_out = Counter()
    return chat.plans(format, policy or Policy(), [voice(**fields)], left_out), left_out


def test_an_answer_is_the_rating_and_what_the_server_kept():
    given = read({"rating": 4, "turns": "whatever the page says"}).given
    assert (given["rating"], len(given["turns"]), given["system"]) == (4, 2, ["Be brief."])
    assert given["turns"][0] == {
        "said": "Hello?", "order": [1, 0], "answers": ["What?", "Hi."], "grade": 6, "scale": 8, "chosen": 1,
    }  # fmt: skip


def test_true_order_is_each_turns_own():
    value = chat.true_value(read({"rating": 4}).given, [])
    assert [turn["strength"] for turn in value["turns"]] == [2, -4]
    assert [turn["chosen"] for turn in value["turns"]] == [0, 1]
    assert value["turns"][0]["answers"] == ["Hi.", "What?"]


@given(st.data())
def test_from_shown_to_true_and_back(data):
    scale = data.draw(st.sampled_from([2, 5, 7, 8]))
    turns = []
    for number in range(data.draw(st.integers(1, 4))):
        order = tuple(data.draw(st.permutations([0, 1])))
        grade = data.draw(st.integers(1, scale))
        strength = pairwise.strength({"grade": grade, "scale": scale}, order)
        chosen = data.draw(st.sampled_from([0, 1])) if strength == 0 else int(strength < 0)
        turns.append(Turn(f"m{number}", (f"first {number}", f"second {number}"), order, grade, scale, chosen))
    given = read({"rating": 3}, Talk((), tuple(turns))).given
    assert chat.shown_value(chat.true_value(given, []), []) == given


@pytest.mark.parametrize(
    ("payload", "talk", "paths"),
    [
        ({}, TALK, ["rating"]),
        ({"rating": 6}, TALK, ["rating"]),
        ({"rating": 4}, Talk(), ["turns"]),
        ({"rating": 4}, None, ["turns"]),
        ({"rating": 4}, Talk(turns=TALK.turns, waiting=True), ["turns"]),
        ({"rating": "four"}, Talk(), ["turns", "rating"]),
    ],
)
def test_what_is_wrong_is_said(payload, talk, paths):
    with pytest.raises(InvalidAnswer) as error:
        read(payload, talk)
    assert [problem["path"] for problem in error.value.problems] == paths


def test_fewer_turns_than_asked_for():
    settings = chat.settings({"least_turns": 3})
    with pytest.raises(InvalidAnswer, match="1 more turn before"):
        read({"rating": 4}, TALK, settings)


def test_a_preference_for_every_decided_turn_with_the_talk_so_far():
    (first, second), left_out = rows("preference")
    assert first.messages == (("system", "Be brief."), ("user", "Hello?"))
    assert first.texts == ("Hi.", "What?")
    assert first.margin == 0.5
    assert second.messages == (
        ("system", "Be brief."), ("user", "Hello?"), ("assistant", "Hi."), ("user", "Sure?"),
    )  # fmt: skip
    assert second.texts == ("No.", "Yes.")
    assert second.margin == 1.5
    assert not left_out


def test_ties_follow_the_policy():
    tie = Talk((), (Turn("Hello?", ("Hi.", "What?"), (0, 1), grade=3, scale=5, chosen=1),))
    assert rows("preference", talk=tie) == ([], Counter(tie=1))
    plans, _ = rows("preference", Policy(ties="half"), talk=tie)
    assert [(plan.texts, plan.weight) for plan in plans] == [(("Hi.", "What?"), 0.5), (("What?", "Hi."), 0.5)]
    weak, _ = rows("preference", Policy(minimum=3))
    assert [plan.texts for plan in weak] == [("No.", "Yes.")]


def test_a_turn_with_one_response_compares_nothing_and_still_belongs_to_the_talk():
    alone = Talk((), (Turn("Hello?", ("Hi.",), (0,), chosen=0), TALK.turns[1]))
    (plan,), _ = rows("preference", talk=alone)
    assert plan.messages[1] == ("assistant", "Hi.")


def test_the_whole_talk_is_a_demonstration_if_rated_high():
    (plan,), _ = rows("prompt_completion", rating=4)
    assert plan.texts == ("No.",)
    assert plan.messages[-1] == ("user", "Sure?")
    assert rows("prompt_completion", rating=3) == ([], Counter(not_liked=1))
    assert len(rows("prompt_completion", rating=4, demonstration_from=5)[0]) == 0


def test_thumb_rating_and_ranks():
    assert [rows("unpaired_preference", rating=rating)[0] and rows("unpaired_preference", rating=rating)[0][0].label
            for rating in (1, 2, 3, 4, 5)] == [False, False, [], True, True]  # fmt: skip
    assert [rows("rated", rating=rating)[0][0].rating for rating in (1, 3, 5)] == [0.0, 0.5, 1.0]
    assert [plan.ranks for plan in rows("ranked")[0]] == [(1, 2), (2, 1)]
    assert rows("stepwise_supervision") == ([], Counter(other_format=1))


def test_words():
    given = read({"rating": 4}).given
    assert chat.sentence("answer", given) == "Good, after 2 turns"
    assert chat.sentence("skip", {}) == "Skipped"
    assert [chat.sentence_of_turn(turn) for turn in TALK.turns] == [("B slightly better", "b"), ("B much better", "b")]
    tie = Turn("Hello?", ("Hi.", "What?"), (1, 0), grade=3, scale=5, chosen=1)
    assert chat.sentence_of_turn(tie) == ("Tie; the talk goes on with A", "")
