"""Fresh answers become items as the way to label takes them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation.grouping import MOST_PAIRS, grouped


@pytest.mark.parametrize(
    ("answers", "least", "most", "items"),
    [
        ("abc", 1, 1, ["a", "b", "c"]),
        ("ab", 2, 2, ["ab"]),
        ("abc", 2, 2, ["ab", "ac", "bc"]),
        ("a", 2, 2, []),
        ("abcd", 2, 9, ["abcd"]),
        ("a", 2, 9, []),
        ("abcdefghijk", 2, 9, ["abcdef", "ghijk"]),
        ("ab", 0, 0, []),
        ("", 1, 1, []),
    ],
)
def test_groups(answers, least, most, items):
    assert ["".join(group) for group in grouped(answers, least, most)] == items


def test_no_more_pairs_than_anybody_would_judge():
    assert len(grouped("abcdefgh", 2, 2)) == MOST_PAIRS


@given(st.integers(0, 40), st.integers(2, 5), st.integers(3, 9))
def test_every_answer_stands_once_and_no_item_is_too_small_or_too_large(count, least, most):
    if least > most:
        return
    groups = grouped(range(count), least, most)
    assert all(least <= len(group) <= most for group in groups)
    if count >= least:
        assert len([one for group in groups for one in group]) >= count - most
        assert len({one for group in groups for one in group}) == sum(len(group) for group in groups)
