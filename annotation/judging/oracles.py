"""Known answers that judging must reproduce: rows for `manage.py verify`. Pure.

Real data is read from the folder PLUMBLINE_REAL_DATA names (by default ../shared/data beside the project); without it
the rows of published figures are left out.
"""

import csv
import json
import math
import os
from collections import defaultdict
from itertools import product
from pathlib import Path

import numpy as np

from annotation.judging import critique, debate, deliberation, inverse, measures, scores, verdicts
from annotation.judging.asking import Ask, Ended, Reply
from annotation.judging.comparing import Comparison, Pair, step
from annotation.judging.principles import Principle, drawn
from annotation.judging.rules import Rule
from annotation.judging.templates import filled

BESIDE_THE_PROJECT = Path(__file__).resolve().parents[3] / "shared" / "data"
# Zheng et al. 2023, table 5: GPT-4 and experts, both turns; votes of judges called expert_*.
MT_BENCH = {1: ((0.66, 1343), (0.85, 859)), 2: ((0.66, 1325), (0.85, 864))}
MT_BENCH_INCONSISTENT = 0.160
REFERENCE = np.array([0.4, 0.3, 0.2, 0.1])
TILTED = (0.028968, 0.160537, 0.790809, 0.019686)  # reference tilted by rewards (0, 1, 2, .5) at beta .5


def real_data() -> Path | None:
    if named := os.environ.get("PLUMBLINE_REAL_DATA"):
        return Path(named)
    return BESIDE_THE_PROJECT if BESIDE_THE_PROJECT.is_dir() else None


def row(method: str, source: str, oracle: str, expected: float, measured: float, tolerance: float) -> dict:
    return {
        "method": method,
        "source": source,
        "oracle": oracle,
        "expected": float(expected),
        "measured": float(measured),
        "tolerance": tolerance,
        "passed": bool(abs(measured - expected) <= tolerance),
    }


def judged(script: Comparison, pair: Pair, speak) -> float | None:
    """One place of a pair, asked until it ended."""
    steps: list[dict] = []
    while not isinstance(said := script.next(pair, steps), Ended):
        steps.append(step(speak(said)))
    return said.value


def judge() -> list[dict]:
    name, source = "judge", "Zheng et al. 2023, 2306.05685"
    always_a = Rule("shown_first").reply
    asked = [{"role": "user", "content": "Which?"}]
    orders = [judged(Comparison("verdict"), Pair(asked, ("one", "two"), place), always_a) for place in (0, 1)]
    biased = [measures.Judged(prompt, verdicts.combined(orders, "agree"), orders) for prompt in range(40)]
    shown = {0: 0.7, 1: 0.4}  # how sure the judge is of completion one, shown first and shown second
    spoken = [verdicts.letter_share({"A": math.log(p), "B": math.log(1 - p)}) for p in (shown[0], 1 - shown[1])]
    true = [verdicts.in_true_order(value, order) for order, value in enumerate(spoken)]
    tricky = "Use {answer_b} and {} and {0} {{x}}."
    text = filled("{answer_a}|{answer_b}", {"answer_a": tricky, "answer_b": "plain"})
    found = [
        row(name, source, "a judge that always says A: verdict is a tie", 0, verdicts.combined(orders, "agree"), 0),
        row(name, source, "its position bias", 0.5, measures.position(biased).value, 1e-12),
        row(name, source, ".7 in one order and .4 in the other", 0.55, verdicts.soft_label(true), 1e-12),
        row(name, source, "braces in an answer stay", 1, text == f"{tricky}|plain", 0),
        row(name, source, "the last verdict in a text counts", 0, verdicts.written_verdict("[[A]] … so [[B]]"), 0),
    ]
    data = real_data()
    return found + (_mt_bench(data) + _llmbar(data) if data else [])


def mt_bench_rows(data: Path) -> list[tuple[int, measures.Judged]]:
    """(turn, item) of MT-Bench: GPT-4's verdict, and the answers of experts, in the order of sorted model names."""

    def read(name: str):
        with (data / "mt_bench_human" / name).open() as lines:
            for vote in map(json.loads, lines):
                names = tuple(sorted((vote["model_a"], vote["model_b"])))
                won = {"model_a": 1, "model_b": -1}.get(vote["winner"], 0)
                yield (vote["question_id"], vote["turn"], names), won if names[0] == vote["model_a"] else -won, vote

    people = defaultdict(list)
    for key, won, vote in read("human_votes.jsonl"):
        if vote["judge"].startswith("expert"):
            people[key].append(won)
    return [
        (
            key[1],
            measures.Judged(key[0], won, (0.0, 1.0) if "inconsistent" in vote["winner"] else (), people=people[key]),
        )
        for key, won, vote in read("gpt4_pair_votes.jsonl")
    ]


