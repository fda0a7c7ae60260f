"""The pure part of judging: prompts, verdicts, rules, scripts and what verdicts are worth."""

import csv
import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from annotation.judging import comparing, critique, debate, deliberation, inverse, measures, oracles, rules, scores
from annotation.judging import principles as principles_of
from annotation.judging.asking import Ask, Case, Ended, Reply
from annotation.judging.principles import Principle
from annotation.judging.templates import HOUSE, NEEDED, filled, problems_of, values_of
from annotation.judging.verdicts import combined, exclusive, weighted_rows, written_rating, written_verdict

ASKED = [{"role": "user", "content": "Which tree?"}]


@pytest.mark.parametrize("name", oracles.ORACLES)
@pytest.mark.real_data
def test_oracles_hold(name, real_data):
    real_data("mt_bench_human", "human_votes.jsonl")  # without it half of them would be left out in silence
    assert [row for row in oracles.rows([name]) if not row["passed"]] == []


def test_published_figures_are_among_the_oracles(real_data):
    real_data("llmbar", "judge_verdicts_Natural.csv")
    assert len([row for row in oracles.rows(["judge"]) if "MT-Bench" in row["source"]]) == 9
    assert len([row for row in oracles.rows(["judge"]) if "LLMBar" in row["source"]]) == 3


@given(st.text(), st.text())
def test_a_filled_template_holds_answers_as_they_are(first, second):
    text = filled("<{answer_a}|{answer_b}>", {"answer_a": first, "answer_b": second})
    assert text == f"<{first}|{second}>"


@pytest.mark.parametrize("mode", HOUSE)
def test_the_houses_own_prompts_have_what_they_need(mode):
    assert problems_of(HOUSE[mode][1], mode) == []
    values = values_of(ASKED, answer="ash", answer_a="beech", answer_b="cedar")
    text = filled(HOUSE[mode][1], values)
    assert "Which tree?" in text
    assert all(values[name] in text for name in NEEDED[mode])


def test_what_is_wrong_with_a_template_is_said():
    assert problems_of("{answer_a} {wrong}", "letters") == [
        "It has no {answer_b}: the answer shown second.",
        "There is no place called {wrong}; there are {conversation}, {question}, {reference}, {principles}, "  # noqa: ISC004
        "{answer_a}, {answer_b}, {answer}.",
    ]


@pytest.mark.parametrize(
    ("text", "value"),
    [("[[A]]", 1.0), ("so [[B]].", 0.0), ("[[A]] no, [[C]]", 0.5), ("A", None), ("[[a]]", None), ("[[D]]", None)],
)
def test_written_verdicts(text, value):
    assert written_verdict(text) == value


@pytest.mark.parametrize(("text", "value"), [("[[7]]", 7), ("[[3]] … [[8.5]]", 8.5), ("[[11]]", None), ("7", None)])
def test_written_ratings(text, value):
    assert written_rating(text) == value


@pytest.mark.parametrize(
    ("values", "agree", "mean"),
    [((0.9, 0.8), 1, 1), ((0.9, 0.2), 0, 1), ((0.9, 0.1), 0, 0), ((0.5, 0.9), 0, 1), ((0.4, 0.1), -1, -1)],
)
def test_two_orders_make_one_verdict(values, agree, mean):
    assert (combined(values, "agree"), combined(values, "mean")) == (agree, mean)


def test_a_soft_label_is_weighted_rows_that_sum_to_one():
    assert weighted_rows(0.75) == [(0, 1, 0.75), (1, 0, 0.25)]
    assert weighted_rows(1.0) == [(0, 1, 1.0)]


def test_options_that_begin_with_each_other_share_nothing():
    logprobs = {"1": math.log(0.6), "10": math.log(0.3), "100": math.log(0.1), "2": math.log(0.2)}
    tokens = {"1": [1], "10": [1, 0], "100": [1, 0, 0], "2": [2]}
    found = {option: math.exp(value) for option, value in exclusive(logprobs, tokens).items()}
    assert found == pytest.approx({"1": 0.3, "10": 0.2, "100": 0.1, "2": 0.2})


@pytest.mark.parametrize(
    ("rule", "first", "second", "share"),
    [
        ("longer", "a long one", "short", 1.0),
        ("shorter", "a long one", "short", 0.0),
        ("exact", "it is 1,200", "it is 12", 1.0),
        ("keywords", "an Oak", "oaks and oakum", 1.0),
        ("lists", "- a\n- b", "- a", 1.0),
        ("numbers", "3 and 4", "none", 1.0),
        ("kind", "Thanks!", "No.", 1.0),
        ("plain", "It is.", "Maybe it is.", 1.0),
        ("asks", "Why?", "So.", 1.0),
        ("longer", "same", "same", 0.5),
        ("shown_first", "same", "same", 1.0),
    ],
)
def test_rules(rule, first, second, share):
    case = Case("What?", "1200", first, second)
    assert rules.Rule(rule, {"keywords": ["oak"]}).share(case) == share


