"""The true quality of a reply: by hand on literal texts, by law on drawn ones, and on garbage."""

import random
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation.demo.corpus import conversations, pairs, prompts
from annotation.demo.facts import TOPICS
from annotation.demo.replies import Mixture, Style, compose
from annotation.demo.truth import exact_answer, quality, read_prompt, true_quality

BEANS = "Good morning. When do I sow beans?"  # May
POTS = "How many pots are three pots and two more?"  # 5

# (prompt, reply, correct, polite, brief, value with readable 1)
BY_HAND = [
    (BEANS, "Sow beans in May.", 1, 0.5, 1, 0.875),
    (BEANS, "I am glad to help. Sow beans in May.", 1, 1, 1, 1.0),
    (BEANS, "Everybody knows that. Sow beans in May.", 1, 0, 1, 0.75),
    (BEANS, "In May.", 1, 0.5, 0.5, 0.75),  # two words are curt
    (BEANS, "Sow beans in June.", 0, 0.5, 1, 0.375),
    (BEANS, "Sow beans in May or in June.", 0.5, 0.5, 1, 0.625),  # names two answers
    (BEANS, "Sow peas in May.", 0.5, 0.5, 1, 0.625),  # the right month of another crop
    (BEANS, "You may sow them when it is warm.", 0, 0.5, 1, 0.375),  # "may" is no month
    (BEANS, "I am not sure about this one.", 0.2, 0.5, 1, 0.475),
    (POTS, "That makes 5 pots.", 1, 0.5, 1, 0.875),
    (POTS, "There are five pots.", 1, 0.5, 1, 0.875),
    (POTS, "That makes 3, no, 5 pots.", 1, 0.5, 1, 0.875),  # the last number counts
    (POTS, "That makes 5, no, 6 pots.", 0, 0.5, 1, 0.375),
    ("Where do I find the spade?", "Look for the spade in the green shed.", 1, 0.5, 1, 0.875),
    ("Where do I find the spade?", "Behind the glass house.", 0, 0.5, 1, 0.375),
]


@pytest.mark.parametrize(("prompt", "reply", "correct", "polite", "brief", "value"), BY_HAND)
def test_by_hand(prompt, reply, correct, polite, brief, value):
    parts = quality(prompt, reply)
    assert (parts.correct, parts.polite, parts.brief, parts.readable) == (correct, polite, brief, 1)
    assert true_quality(prompt, reply) == pytest.approx(value)


@pytest.mark.parametrize(
    "garbage",
    ["", " ", "?!", "xqz vbn wrt zzk", "\x00\ud83d", "§$% &/( =?`", "May " * 40, "qwertzuiop" * 500, "5" * 400],
)
def test_garbage_is_worth_nothing(garbage):
    assert true_quality(BEANS, garbage) < 0.1
    assert true_quality(POTS, garbage) < 0.1


@given(st.text(max_size=400))
def test_any_text_is_judged_between_zero_and_one(text):
    for prompt in (BEANS, POTS):
        assert 0 <= true_quality(prompt, text) <= 1
        assert true_quality(prompt, text) == true_quality(prompt, text)


def test_padding_costs_and_never_pays():
    question = read_prompt(BEANS)
    values = [
        true_quality(BEANS, compose(question, Style("right", "plain", False, False, padding), random.Random(3)))
        for padding in range(6)
    ]
    assert values == sorted(values, reverse=True)
    assert values[0] - values[5] > 0.15


@pytest.mark.parametrize(("content", "expected"), [("right", 1.0), ("wrong", 0.0), ("doubt", 0.2)])
def test_what_the_grammar_means_is_what_the_truth_finds(content, expected):
    rng = random.Random(5)
    mixture = Mixture()
    for asked in islice(prompts(5, checkable=0.4), 3000):
        drawn = mixture.draw(asked.question, rng)
        style = Style(content, drawn.manner, drawn.bare, drawn.advice, drawn.padding)
        reply = compose(asked.question, style, rng)
        parts = quality(asked.prompt, reply)
        assert parts.correct == expected, (asked.prompt, reply)
        assert parts.polite == {"polite": 1.0, "plain": 0.5, "rude": 0.0}[style.manner], (asked.prompt, reply)
        assert parts.readable == 1, reply


def test_every_question_is_understood_again():
    for asked in islice(prompts(11, checkable=0.4), 4000):
        assert read_prompt(asked.prompt) == asked.question


def test_other_prompts_have_no_truth_here():
    with pytest.raises(ValueError, match="Not a question of the demo world"):
        quality("What is the capital of France?", "Paris.")


def test_the_answer_of_a_topic_gives_no_other_answer_away():
    for topic in TOPICS:
        for subject in topic.facts:
            for frame in topic.asked:
                prompt = frame.format(x=subject)
                right = [a for a in topic.answers if quality(prompt, f"It is {a}.").correct == 1]
                assert right == [topic.facts[subject]]


def test_only_checkable_prompts_have_an_exact_answer():
    assert exact_answer(POTS, "It comes to 5 pots. I counted twice.") is True
    assert exact_answer(POTS, "It comes to 15 pots.") is False
    assert exact_answer(BEANS, "Sow beans in May.") is None


def test_replies_vary_in_quality_and_length_does_not_pay():
    rows = list(islice(conversations(2), 3000))
    values = [true_quality(*row) for row in rows]
    assert 0.55 < sum(values) / len(values) < 0.7
    assert min(values) < 0.1
    assert max(values) == 1
    longer_wins = decided = 0
    for pair in islice(pairs(3), 3000):
        first, second = (true_quality(pair.asked.prompt, text) for text in (pair.first, pair.second))
        words = len(pair.first.split()) - len(pair.second.split())
        if words and first != second:
            decided += 1
            longer_wins += (words > 0) == (first > second)
    assert 0.3 < longer_wins / decided < 0.55