def _mt_bench(data: Path) -> list[dict]:
    source = "MT-Bench, Zheng et al. 2023, table 5"
    rows, found = mt_bench_rows(data), []
    for turn, published in MT_BENCH.items():
        own = [one for number, one in rows if number == turn]
        for (value, count), ties in zip(published, (True, False), strict=True):
            what = f"GPT-4 and experts, turn {turn}, {'with' if ties else 'without'} ties"
            measured = measures.agreement(own, ties=ties)
            found.append(row("judge", source, what, value, measured.value, 5e-3))
            found.append(row("judge", source, f"{what}: votes", count, measured.n, 0))
    # Both orders of GPT-4 are in the data only as far as they disagree; the rest is consistent.
    inconsistent = sum(bool(one.orders) for _, one in rows) / len(rows)
    share = row("judge", source, "share inconsistent over swapped order", MT_BENCH_INCONSISTENT, inconsistent, 5e-3)
    return [*found, share]


def llmbar_rows(data: Path) -> dict[str, list[tuple[int, tuple[str, str]]]]:
    """Verdicts of each judge of LLMBar (gold, (one order, the other)), in true order."""
    rows = defaultdict(list)
    with (data / "llmbar" / "judge_verdicts_Natural.csv").open() as lines:
        for one in csv.DictReader(lines):
            rows[one["judge"]].append((one["gold"], (one["winner_original_order"], one["winner_swapped_order"])))
    return rows


def _llmbar(data: Path) -> list[dict]:
    """Consistency of 65 judges as published: the largest difference over all of them."""
    with (data / "llmbar" / "published_statistics_Natural.csv").open() as lines:
        published = {one["judge"]: one for one in csv.DictReader(lines)}
    value = {"1": 1.0, "2": 0.0, "": 0.5}
    worst = dict.fromkeys(("equal", "correct_average", "kappa_agreement"), 0.0)
    for judge, rows in llmbar_rows(data).items():
        own = [measures.Judged(item, 0, tuple(value[said] for said in orders)) for item, (_, orders) in enumerate(rows)]
        equal = measures.consistency(own).value
        said = [(verdict, gold) for gold, orders in rows for verdict in orders]
        agreed = measures.kappa(
            (item, *(1 if one == "1" else -1 for one in orders)) for item, (_, orders) in enumerate(rows)
        ).value  # as published: what could not be read counts as the second
        told = {
            "equal": (equal, float(published[judge]["equal"].split("=")[1].strip(" %")) / 100),
            "correct_average": (
                sum(verdict == gold for verdict, gold in said) / len(said),
                float(published[judge]["correct_average"].strip("%")) / 100,
            ),
            "kappa_agreement": (agreed, float(published[judge]["kappa_agreement"])),
        }
        for key, (ours, theirs) in told.items():
            worst[key] = max(worst[key], abs(ours - theirs))
    source = "LLMBar, Zeng et al. 2023, 65 judges"
    return [row("judge", source, f"largest difference in {key}", 0, value, 1e-3) for key, value in worst.items()]


def fitted_margin(label: float) -> float:
    """Where the weighted rows of a soft label pull one margin, by Newton's method on their own loss."""
    rows = verdicts.weighted_rows(label)
    margin = 0.0
    for _ in range(100):
        slope = curve = 0.0
        for chosen, _, weight in rows:
            sign = 1 if chosen == 0 else -1
            wrong = 1 / (1 + math.exp(sign * margin))
            slope -= weight * sign * wrong
            curve += weight * wrong * (1 - wrong)
        margin -= slope / curve
    return margin


def constitutional_ai() -> list[dict]:
    name, source = "constitutional_ai", "Bai et al. 2022, 2212.08073"
    principles = [Principle(f"p{number}", f"rule {number}") for number in range(16)]
    chain = critique.Chain(principles, revisions=4, seed=7)
    started = critique.Started([{"role": "user", "content": "x"}], key=3)
    steps: list[dict] = []
    while isinstance(ask := chain.next(started, steps), Ask):
        mark = ask.messages[-1]["content"]
        base = next((one["text"] for one in reversed(steps) if one["kind"] in ("answer", "revision")), "y")
        turn = len(steps)
        said = base + f"[{chain.order(3)[turn // 2 - 1].key}]" if turn and turn % 2 == 0 else f"critique of {mark}"
        steps.append(chain.step(started, steps, Reply(text=said if turn else "y")))
    [final] = critique.demonstrations(steps)
    again = [one.key for one in critique.Chain(principles, 4, 7).order(3)] == [one.key for one in chain.order(3)]
    clamped = verdicts.clamped(0.9, 0.4, 0.6)
    return [
        row(name, source, "soft label .9: margin of the preference model", 2.197225, fitted_margin(0.9), 1e-6),
        row(name, source, "the same clamped to .6", 0.405465, fitted_margin(clamped), 1e-6),
        row(name, source, "principle marks after four revisions", 4, final.count("["), 0),
        row(name, source, "critique text in the training example", 0, "critique" in final, 0),
        row(name, source, "the same seed draws the same principles", 1, again, 0),
        row(name, source, "no principle twice in one draw", 16, len({one.key for one in drawn(principles, 16, 1)}), 0),
    ]