def asked_both_ways(rule: str, mode: str, answers, reference=""):
    values = []
    for place in (0, 1):
        pair, steps = comparing.Pair(ASKED, answers, place, reference), []
        script = comparing.Comparison(mode)
        while isinstance(said := script.next(pair, steps), Ask):
            steps.append(comparing.step(rules.Rule(rule, {"keywords": ["oak"]}).reply(said)))
        values.append(said.value)
    return values


@pytest.mark.parametrize("mode", ["letters", "verdict"])
def test_a_rule_goes_the_way_of_every_judge(mode):
    first, second = asked_both_ways("longer", mode, ("a long one", "short"))
    assert first == pytest.approx(second)
    assert first > 0.9


@pytest.mark.parametrize("mode", ["score", "rating"])
def test_a_rule_that_rates_alone(mode):
    right, wrong = asked_both_ways("exact", mode, ("it is 12", "it is 13"), reference="12")
    assert right > 9
    assert wrong < 2
    assert comparing.pair_value(mode, [right, wrong]) == [1.0]


def test_what_cannot_be_read_is_asked_three_times_and_then_dropped():
    script, pair = comparing.Comparison("verdict"), comparing.Pair(ASKED, ("one", "two"))
    steps = []
    for attempt in range(3):
        ask = script.next(pair, steps)
        assert ask.attempt == attempt
        steps.append(comparing.step(Reply(text="I like both.")))
    assert script.next(pair, steps) == Ended("unread")


def test_an_answer_that_is_refused_ends_the_row():
    script, pair = comparing.Comparison("letters"), comparing.Pair(ASKED, ("one", "two"))
    ended = script.next(pair, [comparing.step(Reply(refused="too long"))])
    assert (ended.state, ended.result) == ("refused", {"why": "too long"})


def test_the_other_order_swaps_the_answers():
    asks = [comparing.Comparison("letters").ask(comparing.Pair(ASKED, ("oak", "elm"), place)) for place in (0, 1)]
    first, second = (ask.messages[-1]["content"] for ask in asks)
    assert first.index("oak") < first.index("elm")
    assert second.index("elm") < second.index("oak")


def judged(verdict, *, prompt=0, **more):
    return measures.Judged(prompt, verdict, **more)


def test_agreement_counts_pairs_of_answers():
    rows = [judged(1, prompt=n, people=(1, 0)) for n in range(20)] + [
        judged(-1, prompt=20 + n, people=(-1,)) for n in range(10)
    ]
    with_ties, without = measures.agreement(rows), measures.agreement(rows, ties=False)
    assert (with_ties.value, with_ties.n) == (30 / 50, 50)
    assert (without.value, without.n) == (1.0, 30)
    assert with_ties.low < 0.6 < with_ties.high


def test_nothing_is_said_of_too_few():
    assert measures.agreement([judged(1, people=(1,))] * 29).value is None


