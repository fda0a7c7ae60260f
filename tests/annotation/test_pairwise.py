"""The pairwise interface: cells, reading an answer, shown and true order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation.interfaces import interface, pairwise
from annotation.interfaces.answers import Answer, Facts, InvalidAnswer, read_answer
from annotation.interfaces.pairwise import Settings, cells, sentence, shown_value, strength, true_value
from annotation.interfaces.task_settings import InvalidSettings

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


def read(payload: dict, scale: int) -> Answer:
    return read_answer(pairwise, payload, Settings(scale), Facts([0, 1]))


def cell(grade: int, scale: int = 8) -> dict:
    return {"grade": grade, "scale": scale}


def test_strength_is_from_the_first_completion_whichever_side_it_stood_on():
    left_much_better = cell(1)
    assert strength(left_much_better, [0, 1]) == 4
    assert strength(left_much_better, [1, 0]) == -4


@given(scale=SCALES, order=ORDERS, data=st.data())
def test_shown_to_true_and_back(scale, order, data):
    grade = data.draw(st.integers(1, scale))
    value = true_value(cell(grade, scale), order)
    assert shown_value(value, order) == cell(grade, scale)
    assert strength(cell(scale + 1 - grade, scale), order) == -value["strength"]


@given(scale=SCALES, order=ORDERS, data=st.data())
def test_the_preferred_completion_is_the_one_that_was_pointed_at(scale, order, data):
    chosen = data.draw(st.sampled_from(cells(scale)))
    value = true_value(cell(chosen.grade, scale), order)
    pointed_at = {"a": order[0], "b": order[1], "": None}[chosen.side]
    assert value["preferred"] == pointed_at


def test_no_strength_without_a_cell():
    assert strength({}, [0, 1]) is None
    assert true_value({}, [0, 1]) == {}


def test_an_answer_is_read():
    assert read({"outcome": "answer", "grade": "3", "comment": " why\x00 "}, 8) == Answer("answer", cell(3), "", "why")
    assert read({"outcome": "answer", "grade": 7, "scale": 7}, 8) == Answer("answer", cell(7, 7))
    assert read({"outcome": "skip", "reason": "subject"}, 8) == Answer("skip", {}, "subject")
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
    assert sentence("answer", cell(6)) == "B slightly better"
    assert sentence("answer", cell(3, 5)) == "Tie"
    assert sentence("both_bad", {}) == "Both bad"
    assert sentence("broken", {}) == "Flagged"


def test_settings_are_read_and_refused():
    assert pairwise.settings({"scale": "5"}) == Settings(5)
    with pytest.raises(InvalidSettings, match=r"colour: There is no such setting.*scale: Must be one of 2, 5, 7, 8"):
        pairwise.settings({"scale": 6, "colour": 1})


def test_the_registry_knows_it():
    assert interface("pairwise") is pairwise
    with pytest.raises(KeyError, match="pairwise"):
        interface("charades")
