"""Bradley-Terry: by hand, against choix, against the published figures, and as laws over random votes."""

import time
import warnings
from math import log, sqrt

import choix
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation import oracles
from evaluation.ratings import ELO, fit, holm
from evaluation.votes import Vote


def votes_of(rows):
    return [Vote(first, second, score, prompt, rater) for first, second, score, prompt, rater in rows]


def rounds(*results, prompts=10):
    """Each result (first, second, score) once on each prompt, by a rater of its own."""
    return votes_of((*result, prompt, (result, prompt)) for prompt in range(prompts) for result in results)


def test_two_players_have_the_log_odds_between_them():
    votes = rounds(("a", "b", 1.0), ("a", "b", 1.0), ("b", "a", 0.0), ("a", "b", 0.0))
    ratings = fit(votes)
    # a took 30 of 40: θ_a - θ_b = ln(30/10).
    assert ratings.above("a", "b")[0] == pytest.approx(log(3), abs=1e-12)
    assert ratings.strengths.sum() == pytest.approx(0, abs=1e-12)
    assert ratings.bounded


def test_a_tie_is_half_a_win_for_each():
    tied = rounds(("a", "b", 1.0), ("a", "b", 0.5))
    split = rounds(("a", "b", 1.0), ("a", "b", 1.0), ("a", "b", 1.0), ("a", "b", 0.0))
    assert fit(tied).above("a", "b")[0] == pytest.approx(fit(split).above("a", "b")[0], abs=1e-12) == log(3)


def test_independent_votes_have_the_textbook_error():
    votes = [Vote("a", "b", float(number < 30), number, number) for number in range(40)]
    # 1 / √(n p q) = 1 / √7.5, with 40/39 for the small sample; groups of one vote change nothing.
    assert fit(votes).above("a", "b")[1] == pytest.approx(sqrt(40 / 39 / 7.5), rel=1e-9)


def test_votes_that_cluster_widen_the_interval():
    same = [Vote("a", "b", float(prompt < 6), prompt, (prompt, n)) for prompt in range(8) for n in range(5)]
    alone = [Vote("a", "b", float(number < 30), number, number) for number in range(40)]
    assert fit(same).above("a", "b")[0] == pytest.approx(fit(alone).above("a", "b")[0])
    assert fit(same).above("a", "b")[1] == pytest.approx(sqrt(300 / 7) / 7.5)


def test_people_who_disagree_widen_it_too_even_on_many_prompts():
    votes = [Vote("a", "b", float(person < 4), prompt, person) for prompt in range(30) for person in range(6)]
    ratings = fit(votes)
    assert ratings.spread.over == ("prompts", "people")
    assert ratings.spread.freedom == 5
    # M = 6/5 · (4 · (30/3)² + 2 · (60/3)²) = 1440, H = 180 · 2/9 = 40: √1440 / 40.
    assert ratings.above("a", "b")[1] == pytest.approx(sqrt(1440) / 40)


def test_few_prompts_and_few_people_give_no_interval():
    ratings = fit([Vote("a", "b", float(number % 3 > 0), number % 4, number % 2) for number in range(40)])
    assert ratings.above("a", "b")[1] is None
    assert ratings.differences == []
    assert ratings.rank_range("a") == (1, 2)


def test_one_person_gives_an_interval_over_prompts_and_says_so():
    ratings = fit([Vote("a", "b", float(number % 3 > 0), number, "me") for number in range(30)])
    assert ratings.spread.over == ("prompts",)
    assert ratings.spread.people == 1


def test_whoever_wins_everything_stays_finite_and_is_pointed_out():
    ratings = fit(rounds(("best", "b", 1.0), ("b", "c", 1.0), ("b", "c", 0.0), ("best", "c", 1.0)))
    assert not ratings.bounded
    assert np.isfinite(ratings.strengths).all()
    assert ratings.strengths[0] == max(ratings.strengths)
    assert ratings.above("b", "c")[0] == pytest.approx(0, abs=1e-9)


def test_what_no_vote_links_is_not_compared():
    ratings = fit(rounds(("a", "b", 1.0), ("a", "b", 0.0), ("c", "d", 1.0), ("c", "d", 1.0), ("c", "d", 0.0)))
    assert not ratings.bounded
    assert {(d.first, d.second) for d in ratings.differences} == {("a", "b"), ("c", "d")}
    assert ratings.rank_range("c")[1] == 4


def test_a_player_without_votes_is_linked_to_nobody():
    ratings = fit(rounds(("a", "b", 1.0), ("a", "b", 0.0)), ["a", "b", "new"])
    assert ratings.group[2] not in ratings.group[:2]
    assert ratings.rank_range("new") == (1, 3)


def test_ranks_are_ranges_that_the_corrected_differences_allow():
    strong = [(*pair, 1.0) for pair in (("a", "c"), ("b", "c"))] * 9 + [("c", "a", 1.0), ("c", "b", 1.0)]
    even = [("a", "b", 1.0), ("a", "b", 0.0)] * 5
    ratings = fit(rounds(*strong, *even, prompts=20))
    assert [ratings.rank_range(name) for name in "abc"] == [(1, 2), (1, 2), (3, 3)]


