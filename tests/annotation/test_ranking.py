"""Rankings: what was said is what comes out, in any shown order; what they become."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation.interfaces import interface, ranking
from annotation.interfaces.answers import Answer, Facts, InvalidAnswer, read_answer
from annotation.interfaces.ranking import Settings, competition, sentence, shown_value, true_value
from annotation.policy import Plan, Policy, Said, put_aside

DEFAULT = Settings()
ORDERS = st.integers(2, 9).flatmap(lambda count: st.permutations(range(count)))


@st.composite
def rankings(draw):
    """Places given in shown order, and the order shown."""
    order = draw(ORDERS)
    places = draw(st.lists(st.integers(1, len(order)), min_size=len(order), max_size=len(order)))
    return places, order


def read(payload: dict, order=(0, 1, 2), settings=DEFAULT) -> Answer:
    return read_answer(ranking, {"outcome": "answer", **payload}, settings, Facts(list(order)))


@given(rankings())
def test_what_was_said_is_what_comes_out_in_any_order(said):
    places, order = said
    answer = read({"ranks": places}, order)
    value = true_value(answer.given, order)
    for one, other in combinations(range(len(order)), 2):
        shown = (places[one] > places[other]) - (places[one] < places[other])
        true = value["ranks"][order[one]], value["ranks"][order[other]]
        assert (true[0] > true[1]) - (true[0] < true[1]) == shown
    assert min(value["ranks"]) == 1
    assert all(rank == 1 + sum(other < rank for other in value["ranks"]) for rank in value["ranks"])
    assert shown_value(value, order) == answer.given
    assert competition(value["ranks"]) == value["ranks"]


@given(ORDERS)
def test_none_can_be_ranked_in_any_order(order):
    answer = read({"unrankable": True}, order)
    assert true_value(answer.given, order) == {"unrankable": True} == shown_value(answer.given, order)
    assert sentence("answer", answer.given) == "None can be ranked"


def test_places_are_closed_up():
    assert read({"ranks": ["3", 1, 1]}).given == {"ranks": [3, 1, 1]}
    assert read({"ranks": [2, 3, 3]}).given == {"ranks": [1, 2, 2]}
    assert competition([2.5, 1.0, 2.5, 9.0]) == [2, 1, 2, 4]


@pytest.mark.parametrize(
    "payload",
    [
        {}, {"ranks": [1, 2]}, {"ranks": "123"}, {"ranks": [1, 2, 4]}, {"ranks": [0, 1, 2]}, {"ranks": [1, 2, True]},
        {"ranks": [1, 2, None]}, {"ranks": [1, 2, [3]]}, {"unrankable": "yes"},
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named(payload):
    with pytest.raises(InvalidAnswer) as caught:
        read(payload)
    assert [problem["path"] for problem in caught.value.problems] == ["ranks"]


def test_ties_may_be_ruled_out():
    with pytest.raises(InvalidAnswer, match="a place of its own"):
        read({"ranks": [1, 1, 3]}, settings=ranking.settings({"ties": False}))


def test_sentences():
    assert sentence("answer", {"ranks": [2, 1, 2, 4]}) == "B, then A and C, then D"
    assert sentence("skip", {}) == "Skipped"


def test_the_plain_form():
    assert ranking.form({"rank-1": "2", "rank-2": "1", "rank-3": "3"}) == {"ranks": ["2", "1", "3"]}
    assert ranking.form({"rank-1": "", "unrankable": "1"}) == {"unrankable": True}


def said(*rankings):
    return [
        Said(n, 1, "answer", None, None, value={"ranks": ranks} if ranks else {"unrankable": True})
        for n, ranks in enumerate(rankings, start=1)
    ]


def rows(format, voices, **policy):
    left_out = put_aside(voices)
    return ranking.plans(format, Policy(**policy), voices, left_out), +left_out


@given(rankings())
def test_every_pair_that_differs_is_a_row_the_better_one_chosen(drawn):
    ranks = competition(drawn[0])
    plans, left_out = rows("preference", said(ranks))
    assert {(plan.first, plan.second) for plan in plans} == {
        (one, other) for one in range(len(ranks)) for other in range(len(ranks)) if ranks[one] < ranks[other]
    }
    assert all(0 < plan.margin <= 1 for plan in plans)
    assert left_out == ({} if plans else {"tie": 1})


def test_pairs_margins_and_ties_follow_the_policy():
    ranks = [1, 2, 2, 4]
    pairs = {(plan.first, plan.second): plan.margin for plan in rows("preference", said(ranks))[0]}
    assert pairs == {(0, 1): 1 / 3, (0, 2): 1 / 3, (0, 3): 1.0, (1, 3): 2 / 3, (2, 3): 2 / 3}
    adjacent, _ = rows("preference", said(ranks), rank_pairs="adjacent", rank_margins="places")
    assert {(plan.first, plan.second): plan.margin for plan in adjacent} == {(0, 1): 1, (0, 2): 1, (1, 3): 2, (2, 3): 2}
    assert {plan.margin for plan in rows("preference", said(ranks), margins="none")[0]} == {0.0}
    assert {plan.margin for plan in rows("preference", said(ranks), rank_margins="one")[0]} == {1.0}
    halves = [plan for plan in rows("preference", said(ranks), ties="half")[0] if plan.weight == 0.5]
    assert [(plan.first, plan.second) for plan in halves] == [(1, 2), (2, 1)]


def test_every_format():
    ranks = [2, 1, 2]
    assert rows("ranked", said(ranks))[0] == [Plan(((1, 1),), 1, ranks=(2, 1, 2))]
    assert rows("prompt_completion", said(ranks))[0] == [Plan(((1, 1),), 1)]
    assert rows("prompt_completion", said([1, 1, 3])) == ([], {"tie": 1})
    assert [plan.first for plan in rows("prompt_completion", said([1, 1, 3]), ties="half")[0]] == [0, 1]
    assert rows("unpaired_preference", said(ranks)) == ([], {"other_format": 1})
    assert rows("preference", said(None)) == ([], {"unrankable": 1})
    assert rows("preference", said([1, 1])) == ([], {"tie": 1})


def test_several_rankings_become_one():
    voices = said([1, 2, 3], [1, 2, 3], [3, 2, 1])
    majority, _ = rows("ranked", voices, several="majority")
    assert [plan.ranks for plan in majority] == [(1, 2, 3)]
    assert [plan.ranks for plan in rows("ranked", said([1, 2, 3], [3, 2, 1]), several="majority")[0]] == [(1, 1, 1)]
    mean, _ = rows("ranked", said([1, 2, 3], [2, 1, 3]), several="mean")
    assert [(plan.ranks, plan.judgments) for plan in mean] == [((1, 1, 3), ((1, 1), (2, 1)))]
    assert len(rows("ranked", voices)[0]) == 3


def test_the_registry_knows_it():
    assert interface("ranking") is ranking
