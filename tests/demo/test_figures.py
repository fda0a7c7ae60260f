"""What writes the figures: intervals by hand, pages that say what the numbers are over, baselines that learn."""

from itertools import islice

import pytest

from annotation.demo.corpus import pairs
from annotation.demo.truth import true_quality
from benchmarks import demo_world
from benchmarks import real_data as choices
from benchmarks.bag_of_words import bag_of_words
from benchmarks.intervals import t_interval
from benchmarks.panel import preference_rows


def test_t_interval_by_hand():
    # mean 3, s = sqrt(2.5), s/sqrt(5) = 0.70711, t(.975, 4) = 2.77645: half width 1.96324
    assert t_interval([1, 2, 3, 4, 5]) == pytest.approx((3, 1.03676, 4.96324), abs=1e-5)


def measured(shift: float) -> dict:
    return {
        "reward_accuracy": 0.7 + shift,
        "quality_start": 0.6,
        "quality_dpo": 0.7 + shift,
        "quality_grpo": 0.6 + shift,
        "exact_start": 0.3,
        "exact_grpo": 0.5 + shift,
    }


def test_an_interval_that_includes_no_effect_is_not_called_clear():
    found = demo_world.summary([measured(shift) for shift in (-0.02, 0.0, 0.02)])
    assert found["dpo_gain"]["mean"] == pytest.approx(0.1)
    assert {key: row["clear"] for key, row in found.items() if "clear" in row} == {
        "reward_accuracy": True,
        "dpo_gain": True,
        "grpo_gain": False,
        "exact_rise": True,
    }


def test_the_page_says_what_the_figures_are_over():
    rows = [{"seed": seed, "measured": measured(seed / 100), "seconds": {"dpo": 40.4}} for seed in (1, 2, 3)]
    text = demo_world.page(demo_world.summary([row["measured"] for row in rows]), rows)
    assert demo_world.COMMAND in text
    assert "mean over 3 seeds" in text
    assert "| 2 | 0.720 |" in text
    assert "`dpo` 40" in text


def test_the_panel_mostly_chooses_the_better_reply_and_says_how_much():
    rows = list(preference_rows(islice(pairs(1), 400), seed=1))
    better = [
        true_quality(row["prompt"][0]["content"], row["chosen"][0]["content"])
        > true_quality(row["prompt"][0]["content"], row["rejected"][0]["content"])
        for row in rows
    ]
    assert 0.8 < sum(better) / len(better) < 1
    assert {row["margin"] for row in rows} == {0.1, 0.5, 1.0, 1.5}


def test_a_bag_of_words_learns_a_word_and_nothing_from_noise():
    words = ["good day", "bad day", "so it is", "and then some"]
    informative = [((f"good {word}", f"bad {word}"), at % 2 == 0) for at in range(10) for word in words]
    assert bag_of_words(informative) == 1
    same = [((word, word), at % 2 == 0) for at in range(10) for word in words]
    assert bag_of_words(same) == 0.5


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("name", "form", "count", "longer"),
    [("hh_harmless", "hh_rlhf", 1495, 0.445), ("mt_bench_human", "mt_bench", 2575, 0.692)],
)
def test_the_baselines_that_come_with_the_data_are_found_again(real_data, name, form, count, longer):
    rows = list(choices.records(real_data(name), form))
    assert len(rows) == count
    assert choices.longer_wins(rows) == pytest.approx(longer, abs=0.0015)
    assert sum(fold == 0 for fold in map(choices.fold_of, rows)) > count / 10


@pytest.mark.real_data
def test_no_prompt_stands_on_both_sides_of_a_fold_and_no_choice_is_lost(real_data):
    rows = list(choices.records(real_data("hh_harmless"), "hh_rlhf"))
    made = choices.splits(rows, 0)
    train, held_out = ({row["prompt"][0]["content"] for row in made[name]} for name in ("train", "validation"))
    assert not train & held_out
    assert len(made["train"]) + len(made["validation"]) == len(rows)
    assert len(made["train"]) > 3 * len(made["validation"])
