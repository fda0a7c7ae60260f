"""What graded answers become, cell by cell."""

import pytest

from annotation.policy import MARGINS, Plan, Policy, Said, margin_of, pair_plans, put_aside


def said(*strengths, scale=8):
    """Judgments 1, 2, … of a pair; a string is an outcome without a strength."""
    return [
        Said(n, 1, "answer", scale, given) if isinstance(given, int) else Said(n, 1, given, scale, None)
        for n, given in enumerate(strengths, start=1)
    ]


def rows(format, voices, **policy):
    left_out = put_aside(voices)
    return pair_plans(format, Policy(**policy), voices, left_out), left_out


def test_strength_becomes_margin_and_sign_becomes_side():
    plans, left_out = rows("preference", said(4, -1, 3))
    assert plans == [
        Plan(((1, 1),), 0, 1, margin=1.5),
        Plan(((2, 1),), 1, 0, margin=0.1),
        Plan(((3, 1),), 0, 1, margin=1.0),
    ]
    assert not left_out


@pytest.mark.parametrize(
    ("table", "scale", "strength", "margin"),
    [
        ("graded", 8, 1, 0.1), ("graded", 8, 4, 1.5), ("graded", 7, 2, 1.0), ("graded", 5, 1, 0.5),
        ("graded", 2, 1, 1.0), ("graded", 3, 1, 1.0), ("graded", None, 1, 1.0), ("thirds", 8, 2, 1 / 3),
        ("none", 8, 4, 0.0), ("graded", 8, 2.5, 0.75), ("graded", 8, 0.5, 0.05), ("graded", 8, 9, 1.5),
    ],
)  # fmt: skip
def test_margin_tables(table, scale, strength, margin):
    assert margin_of(table, scale, strength) == pytest.approx(margin)


def test_every_table_knows_every_scale():
    for table in MARGINS.values():
        assert {scale: len(steps) for scale, steps in table.items()} == {2: 1, 3: 1, 5: 2, 7: 3, 8: 4}


def test_weaker_answers_than_the_minimum_are_ties():
    plans, left_out = rows("preference", said(1, 2), minimum=2)
    assert [plan.judgments for plan in plans] == [((2, 1),)]
    assert left_out == {"tie": 1}


def test_ties_are_dropped_or_half_rows_both_ways():
    assert rows("preference", said(0, scale=5)) == ([], {"tie": 1})
    plans, left_out = rows("preference", said(0, scale=5), ties="half")
    assert plans == [Plan(((1, 1),), 0, 1, weight=0.5), Plan(((1, 1),), 1, 0, weight=0.5)]
    assert not left_out


def test_both_bad_is_two_thumbs_down_where_the_format_is_thumbs():
    assert rows("preference", said("both_bad")) == ([], {"both_bad": 1})
    plans, _ = rows("unpaired_preference", said("both_bad"))
    assert [(plan.first, plan.label) for plan in plans] == [(0, False), (1, False)]
    assert rows("unpaired_preference", said("both_bad"), both_bad="drop") == ([], {"both_bad": 1})


def test_skips_and_flags_yield_nothing_and_say_so():
    assert rows("preference", said("skip", "broken", "skip")) == ([], {"skip": 2, "broken": 1})


def test_majority_takes_the_mean_margin_of_the_winners():
    plans, _ = rows("preference", said(4, 2, -3), several="majority")
    assert plans == [Plan(((1, 1), (2, 1), (3, 1)), 0, 1, margin=1.0)]  # (1.5 + 0.5) / 2
    assert rows("preference", said(4, -1), several="majority") == ([], {"tie": 2})
    assert rows("preference", said("both_bad", "both_bad", 1), several="majority") == ([], {"both_bad": 3})


def test_mean_strength():
    plans, _ = rows("preference", said(4, -1), several="mean")
    assert plans == [Plan(((1, 1), (2, 1)), 0, 1, margin=pytest.approx(0.3))]  # mean 1.5, between 0.1 and 0.5
    assert rows("preference", said(2, -2), several="mean") == ([], {"tie": 2})
    assert rows("preference", said(1, 2), several="mean", minimum=2) == ([], {"tie": 2})


def test_an_imported_margin_wins_over_the_table_and_none_wins_over_both():
    voice = [Said(1, 1, "answer", 2, 1, margin=0.37)]
    assert rows("preference", voice)[0][0].margin == 0.37
    assert rows("preference", voice, margins="none")[0][0].margin == 0.0


def test_unpaired_and_completion_rows_of_a_pair():
    plans, _ = rows("unpaired_preference", said(-2))
    assert [(plan.first, plan.label) for plan in plans] == [(0, False), (1, True)]
    assert rows("prompt_completion", said(-2))[0] == [Plan(((1, 1),), 1)]


def test_a_policy_says_all_that_is_wrong_with_it():
    assert Policy.read(Policy().as_dict()) == Policy()
    with pytest.raises(ValueError, match=r"ties: must be one of.*minimum: must be"):
        Policy.read({"ties": "maybe", "minimum": 0})
    with pytest.raises(ValueError, match="colour: there is no such setting"):
        Policy.read({"colour": 1})
    with pytest.raises(ValueError, match="down_to, up_from: must be numbers from 0 to 1"):
        Policy.read({"up_from": 0.2})
    with pytest.raises(ValueError, match=r"implicit: must be one of drop, thumbs; .*criterion: must be the name"):
        Policy.read({"implicit": "keep", "criterion": 3, "up_from": True})