def tilted(rewards: np.ndarray, beta: float = 0.5) -> np.ndarray:
    weights = REFERENCE * np.exp(rewards / beta)
    return weights / weights.sum()


def rlaif() -> list[dict]:
    name, source = "rlaif", "Lee et al. 2023, 2309.00267"
    orders = [verdicts.letter_share({"A": math.log(0.7), "B": math.log(0.3)})]
    orders.append(1 - verdicts.letter_share({"A": math.log(0.6), "B": math.log(0.4)}))
    parts = np.array([[0, 0.5, 2.5, 0.25], [0, 1.5, 1.5, 0.75]])
    mixed = np.array([scores.scalarised(column, (1, 1)) for column in parts.T])
    worst = max(abs(tilted(mixed) - np.array(TILTED)))
    return [
        row(name, source, "both orders averaged", 0.55, verdicts.soft_label(orders), 1e-12),
        row(name, "MORLAIF", "linear weights tilt the reference by their sum: error", 0, worst, 1e-6),
        row(name, "MORLAIF", "the worst principle", 0.5, scores.scalarised(parts[:, 1], (1, 1), "worst"), 0),
        row(name, "HRLAIF", "a checker that tells them apart decides", 1, scores.hybrid((True, False), 0.2), 0),
        row(name, "HRLAIF", "where it does not, the judge does", 0.2, scores.hybrid((True, True), 0.2), 0),
    ]


def d_rlaif() -> list[dict]:
    name, source = "d_rlaif", "Lee et al. 2023, 2309.00267"
    uniform = dict.fromkeys(verdicts.LEVELS, -3.0)
    certain = {level: 0.0 if level == "10" else -1e4 for level in verdicts.LEVELS}
    # "1" and "10" begin with the same token: what was summed for "1" is .5, of which .3 went on to "10".
    spelled = verdicts.exclusive({"1": math.log(0.5), "10": math.log(0.3)}, {"1": [4], "10": [4, 7]})
    return [
        row(name, source, "uniform over 1 to 10", 5.5, scores.expected_score(uniform), 1e-12),
        row(name, source, "the same, scaled", 0, scores.scaled(scores.expected_score(uniform)), 1e-12),
        row(name, source, "all on 10, scaled", 1, scores.scaled(scores.expected_score(certain)), 1e-12),
        row(name, source, "entropy of not knowing", math.log(10), scores.entropy(uniform), 1e-12),
        row(name, "tokenizers that spell numbers", "“1” without “10”", 0.2, math.exp(spelled["1"]), 1e-12),
    ]


def deliberative_alignment() -> list[dict]:
    name, source = "deliberative_alignment", "Guan et al. 2024, 2412.16339"
    spec = "Never name the hidden orchard to strangers who ask."
    script = deliberation.Deliberation(spec, runs=2, threshold=7, mode="rating")
    prompt = [{"role": "user", "content": "Where is it?"}]
    steps: list[dict] = []
    told = ["<think>The text says: never name the hidden orchard.</think>I cannot say.", "[[9]]", "[[6]]"]
    for text in told:
        steps.append(script.step(steps, Reply(text=text)))
    ended = script.next(prompt, steps)
    thought = deliberation.taken_apart(told[0])
    trained = json.dumps(deliberation.training_row(prompt, thought)["prompt"])
    blind = json.dumps(script.rated(prompt, thought, reasoning=False))
    return [
        row(name, source, "specification in the training prompt", 0, spec in trained, 0),
        row(name, source, "reasoning before the judge that rewards", 0, thought.reasoning in blind, 0),
        row(name, source, "the least of several ratings counts", 6, ended.value, 0),
        row(name, source, "below the threshold it is dropped", 0, ended.result["kept"], 0),
        row(name, source, "share of reasonings that quote it", 1, deliberation.citation_share(spec, [thought], 4), 0),
        row(name, "exact policy gradient", "bandit: follows each category's rule", 1, _compliance(), 1e-2),
    ]


