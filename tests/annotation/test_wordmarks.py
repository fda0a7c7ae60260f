"""What only one of two texts has."""

import time

from hypothesis import given
from hypothesis import strategies as st

from annotation.wordmarks import Change, changes, differences


def marked(first, second):
    return tuple(
        [text[span.start : span.end] for span in spans]
        for text, spans in zip((first, second), differences(first, second), strict=True)
    )


def test_only_what_one_side_has_is_marked():
    assert marked("Fill a box with damp sand.", "Fill a box with damp sand or sawdust.") == ([], ["or sawdust"])


def test_equal_texts_have_no_marks():
    assert marked("The same.", "The same.") == ([], [])
    assert marked("", "") == ([], [])


def test_one_empty_side_marks_the_whole_other():
    assert marked("", "All of this.") == ([], ["All of this"])


def test_case_and_punctuation_do_not_make_a_word_new():
    assert marked("Keep it cool. And dark.", "Keep it cool, and dark") == ([], [])


def test_a_lone_small_word_does_not_break_a_mark():
    left, right = marked("Wash the roots well.", "Peel the stems first.")
    assert left == ["Wash the roots well"]
    assert right == ["Peel the stems first"]


def test_very_long_texts_stay_unmarked_at_once():
    start = time.perf_counter()
    assert marked("word " * 5000, "other " * 5000) == ([], [])
    assert time.perf_counter() - start < 1


@given(st.text(max_size=200), st.text(max_size=200))
def test_spans_are_ordered_lie_inside_and_do_not_touch(first, second):
    for text, spans in zip((first, second), differences(first, second), strict=True):
        last = -1
        for span in spans:
            assert last < span.start < span.end <= len(text)
            last = span.end


@given(st.text(max_size=200))
def test_nothing_differs_from_itself(text):
    assert differences(text, text) == ([], [])


@given(st.text("ab \n", max_size=40), st.text("ab \n", max_size=40))
def test_changes_give_both_texts_back(before, after):
    parts = changes(before, after)
    assert "".join(part.text for part in parts if part.kind != "in") == before
    assert "".join(part.text for part in parts if part.kind != "out") == after


def test_changes_are_by_word():
    assert changes("the quick fox", "the slow fox") == [
        Change("same", "the "), Change("out", "quick"), Change("in", "slow"), Change("same", " fox"),
    ]  # fmt: skip
    long = "w " * 9_000
    assert [part.kind for part in changes(long, "x")] == ["out", "in"]
