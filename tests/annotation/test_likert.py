"""Ratings: reading them on one criterion and several, and what they become."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation.interfaces import interface, likert
from annotation.interfaces.answers import Facts, InvalidAnswer, read_answer
from annotation.interfaces.task_settings import InvalidSettings
from annotation.policy import Plan, Policy, Said, put_aside

SEVERAL = likert.settings({"scale": 7, "criteria": ["helpful", "honest"]})
DEFAULT = likert.Settings()


def read(payload: dict, settings=DEFAULT) -> dict:
    return read_answer(likert, {"outcome": "answer", **payload}, settings, Facts([0])).given


@given(st.sampled_from(likert.SCALES), st.data())
def test_what_was_said_is_what_comes_out(scale, data):
    criteria = data.draw(st.lists(st.text("abcdefg", min_size=1, max_size=5), min_size=1, max_size=8, unique=True))
    settings = likert.settings({"scale": scale, "criteria": criteria})
    ratings = {criterion: data.draw(st.integers(1, scale)) for criterion in criteria}
    value = likert.true_value(read({"ratings": ratings, "scale": scale}, settings), [0])
    assert value == {"ratings": ratings, "scale": scale}
    assert likert.shown_value(value, [0]) == value
    assert likert.scaled(value, criteria[0]) == pytest.approx((ratings[criteria[0]] - 1) / (scale - 1))


@pytest.mark.parametrize(
    ("payload", "paths"),
    [
        ({}, ["ratings.helpful", "ratings.honest"]),
        ({"ratings": {"helpful": 3}}, ["ratings.honest"]),
        ({"ratings": {"helpful": 8, "honest": 0}}, ["ratings.helpful", "ratings.honest"]),
        ({"ratings": {"helpful": True, "honest": 2.5}}, ["ratings.helpful"]),
        ({"ratings": {"helpful": 1, "honest": 2, "brief": 3}}, ["ratings"]),
        ({"ratings": [1, 2]}, ["ratings.helpful", "ratings.honest"]),
    ],
)
def test_what_does_not_fit_is_named(payload, paths):
    with pytest.raises(InvalidAnswer) as caught:
        read(payload, SEVERAL)
    assert [problem["path"] for problem in caught.value.problems] == paths


def test_words_keys_and_the_plain_form():
    one = {"ratings": {"overall": 4}, "scale": 5}
    assert likert.sentence("answer", one) == "4 of 5"
    assert likert.sentence("answer", {"ratings": {"helpful": 4, "honest": 5}, "scale": 7}) == "helpful 4, honest 5 of 7"
    assert likert.keys(likert.Settings())[0] == ("1", "Very bad")
    assert [key for key, _ in likert.keys(SEVERAL)] == ["1", "2", "3", "4", "5", "6", "7", "↑ ↓"]
    assert likert.form({"rating:overall": "4", "scale": "5", "comment": ""}) == {
        "ratings": {"overall": "4"},
        "scale": 5,
    }
    assert likert.dock(likert.Settings())["one_key"]
    assert not likert.dock(SEVERAL)["one_key"]


def test_words_of_the_steps():
    assert likert.words_of(SEVERAL) == ["very bad", "", "", "", "", "", "very good"]
    assert likert.words_of(likert.settings({"anchors": []})) == [""] * 5
    with pytest.raises(InvalidSettings, match="two for the ends"):
        likert.settings({"anchors": ["a", "b", "c"]})
    with pytest.raises(InvalidSettings, match="Name one to 8 criteria"):
        likert.settings({"criteria": []})


def said(*steps, scale=5, name="overall"):
    return [
        Said(n, 1, "answer", scale, None, value={"ratings": {name: step}, "scale": scale})
        for n, step in enumerate(steps, 1)
    ]


def rows(format, voices, **policy):
    left_out = put_aside(voices)
    return likert.plans(format, Policy(**policy), voices, left_out), +left_out


def test_every_format():
    assert [plan.rating for plan in rows("rated", said(1, 3, 5))[0]] == [0.0, 0.5, 1.0]
    thumbs, left_out = rows("unpaired_preference", said(1, 2, 3, 4, 5))
    assert [plan.label for plan in thumbs] == [False, False, True, True]
    assert left_out == {"between": 1}
    assert rows("prompt_completion", said(4, 3)) == ([Plan(((1, 1),), 0)], {"not_liked": 1})
    assert rows("preference", said(4)) == ([], {"not_a_pair": 1})
    assert rows("ranked", said(4)) == ([], {"other_format": 1})


def test_thresholds_and_criteria_follow_the_policy():
    assert [plan.label for plan in rows("unpaired_preference", said(3, 3), up_from=0.5)[0]] == [True, True]
    voice = Said(1, 1, "answer", 7, None, value={"ratings": {"helpful": 7, "honest": 1}, "scale": 7})
    assert rows("rated", [voice])[0][0].rating == 0.5
    assert rows("rated", [voice], criterion="honest")[0][0].rating == 0.0
    assert rows("rated", [voice], criterion="brief") == ([], {"no_criterion": 1})


def test_several_ratings_become_one():
    assert [plan.rating for plan in rows("rated", said(1, 4, 5), several="majority")[0]] == [0.75]
    assert [plan.rating for plan in rows("rated", said(1, 4), several="mean")[0]] == [0.375]


def test_ratings_off_the_usual_scales_come_in():
    assert rows("rated", said(10, scale=10))[0][0].rating == 1.0
    assert rows("rated", said(0, scale=5))[0][0].rating == 0.0


def test_the_registry_knows_it():
    assert interface("likert") is likert
