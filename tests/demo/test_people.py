"""Simulated annotators have the taste, the noise and the faults that are written beside their names."""

import random
from itertools import islice

import pytest

from annotation.demo.corpus import pairs
from annotation.demo.people import PEOPLE, Person, cells, strength
from annotation.demo.truth import true_quality

PERSON = {person.key: person for person in PEOPLE}
PAIRS = list(islice(pairs(1, checkable=0.3), 600))


def answers(person: Person, scale: int = 8):
    rng = random.Random(f"test-{person.key}")
    return [person.judge(p.asked.prompt, p.first, p.second, scale=scale, rng=rng) for p in PAIRS]


def agreement(person: Person, prefer) -> float:
    """The share of decided answers that name the side `prefer` names; pairs it calls even are left out."""
    hits = [
        (answer.strength > 0) == (side > 0)
        for pair, answer in zip(PAIRS, answers(person), strict=True)
        if answer.strength and (side := prefer(pair))
    ]
    return sum(hits) / len(hits)


def truly_better(pair) -> float:
    prompt = pair.asked.prompt
    return round(true_quality(prompt, pair.first) - true_quality(prompt, pair.second), 6)


def longer(pair) -> int:
    return len(pair.first.split()) - len(pair.second.split())


@pytest.mark.parametrize("key", ["ada", "bruno", "clara", "emil", "flora"])
def test_careful_people_mostly_find_the_better_reply(key):
    assert agreement(PERSON[key], truly_better) > 0.82


@pytest.mark.parametrize("key", ["gus", "hanna", "ivan"])
def test_faulty_people_hardly_do(key):
    assert 0.4 < agreement(PERSON[key], truly_better) < 0.6


def test_one_always_prefers_the_left():
    assert all(answer.strength > 0 for answer in answers(PERSON["gus"]))


def test_one_loves_length():
    assert agreement(PERSON["hanna"], longer) > 0.85


def test_one_clicks_at_random_and_fast():
    given = answers(PERSON["ivan"])
    assert {answer.strength for answer in given} == set(cells(8))
    assert max(answer.active_ms for answer in given) < min(answer.active_ms for answer in answers(PERSON["flora"]))


def test_careful_people_skip_and_call_both_bad_now_and_then():
    outcomes = [answer.outcome for key in ("ada", "bruno", "clara", "emil", "flora") for answer in answers(PERSON[key])]
    assert 0 < outcomes.count("skip") < 90
    assert 0 < outcomes.count("both_bad") < 300


@pytest.mark.parametrize("scale", [2, 5, 7, 8])
def test_answers_lie_on_the_scale(scale):
    for person in PEOPLE:
        assert {a.strength for a in answers(person, scale) if a.outcome == "answer"} <= set(cells(scale))


def test_cells_hold_a_tie_where_the_scale_is_odd():
    assert cells(8) == [-4, -3, -2, -1, 1, 2, 3, 4]
    assert cells(5) == [-2, -1, 0, 1, 2]
    assert cells(2) == [-1, 1]


def test_strength_follows_the_difference():
    assert [strength(d, 8) for d in (0.5, 0.3, 0.15, 0.05, -0.05, -0.5)] == [4, 3, 2, 1, -1, -4]
    assert [strength(d, 5) for d in (0.5, 0.05, -0.05, -0.5)] == [2, 0, 0, -2]
    assert [strength(d, 2) for d in (0.01, -0.01)] == [1, -1]


def test_the_same_random_state_gives_the_same_answer():
    assert answers(PERSON["emil"]) == answers(PERSON["emil"])