def test_kappa_is_sklearns():
    rng = random.Random(3)
    pairs = [(n // 2, rng.choice((1, 0, -1)), rng.choice((1, -1, -1))) for n in range(200)]
    expected = cohen_kappa_score([one for _, one, _ in pairs], [other for *_, other in pairs])
    found = measures.kappa(pairs)
    assert found.value == pytest.approx(expected, abs=1e-12)
    assert found.low < found.value < found.high


def test_biases():
    rows = [judged(1, prompt=n, orders=(1.0, 0.0), lengths=(9, 5), own=(False, True), people=(-1,)) for n in range(40)]
    told = measures.report(rows)
    assert told["position"]["value"] == 0.5
    assert told["consistency"]["value"] == 0.0
    assert (told["length"]["value"], told["length_people"]["value"]) == (1.0, 0.0)
    assert (told["self"]["value"], told["self_people"]["value"]) == (0.0, 1.0)
    assert told["labels"][5] == 40


def test_position_bias_on_real_battles(real_data):
    """GPT-4 on eight systems: what stands first wins .561, what stands second .302."""
    with real_data("qlora_battles", "vicuna_gpt4_pairwise.csv").open() as lines:
        rows = [one for one in csv.DictReader(lines) if one["score"] != "-1"]
    value = {"1": 1.0, "2": 0.0, "3": 0.5}
    found = measures.position(judged(0, prompt=one["item_id"], orders=(value[one["score"]],)) for one in rows)
    shares = [sum(one["score"] == side for one in rows) / len(rows) for side in "12"]
    assert found.value == pytest.approx((1 + shares[0] - shares[1]) / 2 - 0.5)
    assert 0.10 < found.low < found.value < found.high < 0.16
    assert [round(sum(one["score"] == side for one in rows) / 4480, 3) for side in "12"] == [0.561, 0.302]


def test_principles_are_drawn_by_weight_and_seed():
    rows = [Principle("a", "one", 1.0), Principle("b", "two", 3.0)]
    drawn = [principles_of.drawn(rows, 1, 5, key)[0].key for key in range(2000)]
    assert drawn == [principles_of.drawn(rows, 1, 5, key)[0].key for key in range(2000)]
    assert 0.7 < drawn.count("b") / 2000 < 0.8
    assert principles_of.drawn(rows, 0) == rows


def test_principles_are_read_with_every_problem():
    rows = [
        {"text": "Be brief", "weight": "x"},
        {"text": "  "},
        {"text": "Be kind", "tags": "tone, tone ,", "key": "p1"},
    ]
    read = principles_of.read(rows)
    assert [problem["path"] for problem in read.problems] == ["principles[0].weight"]
    assert [(one.key, one.tags) for one in read.principles] == [("p2", ()), ("p1", ("tone",))]
    assert principles_of.read([]).problems[0]["path"] == "principles"


def test_versions_tell_what_became_of_each_principle():
    before = [Principle("a", "one"), Principle("b", "two")]
    after = [Principle("b", "two"), Principle("a", "one, changed"), Principle("c", "three")]
    kinds = [(change.principle.key, change.kind) for change in principles_of.differences(before, after)]
    assert kinds == [("b", "same"), ("a", "changed"), ("c", "added")]
    assert principles_of.differences(after, before)[-1].kind == "removed"


def test_a_chain_shows_the_writer_its_own_answer_and_the_principle():
    chain = critique.Chain([Principle("a", "be brief")], revisions=1)
    row, steps = critique.Started(ASKED), []
    for text in ("long", "too long", "short"):
        ask = chain.next(row, steps)
        steps.append(chain.step(row, steps, Reply(text=text)))
    assert [turn["content"] for turn in ask.messages][:2] == ["Which tree?", "long"]
    assert "be brief" in ask.messages[2]["content"]
    assert ask.messages[3] == {"role": "assistant", "content": "too long"}
    assert chain.next(row, steps).result == {"answer": "long", "revised": "short"}
    assert critique.demonstrations(steps) == critique.demonstrations(steps, "all") == ["short"]


@pytest.mark.parametrize(
    "text", ["no marks", "<think></think>x", "<think>x</think> ", "a<think>x</think>y", "<think>x"]
)
def test_reasoning_that_cannot_be_told_apart(text):
    assert deliberation.taken_apart(text) is None


def test_an_answer_without_reasoning_is_unread():
    script = deliberation.Deliberation("Be brief.")
    assert script.next(ASKED, [script.step([], Reply(text="Oak."))]).state == "unread"


def test_debaters_at_once_do_not_hear_each_other():
    motion = debate.Motion(ASKED, ("oak", "elm"))
    for kind, heard in (("sequential", True), ("simultaneous", False)):
        script, steps = debate.Debate(1, kind), []
        for text in (None, "my case", None):
            ask = script.next(motion, steps)
            reply = Reply(text=text) if text else Reply(logprobs={"A": -1.0, "B": -1.0})
            steps.append(script.step(steps, reply)) if len(steps) < 2 else None
        assert ("my case" in ask.messages[-1]["content"]) == heard


def test_the_judge_of_a_debate_is_asked_before_and_after():
    script, motion, steps = debate.Debate(1, mode="verdict"), debate.Motion(ASKED, ("oak", "elm")), []
    for text in ("[[B]]", "for oak", "for elm", "[[A]]"):
        steps.append(script.step(steps, Reply(text=text)))
    ended = script.next(motion, steps)
    assert (ended.value, ended.result) == (1.0, {"without": 0.0})


def test_clusters_hold_what_is_alike():
    texts = ["Select the response that is longer.", "Select the response that is much longer.",
             "Select the response that uses polite words.", "Select the response that is polite."]  # fmt: skip
    groups = inverse.clustered(texts, 2, seed=1)
    assert sorted(sorted(texts.index(one) for one in group) for group in groups) == [[0, 1], [2, 3]]


def test_proposals_are_read_off_an_answer():
    text = "Sure:\n1. Select the response that is shorter\n- select the response that  cites sources.\nBye"
    assert inverse.proposed(text) == ["Select the response that is shorter.", "Select the response that cites sources."]


def test_expected_scores_of_two_answers_make_a_comparison():
    assert [scores.preferred(7.2, 3), scores.preferred(3, 7.2), scores.preferred(5, 5)] == [1.0, 0.0, 0.5]
