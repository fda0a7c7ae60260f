"""The steps interface: reading an answer, its words, what it becomes."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation.interfaces import interface, steps
from annotation.interfaces.answers import Facts, InvalidAnswer, read_answer
from annotation.interfaces.steps import Settings, sentence, shown_value, true_value
from annotation.policy import Policy, Said

TEXT = "1. a\n2. b\n3. c"
AT = [5, 10, 14]
LABEL = st.sampled_from([1, 0, -1, None])


def read(payload: dict, mode: str = "every", text: str = TEXT, **options):
    return read_answer(steps, {"outcome": "answer", **payload}, Settings(mode, **options), Facts([0], lambda: [text]))


def said(*labels, number: int = 1, outcome: str = "answer", at=AT) -> Said:
    first = next((place for place, label in enumerate(labels) if label == -1), None)
    value = {"labels": list(labels), "first_error": first, "ends": at} if labels else {}
    return Said(number, 1, outcome, None, None, value=value)


def rows(format: str, *voices: Said, **policy):
    left_out = Counter()
    return steps.plans(format, Policy(**policy), voices, left_out), dict(left_out)


def test_every_step_is_labelled():
    assert read({"labels": [1, 0, -1]}).given == {"labels": [1, 0, -1], "first_error": 2, "ends": AT}
    assert read({"labels": [1, -1, None]}).given["first_error"] == 1
    assert read({"labels": [1, 1, 1]}).given["first_error"] is None


@pytest.mark.parametrize(
    ("first", "labels"),
    [
        (0, [-1, None, None]),
        ("1", [1, -1, None]),
        (2, [1, 1, -1]),
        (None, [1, 1, 1]),
        ("none", [1, 1, 1]),
    ],
)
def test_the_first_wrong_step_says_all_the_others(first, labels):
    assert read({"first_error": first}, "first").given["labels"] == labels


def test_the_mark_is_kept_where_it_cut():
    given = read({"labels": [1, 1]}, text="a ки\nb ки\n", cut="mark", mark="ки").given
    assert given == {"labels": [1, 1], "first_error": None, "ends": [4, 10], "mark": "ки"}


@pytest.mark.parametrize(
    ("payload", "mode", "path"),
    [
        ({}, "every", "labels"),
        ({"labels": [1, 1]}, "every", "labels"),
        ({"labels": [1, None, 1]}, "every", "labels"),
        ({"labels": [1, 2, 1]}, "every", "labels"),
        ({"labels": [1, True, 1]}, "every", "labels"),
        ({"labels": [1, [1], 1]}, "every", "labels"),
        ({"labels": "111"}, "every", "labels"),
        ({}, "first", "first_error"),
        ({"first_error": 3}, "first", "first_error"),
        ({"first_error": -1}, "first", "first_error"),
        ({"first_error": True}, "first", "first_error"),
        ({"outcome": "both_bad"}, "every", "outcome"),
    ],
)
def test_what_does_not_fit_is_named(payload, mode, path):
    with pytest.raises(InvalidAnswer) as caught:
        read(payload, mode)
    assert [problem["path"] for problem in caught.value.problems] == [path]


def test_an_empty_reply_has_no_steps():
    with pytest.raises(InvalidAnswer, match="empty"):
        read({"labels": []}, text="")


@given(st.lists(LABEL, min_size=1, max_size=8))
def test_shown_and_true_are_the_same(labels):
    value = {"labels": labels, "first_error": None, "ends": list(range(len(labels)))}
    assert shown_value(true_value(value, [0]), [0]) == value


def test_sentences():
    assert sentence("answer", {"labels": [1, 1], "first_error": None}) == "No error"
    assert sentence("answer", {"labels": [1, -1, None], "first_error": 1}) == "Step 2 is wrong"
    assert sentence("answer", {"labels": [1, 0, -1], "first_error": 2}) == "1 good, 1 neutral, 1 bad"
    assert sentence("skip", {}) == "Skipped"


def test_stepwise_rows_end_where_labels_end():
    [plan], left_out = rows("stepwise_supervision", said(1, -1, None))
    assert (plan.labels, plan.ends, left_out) == ((True, False), tuple(AT), {})


@pytest.mark.parametrize(("neutral", "labels"), [("good", (True, True, False)), ("bad", (True, False, False))])
def test_a_neutral_step_is_what_the_policy_says(neutral, labels):
    [plan], _ = rows("stepwise_supervision", said(1, 0, -1), neutral=neutral)
    assert plan.labels == labels


def test_a_neutral_step_may_leave_its_solution_out():
    assert rows("stepwise_supervision", said(1, 0, 1), neutral="drop") == ([], {"neutral": 1})


def test_what_was_not_labelled_before_a_label_yields_no_row():
    assert rows("stepwise_supervision", said(None, None, -1)) == ([], {"unlabelled": 1})


def test_the_solution_is_a_thumb_by_its_outcome():
    plans, left_out = rows(
        "unpaired_preference", said(1, 1, 1), said(1, -1, None, number=2), said(1, None, None, number=3)
    )
    assert [plan.label for plan in plans] == [True, False]
    assert left_out == {"unlabelled": 1}


def test_only_a_good_solution_is_a_demonstration():
    plans, left_out = rows("prompt_completion", said(1, 1, 1), said(1, -1, None, number=2))
    assert [plan.judgments for plan in plans] == [((1, 1),)]
    assert left_out == {"not_liked": 1}
    assert rows("preference", said(1, 1, 1)) == ([], {"other_format": 1})


def test_several_agree_step_by_step():
    voices = said(1, 1, -1), said(1, -1, None, number=2), said(1, -1, None, number=3)
    assert len(rows("stepwise_supervision", *voices)[0]) == 3
    [plan], _ = rows("stepwise_supervision", *voices, several="majority")
    assert plan.labels == (True, False, False)
    assert [number for number, _ in plan.judgments] == [1, 2, 3]
    [plan], _ = rows("stepwise_supervision", said(1, 1, 0), said(1, -1, -1, number=2), several="mean", neutral="bad")
    assert plan.labels == (True, False, False)


def test_answers_on_other_cuts_are_not_mixed():
    plans, _ = rows("stepwise_supervision", said(1, 1, 1), said(1, -1, number=2, at=[5, 14]), several="majority")
    assert len(plans) == 2


def test_the_plain_form():
    assert steps.form({"steps": "3", "step-0": "1", "step-2": "-1"}) == {"labels": [1, None, -1]}
    assert steps.form({"steps": "2", "first_error": "none"})["first_error"] == "none"
    assert steps.form({"steps": "999999999"})["labels"] == [None] * 1000


def test_the_bench_shows_bare_steps():
    assert steps.bench(Facts([0], lambda: [TEXT]), Settings())["steps"] == ["1. a", "2. b", "3. c"]
    assert interface("steps") is steps
