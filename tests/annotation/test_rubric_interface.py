"""The rubric interface: reading scores, shown and true order, totals, and what an answer becomes in every format."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation.interfaces import rubric
from annotation.interfaces.answers import Facts, InvalidAnswer, read_answer
from annotation.interfaces.task_settings import InvalidSettings
from annotation.policy import Policy, Said

UNITS = st.floats(0, 1).map(lambda value: round(value, 4))
SETTINGS = rubric.settings(
    {
        "rubric": {
            "uid": "u4",
            "name": "House",
            "number": 2,
            "categories": [
                {"name": "code", "items": [{"key": "k9", "text": "It runs.", "weight": 1.0}]},
                {
                    "name": "",
                    "items": [
                        {"key": "k1", "text": "It is true.", "weight": 0.6},
                        {"key": "k2", "text": "It is short.", "weight": 0.4, "checked": True},
                    ],
                },
            ],
        }
    }
)


def entry(score, confidence=1.0, reason=""):
    return {"score": score, "confidence": confidence, "reason": reason}


def sheet(true, short):
    return {
        "k1": true if isinstance(true, dict) else entry(true),
        "k2": short if isinstance(short, dict) else entry(short),
    }


def read(sheets, order=(0,), category="poems"):
    payload = {"outcome": "answer", "sheets": sheets}
    return read_answer(rubric, payload, SETTINGS, Facts(list(order), category=category)).given


def problems(sheets, **how) -> dict:
    with pytest.raises(InvalidAnswer) as caught:
        read(sheets, **how)
    return {problem["path"]: problem["message"] for problem in caught.value.problems}


def test_an_answer_holds_scores_confidences_reasons_and_the_weights_they_count_with():
    found = read([sheet(entry(0.5, 0.25, " why\x00 "), 1)])
    assert found == {
        "rubric": "u4",
        "version": 2,
        "weights": {"k1": 0.6, "k2": 0.4},
        "sheets": [{"k1": entry(0.5, 0.25, "why"), "k2": entry(1.0, 1.0)}],
    }


def test_the_items_are_those_of_the_prompts_category():
    assert read([{"k9": entry(1)}], category="code")["weights"] == {"k9": 1.0}
    assert rubric.bench(Facts([0], category="code"), SETTINGS)["items"][0].text == "It runs."
    only = rubric.settings({"rubric": {"uid": "u1", "name": "x", "number": 1, "categories": [
        {"name": "code", "items": [{"key": "k9", "text": "It runs.", "weight": 1.0}]}]}})  # fmt: skip
    with pytest.raises(InvalidAnswer, match="no items for prompts of this category"):
        read_answer(rubric, {"outcome": "answer", "sheets": [{}]}, only, Facts([0], category="poems"))


@pytest.mark.parametrize(
    ("sheets", "path", "words"),
    [
        (None, "sheets", "Score 1 answers; 0 came"),
        ("x", "sheets", "0 came"),
        ([sheet(1, 1), sheet(1, 1)], "sheets", "2 came"),
        ([{}], "sheets.0.k1.score", "“It is true.” needs a score from 0 to 1"),
        ([sheet(entry(0.5, None), 1)], "sheets.0.k1.confidence", "needs a confidence"),
        ([sheet(entry(1.01), 1)], "sheets.0.k1.score", "from 0 to 1"),
        ([sheet(entry(True), 1)], "sheets.0.k1.score", "from 0 to 1"),
        ([sheet(entry("nan"), 1)], "sheets.0.k1.score", "from 0 to 1"),
        ([sheet(entry(1, 1, "x" * 2001), 1)], "sheets.0.k1.reason", "2,000"),
        ([{**sheet(1, 1), "k77": entry(1)}], "sheets.0.k77", "no such item"),
        (["x"], "sheets.0.k2.score", "needs a score"),
    ],
)
def test_what_is_wrong_is_named(sheets, path, words):
    assert words in problems(sheets)[path]


def test_a_task_without_a_rubric_is_refused():
    for told in ({}, {"rubric": None}, {"rubric": {"uid": "u"}}, {"rubric": {"uid": "u", "name": "", "number": 1,
                  "categories": []}}):  # fmt: skip
        with pytest.raises(InvalidSettings, match="on the page of the rubric"):
            rubric.settings(told)


@given(order=st.permutations(range(3)), scores=st.lists(st.tuples(UNITS, UNITS), min_size=3, max_size=3))
def test_shown_to_true_and_back(order, scores):
    shown = read([sheet(*pair) for pair in scores], order=order)
    value = rubric.true_value(shown, order)
    assert rubric.shown_value(value, order) == shown
    for place, index in enumerate(order):
        assert value["sheets"][index] == shown["sheets"][place]


def test_a_plain_form_gives_the_same_payload():
    post = {"score-0-k1": "0.5", "confidence-0-k1": "1", "reason-0-k1": "", "score-0-k2": "1",
            "confidence-0-k2": "0.75", "token": "x", "score-x-k2": "1", "score-0-": "1"}  # fmt: skip
    sheets = rubric.form(post)["sheets"]
    assert read(sheets) == read([sheet(0.5, entry(1, 0.75))])


def test_totals_by_name():
    value = read([sheet(entry(1, 1), entry(0, 0.25))])
    assert rubric.totals(value, form="bounded") == pytest.approx([0.6 / (0.6 + 0.4 * 0.25)])
    assert rubric.totals(value, form="as_printed") == pytest.approx([2 * 0.6 / 1.25])
    assert rubric.totals(read([sheet(entry(1, 0), entry(1, 0))])) == [None]


def test_how_an_answer_reads():
    assert rubric.sentence("answer", read([sheet(1, 0)])) == "Total 0.60"
    assert rubric.sentence("answer", read([sheet(1, 0), sheet(0, 1)], order=[1, 0])) == "A 0.60, B 0.40"
    assert rubric.sentence("answer", read([sheet(entry(1, 0), entry(1, 0))])) == "Total without weight"
    assert rubric.sentence("skip", {}) == "Skipped"


def said(*sheets, pk=7):
    order = list(range(len(sheets)))
    return Said(pk, 1, "answer", None, None, value=rubric.true_value(read(list(sheets), order=order), order))


def rows(format, *voices, **policy):
    left_out = Counter()
    return rubric.plans(format, Policy.read(policy), voices, left_out), left_out


def test_pairs_come_from_totals_with_their_distance_as_margin():
    voice = said(sheet(1, 1), sheet(0, 1), sheet(1, 1))
    plans, left_out = rows("preference", voice)
    assert [(plan.first, plan.second, plan.margin) for plan in plans] == [(0, 1, 0.6), (2, 1, 0.6)]
    assert not left_out
    halves, _ = rows("preference", voice, ties="half")
    assert [(plan.first, plan.second, plan.weight) for plan in halves if plan.weight < 1] == [(0, 2, 0.5), (2, 0, 0.5)]
    assert {plan.margin for plan in rows("preference", voice, margins="none")[0]} == {0.0}


def test_a_single_answer_makes_no_pair_and_is_counted():
    plans, left_out = rows("preference", said(sheet(1, 1)))
    assert (plans, left_out) == ([], Counter(other_format=1))
    assert rows("preference", said(sheet(1, 1), sheet(1, 1)))[1] == Counter(tie=1)
    assert rows("stepwise_supervision", said(sheet(1, 1)))[1] == Counter(other_format=1)


def test_thumbs_ratings_demonstrations_and_rankings():
    voice = said(sheet(0, 1), sheet(1, 0.5))  # 0.4 and 0.8
    assert [plan.label for plan in rows("unpaired_preference", voice)[0]] == [False, True]
    assert [plan.label for plan in rows("unpaired_preference", voice, liked=0.9)[0]] == [False, False]
    assert [plan.rating for plan in rows("rated", voice)[0]] == [0.4, 0.8]
    assert [plan.first for plan in rows("prompt_completion", voice)[0]] == [1]
    assert rows("prompt_completion", voice, liked=0.9)[0] == []
    assert [plan.ranks for plan in rows("ranked", voice)[0]] == [(2, 1)]
    assert rows("ranked", said(sheet(1, 1)))[0] == []


def test_the_printed_form_stays_a_rating_from_0_to_1():
    voice = said(sheet(entry(1, 1), entry(0.9, 0.1)))
    assert rows("rated", voice, totals="as_printed")[0][0].rating == 1.0
    assert rows("rated", voice, totals="bounded")[0][0].rating < 1.0


def test_several_voices_each_or_their_mean():
    voices = said(sheet(1, 1), sheet(0, 0), pk=1), said(sheet(0, 0), sheet(0.5, 0.5), pk=2)
    each, _ = rows("preference", *voices)
    assert [(plan.judgments, plan.first, plan.margin) for plan in each] == [(((1, 1),), 0, 1.0), (((2, 1),), 1, 0.5)]
    mean, _ = rows("preference", *voices, several="mean")
    assert [(plan.judgments, plan.first, plan.margin) for plan in mean] == [(((1, 1), (2, 1)), 0, 0.25)]


def test_the_confidence_of_everybody_weighs_an_item():
    sure, unsure = said(sheet(entry(1, 1), entry(0, 1)), pk=1), said(sheet(entry(1, 1), entry(0, 0)), pk=2)
    found = [plan.rating for plan in rows("rated", sure, unsure)[0]]
    assert found == pytest.approx([0.6 / 0.8] * 2), "phibar is 1 and 0.5 for both"


def test_skips_yield_nothing():
    assert rows("rated", Said(1, 1, "skip", None, None, value={}))[0] == []


def test_a_policy_names_the_form_of_the_total():
    with pytest.raises(ValueError, match="totals: must be one of bounded, as_printed"):
        Policy.read({"totals": "mean"})
    with pytest.raises(ValueError, match="liked"):
        Policy.read({"liked": 2})
