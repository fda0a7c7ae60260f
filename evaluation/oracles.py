"""Published and hand-derived figures that the ratings must reproduce: rows for `manage.py verify`. Pure.

Real data is read from the folder PLUMBLINE_REAL_DATA names (by default ../shared/data beside the project). Without the
variable and without the folder those rows are left out; with the variable a missing file is an error.
"""

import json
import os
from collections import defaultdict
from math import exp, log, sqrt
from pathlib import Path
from statistics import NormalDist

from evaluation.ratings import fit
from evaluation.votes import Vote
from evaluation.win_rates import wilson, win_rate

BESIDE_THE_PROJECT = Path(__file__).resolve().parents[2] / "shared" / "data"


def real_data() -> Path | None:
    if named := os.environ.get("PLUMBLINE_REAL_DATA"):
        return Path(named)
    return BESIDE_THE_PROJECT if BESIDE_THE_PROJECT.is_dir() else None


def row(method: str, source: str, oracle: str, expected: float, measured: float, tolerance: float) -> dict:
    return {
        "method": method,
        "source": source,
        "oracle": oracle,
        "expected": expected,
        "measured": float(measured),
        "tolerance": tolerance,
        "passed": bool(abs(measured - expected) <= tolerance),
    }


def game_votes(names: list[str], wins: list[list[int]]) -> list[Vote]:
    """One vote a game; wins[i][j] is how often i beat j. Every game is its own prompt and rater."""
    return [
        Vote(names[i], names[j], 1.0, (i, j, game), (i, j, game))
        for i in range(len(names))
        for j in range(len(names))
        if i != j
        for game in range(wins[i][j])
    ]


def mt_bench_votes(path: Path) -> list[Vote]:
    score = {"model_a": 1.0, "model_b": 0.0}
    with path.open() as lines:
        return [
            Vote(
                vote["model_a"],
                vote["model_b"],
                score.get(vote["winner"], 0.5),
                (vote["question_id"], vote["turn"]),
                vote["judge"],
            )
            for vote in map(json.loads, lines)
        ]


def majority(votes: list[Vote]) -> dict[tuple, Vote]:
    """One vote for each prompt and pair: what most said, a tie where they were split."""
    said = defaultdict(list)
    for vote in votes:
        first, second = sorted((vote.first, vote.second))
        said[vote.prompt, first, second].append(vote.score if first == vote.first else 1 - vote.score)
    verdicts = {}
    for (prompt, first, second), scores in said.items():
        counts = {score: scores.count(score) for score in (1.0, 0.5, 0.0)}
        top = [score for score, count in counts.items() if count == max(counts.values())]
        verdicts[prompt, first, second] = Vote(
            first, second, top[0] if len(top) == 1 else 0.5, prompt, "majority of all"
        )
    return verdicts


def bradley_terry() -> list[dict]:
    rows = _two_players()
    data = real_data()
    if data is None:
        return rows
    citations = json.loads((data / "canonical_stats/bradley_terry_journal_citations.json").read_text())
    ratings = fit(game_votes(citations["items"], citations["wins"]), citations["items"])
    for name, published in citations["published_log_ability_reference_Biometrika"].items():
        measured = ratings.above(name, "Biometrika")[0]
        source = "Stigler 1994, R package BradleyTerry2"
        rows.append(row("bradley_terry", source, f"log ability of {name}", published, measured, 5e-6))
    example = json.loads((data / "canonical_stats/bradley_terry_wikipedia.json").read_text())
    ratings = fit(game_votes(example["items"], example["wins"]), example["items"])
    for name, published in example["published_strength_geometric_mean_1"].items():
        measured = exp(ratings.above(name)[0])
        rows.append(row("bradley_terry", "worked example, 22 games", f"strength of {name}", published, measured, 5e-4))
    ratings = fit(mt_bench_votes(data / "mt_bench_human/human_votes.jsonl"))
    for name, published in MT_BENCH_STRENGTHS.items():
        measured = ratings.above(name)[0]
        rows.append(row("bradley_terry", "MT-Bench, 3,355 votes", f"log strength of {name}", published, measured, 5e-5))
    return rows


def win_rates() -> list[dict]:
    rows = []
    for won, count, *bounds in NEWCOMBE:
        measured = wilson(won / count, count, NormalDist().inv_cdf(0.975))
        for side, published, value in zip(("low", "high"), bounds, measured, strict=True):
            rows.append(row("win_rate", "Newcombe 1998, table I", f"{won} of {count}, {side}", published, value, 5e-5))
    data = real_data()
    if data is None:
        return rows
    people = majority(mt_bench_votes(data / "mt_bench_human/human_votes.jsonl"))
    judge = majority(mt_bench_votes(data / "mt_bench_human/gpt4_pair_votes.jsonl"))
    both = people.keys() & judge.keys()
    for name, (by_judge, by_people) in MT_BENCH_WIN_RATES.items():
        for who, verdicts, published in (("GPT-4", judge, by_judge), ("people", people, by_people)):
            measured = win_rate([verdicts[key] for key in both], name).rate
            rows.append(row("win_rate", "MT-Bench, 1,814 items", f"{name} by {who}", published, measured, 5e-5))
    return rows


def _two_players() -> list[dict]:
    """30 of 40 votes, θ = ln 3: eight unanimous prompts of five votes; p = ¾, H = 40 p q = 7.5, residuals ¼ and ¾.

    M = 8/7 · 25 · (6/16 + 2 · 9/16) = 300/7; the variance is 300/7 / 7.5², against 40/39 / 7.5 for independent votes.
    """
    votes = [Vote("A", "B", float(prompt < 6), prompt, "one") for prompt in range(8) for _ in range(5)]
    value, error = fit(votes, ["A", "B"]).above("A", "B")
    source = "by hand: 30 of 40 votes, 8 prompts"
    return [
        row("bradley_terry", source, "difference ln 3", log(3), value, 1e-10),
        row("bradley_terry", source, "cluster-robust error √(300/7) / 7.5", sqrt(300 / 7) / 7.5, error, 1e-10),
    ]


# Two independent fits agree on these; mean zero, ties half.
MT_BENCH_STRENGTHS = {
    "gpt-4": 1.0211,
    "claude-v1": 0.6429,
    "gpt-3.5-turbo": 0.5996,
    "vicuna-13b-v1.2": -0.0569,
    "alpaca-13b": -0.7616,
    "llama-13b": -1.4451,
}
# By GPT-4 and by people, majority over each item, split and tie half, on the items that both judged.
MT_BENCH_WIN_RATES = {
    "alpaca-13b": (0.2388, 0.2938),
    "claude-v1": (0.7146, 0.6776),
    "gpt-3.5-turbo": (0.6158, 0.6431),
    "gpt-4": (0.8521, 0.7249),
    "llama-13b": (0.1154, 0.1776),
    "vicuna-13b-v1.2": (0.4615, 0.4735),
}
# Wilson's interval without continuity correction, 95 %.
NEWCOMBE = (
    (81, 263, 0.2553, 0.3662),
    (15, 148, 0.0624, 0.1605),
    (0, 20, 0.0, 0.1611),
    (1, 29, 0.0061, 0.1718),
)
ORACLES = {"bradley_terry": bradley_terry, "win_rate": win_rates}


def rows(names: list[str] | None = None) -> list[dict]:
    """The rows of these oracles, or of all. Names that are not here are somebody else's."""
    return [line for name, oracle in ORACLES.items() if not names or name in names for line in oracle()]
