"""The pairwise interface: cells, reading an answer, shown and true order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation.interfaces import interface, pairwise
from annotation.interfaces.pairwise import Answer, InvalidAnswer, cells, grade_of, read, sentence, strength, yields

SCALES = st.sampled_from(pairwise.SCALES)
ORDERS = st.sampled_from([[0, 1], [1, 0]])


@pytest.mark.parametrize(
    ("scale", "strengths"),
    [
        (2, [1, -1]),
        (5, [2, 1, 0, -1, -2]),
        (7, [3, 2, 1, 0, -1, -2, -3]),
        (8, [4, 3, 2, 1, -1, -2, -3, -4]),
    ],
)
def test_cells_run_from_left_to_right(scale, strengths):
    row = cells(scale)
    assert [cell.strength for cell in row] == strengths
    assert [cell.key for cell in row] == [str(number) for number in range(1, scale + 1)]


def test_words_of_the_eight_point_scale():
    assert [f"{cell.letter} {cell.word}" for cell in cells(8)] == [
        "A much better", "A better", "A slightly", "A barely", "B barely", "B slightly", "B better", "B much better",
    ]  # fmt: skip


def test_odd_scales_hold_a_tie_in_the_middle():
    assert [cell.word for cell in cells(5)] == ["clearly better", "slightly", "tie", "slightly", "clearly better"]
    assert cells(7)[3].sentence == "A and B are equally good"


def test_strength_is_from_the_first_completion_whichever_side_it_stood_on():
    left_much_better = Answer("answer", 1)
    assert strength(left_much_better, 8, [0, 1]) == 4
    assert strength(left_much_better, 8, [1, 0]) == -4


@given(scale=SCALES, order=ORDERS, data=st.data())
def test_shown_to_true_and_back(scale, order, data):
    grade = data.draw(st.integers(1, scale))
    signed = strength(Answer("answer", grade), scale, order)
    assert grade_of(signed, scale, order) == grade
    assert strength(Answer("answer", scale + 1 - grade), scale, order) == -signed


@given(scale=SCALES, order=ORDERS, data=st.data())
def test_the_preferred_completion_is_the_one_that_was_pointed_at(scale, order, data):
    cell = data.draw(st.sampled_from(cells(scale)))
    value = pairwise.true_value(Answer("answer", cell.grade), scale, order)
    pointed_at = {"a": order[0], "b": order[1], "": None}[cell.side]
    assert value["preferred"] == pointed_at


@pytest.mark.parametrize("outcome", ["both_bad", "skip", "broken"])
def test_no_strength_without_a_cell(outcome):
    assert strength(Answer(outcome), 8, [0, 1]) is None
    assert pairwise.true_value(Answer(outcome), 8, [0, 1]) == {}


def test_an_answer_is_read():
    assert read({"outcome": "answer", "grade": "3", "comment": " why\x00 "}, 8) == Answer("answer", 3, "", "why")
    assert read({"outcome": "skip", "reason": "subject"}, 8) == Answer("skip", None, "subject")
    assert read({"outcome": "both_bad", "grade": 3, "reason": "subject"}, 8) == Answer("both_bad")


@pytest.mark.parametrize(
    ("payload", "path"),
    [
        ({}, "outcome"),
        ({"outcome": "win"}, "outcome"),
        ({"outcome": "answer"}, "grade"),
        ({"outcome": "answer", "grade": 9}, "grade"),
        ({"outcome": "answer", "grade": 0}, "grade"),
        ({"outcome": "answer", "grade": True}, "grade"),
        ({"outcome": "answer", "grade": [1]}, "grade"),
        ({"outcome": "skip"}, "reason"),
        ({"outcome": "skip", "reason": "unsafe"}, "reason"),
        ({"outcome": "broken", "reason": "subject"}, "reason"),
        ({"outcome": "both_bad", "comment": "x" * 10_001}, "comment"),
    ],
)
def test_what_does_not_fit_is_named(payload, path):
    with pytest.raises(InvalidAnswer) as caught:
        read(payload, 8)
    assert [problem["path"] for problem in caught.value.problems] == [path]


def test_sentences():
    assert sentence("answer", 6, 8) == "B slightly better"
    assert sentence("answer", 3, 5) == "Tie"
    assert sentence("both_bad", None, 8) == "Both bad"
    assert sentence("broken", None, 8) == "Flagged"


def test_what_it_yields():
    assert "preference" in yields("answer", 2)
    assert yields("answer", 0) == ("preference",)
    assert yields("both_bad", None) == ("unpaired_preference",)
    assert yields("skip", None) == ()


def test_the_registry_knows_it():
    assert interface("pairwise") is pairwise
    with pytest.raises(KeyError, match="pairwise"):
        interface("ranking")