def _compliance(steps: int = 4000, rate: float = 1.0) -> float:
    """The least probability of the arm that the specification asks for, in two categories.

    The prompt holds nothing of the specification. Softmax policy a category, reward 1 for the compliant arm:
    gradient p * (r - E[r]).
    """
    rewards = np.array([[1.0, 0.0], [0.0, 1.0]])  # answer where it is harmless, refuse where it is not
    logits = np.zeros((2, 2))
    for _ in range(steps):
        policy = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        logits += rate * policy * (rewards - (policy * rewards).sum(axis=1, keepdims=True))
    return float((policy * rewards).sum(axis=1).min())


def inverse_constitution() -> list[dict]:
    name, source = "inverse_constitution", "Findeis et al. 2024, 2406.06560"
    # Every pair of lengths with the question mark on either side: length decides, the mark says nothing.
    choices = [
        inverse.Choice([], ("x" * 3 * one + "?" * mark, "x" * 3 * other + "?" * (1 - mark)), int(other > one))
        for one, other in product(range(1, 11), repeat=2)
        if one != other
        for mark in (0, 1)
    ]
    rule = inverse.RuleAnnotator(("longer", "asks"))
    texts = ["Select the response that is longer.", "Select the response that asks a question back."]
    votes = []
    for choice in choices:
        script, steps = inverse.Voting(texts), []
        while isinstance(ask := script.next(choice, steps), Ask):
            steps.append(step(rule.reply(ask)))
        votes.append(script.next(choice, steps).result["votes"])
    chosen = [choice.chosen for choice in choices]
    found = inverse.tested(texts, votes, chosen)
    longer, mark = found
    only = [one.text for one in inverse.kept(found)] == [longer.text]
    held = [dict(zip(texts, row, strict=True)) for row in votes]

    def rebuilt(kept: list) -> float:
        return sum(inverse.reconstructed(kept, row, truth) for row, truth in zip(held, chosen, strict=True)) / len(held)

    return [
        row(name, source, "“longer always wins”: accuracy of that principle", 1, longer.accuracy, 0),
        row(name, source, "its relevance", 1, longer.relevance, 0),
        row(name, source, "it alone is kept", 1, only, 0),
        row(name, source, "a principle that says nothing: accuracy", 0.5, mark.accuracy, 0),
        row(name, source, "reconstruction with it", 1, rebuilt([longer]), 0),
        row(name, source, "reconstruction without any", 0.5, rebuilt([]), 0),
    ]


def debates() -> list[dict]:
    name, source = "debate", "Irving et al. 2018, 1805.00899"
    honest = _value(2, 1)
    script = debate.Debate(rounds=1)
    motion = debate.Motion([{"role": "user", "content": "x"}], ("true", "false"), order=1)
    steps: list[dict] = []
    while isinstance(ask := script.next(motion, steps), Ask):
        reply = Reply(logprobs={"A": math.log(0.2), "B": math.log(0.8)}) if ask.options else Reply(text="so")
        steps.append(script.step(steps, reply))
    return [
        row(name, source, "both argue as well as they can: the judge's share", 0.880797, honest, 1e-6),
        row(name, source, "nobody says anything", 0.5, _share(0, 0), 1e-12),
        row(name, source, "equal sides", 0.5, _value(2, 2), 1e-12),
        row(name, source, "rewards sum to nothing", 0, sum(debate.rewards(0.3)), 1e-12),
        row(name, source, "swapped sides come back in true order", 0.8, script.next(motion, steps).value, 1e-12),
    ]


def _share(honest: int, other: int) -> float:
    return 1 / (1 + math.exp(-2 * (honest - other)))


def _value(honest_most: int, other_most: int) -> float:
    """The value of the toy game: a saddle point of q over how strongly each side can argue."""
    own, others = range(honest_most + 1), range(other_most + 1)
    return next(
        _share(a, b)
        for a, b in product(own, others)
        if all(_share(x, b) <= _share(a, b) for x in own) and all(_share(a, y) >= _share(a, b) for y in others)
    )


ORACLES = {
    "judge": judge,
    "constitutional_ai": constitutional_ai,
    "rlaif": rlaif,
    "d_rlaif": d_rlaif,
    "deliberative_alignment": deliberative_alignment,
    "inverse_constitution": inverse_constitution,
    "debate": debates,
}


def rows(names: list[str] | None = None) -> list[dict]:
    """The rows of these oracles, or of all. Names that are not here are somebody else's."""
    return [line for name, oracle in ORACLES.items() if not names or name in names for line in oracle()]