def test_holm_by_hand():
    # Sorted .01 .02 .03 .04 times 4 3 2 1: .04 .06 .06 .06 (never falling).
    assert holm([0.04, 0.01, 0.03, 0.02]) == pytest.approx([0.06, 0.04, 0.06, 0.06])
    assert holm([0.9, 0.8]) == [1.0, 1.0]


def test_choix_finds_the_same_strengths():
    rng = np.random.default_rng(7)
    truth = np.array([0.9, 0.3, 0.0, -0.4, -0.8])
    votes = []
    for number in range(3000):
        i, j = rng.choice(5, 2, replace=False)
        won = rng.random() < 1 / (1 + np.exp(truth[j] - truth[i]))
        votes.append(Vote(int(i), int(j), float(won), number % 100, number % 20))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its own dependencies
        pairs = [(v.first, v.second) if v.score else (v.second, v.first) for v in votes]
        theirs = choix.ilsr_pairwise(5, pairs, alpha=0)
    assert fit(votes, range(5)).strengths == pytest.approx(theirs - theirs.mean(), abs=1e-6)


@pytest.mark.real_data
def test_the_published_figures_come_out(real_data, monkeypatch):
    monkeypatch.setenv("PLUMBLINE_REAL_DATA", str(real_data()))
    rows = oracles.rows()
    assert len(rows) == 2 + 4 + 4 + 6 + 8 + 12
    assert [row for row in rows if not row["passed"]] == []


def test_the_figures_derived_by_hand_need_no_data(monkeypatch):
    monkeypatch.delenv("PLUMBLINE_REAL_DATA", raising=False)
    monkeypatch.setattr(oracles, "BESIDE_THE_PROJECT", oracles.BESIDE_THE_PROJECT / "not-there")
    rows = oracles.rows()
    assert len(rows) == 2 + 8
    assert all(row["passed"] for row in rows)
    assert {row["method"] for row in oracles.rows(["win_rate"])} == {"win_rate"}
    assert oracles.rows(["dpo"]) == []


NAMES = st.sampled_from("abcd")
SOME_VOTES = st.lists(
    st.tuples(NAMES, NAMES, st.sampled_from([0.0, 0.5, 1.0]), st.integers(0, 12), st.integers(0, 8)).filter(
        lambda row: row[0] != row[1]
    ),
    min_size=1,
    max_size=60,
).map(votes_of)


@given(SOME_VOTES)
@settings(max_examples=150, deadline=None)
def test_every_set_of_votes_has_finite_ratings_that_explain_the_points(votes):
    ratings = fit(votes)
    assert np.isfinite(ratings.strengths).all()
    if ratings.bounded:  # at the maximum everybody's expected points are the points taken
        place = ratings.players.index
        for player in ratings.players:
            own = [vote for vote in votes if player in (vote.first, vote.second)]
            taken = sum(vote.score if vote.first == player else 1 - vote.score for vote in own)
            others = [vote.second if vote.first == player else vote.first for vote in own]
            gaps = [ratings.strengths[place(player)] - ratings.strengths[place(other)] for other in others]
            assert sum(1 / (1 + np.exp(-gap)) for gap in gaps) == pytest.approx(taken, abs=1e-6)
    for player in ratings.players:
        best, worst = ratings.rank_range(player)
        assert 1 <= best <= worst <= len(ratings.players)


@given(SOME_VOTES, st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_order_of_votes_and_which_stood_first_change_nothing(votes, random):
    players = sorted({name for vote in votes for name in (vote.first, vote.second)})
    turned = [Vote(v.second, v.first, 1 - v.score, v.prompt, v.rater) if random.random() < 0.5 else v for v in votes]
    random.shuffle(turned)
    one, two = fit(votes, players), fit(turned, players)
    assert one.strengths == pytest.approx(two.strengths, abs=1e-6)
    assert one.spread.over == two.spread.over
    if one.spread.over:
        errors = [ratings.error(ratings.against(0, 1)) for ratings in (one, two)]
        assert errors[0] == pytest.approx(errors[1], rel=1e-4, abs=1e-6)


def test_one_player_cannot_be_rated():
    with pytest.raises(ValueError, match="two players"):
        fit([], ["alone"])
    with pytest.raises(ValueError, match="itself"):
        Vote("a", "a", 1.0, 1, 1)
    with pytest.raises(ValueError, match=r"0\.7"):
        Vote("a", "b", 0.7, 1, 1)


def test_the_elo_scale_gives_ten_to_one_at_400():
    assert 1 / (1 + np.exp(-400 / ELO)) == pytest.approx(10 / 11)


def test_a_hundred_thousand_votes_fit_quickly():
    rng = np.random.default_rng(1)
    pairs = rng.integers(0, 20, (100_000, 2))
    votes = [Vote(int(i), int(j), float(k % 2), k % 500, k % 40) for k, (i, j) in enumerate(pairs) if i != j]
    start = time.perf_counter()
    ratings = fit(votes)
    assert ratings.differences
    assert time.perf_counter() - start < 5
