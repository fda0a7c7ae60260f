"""Scores of single answers by a judge: direct RLAIF, and what several principles' scores amount to. Pure.

Direct RLAIF asks for a score from 1 to 10 and takes its expectation under the judge, scaled to [-1, 1]:

    r = sum_i i P(i) / sum_i P(i),    reward = 2 (r - 1) / 9 - 1

Lee et al. 2023, RLAIF vs. RLHF. Several principles: linear weights, or the worst of them (MORLAIF). Where a program
can check the answer it decides and no judge is asked (HRLAIF).
"""

import math
from collections.abc import Mapping, Sequence

from annotation.judging.verdicts import LEVELS, shares

LOWEST, HIGHEST = 1.0, 10.0


def expected_score(logprobs: Mapping[str, float]) -> float:
    """The expectation over the levels 1 to 10."""
    return sum(int(level) * share for level, share in shares({level: logprobs[level] for level in LEVELS}).items())


def scaled(score: float) -> float:
    """1 to 10 onto -1 to 1."""
    return 2 * (score - LOWEST) / (HIGHEST - LOWEST) - 1


def entropy(logprobs: Mapping[str, float]) -> float:
    """Of the levels, in nats: log 10 = 2.30 for a judge that does not know, 0 for one that has no doubt."""
    return -sum(share * math.log(share) for share in shares(logprobs).values() if share > 0)


def preferred(first: float, second: float) -> float:
    """Two scores as a verdict: the higher wins, equal ones tie."""
    return 0.5 if first == second else float(first > second)


def scalarised(rewards: Sequence[float], weights: Sequence[float], rule: str = "linear") -> float:
    """One reward of one per principle: their weighted mean, or the worst."""
    if rule == "worst":
        return min(rewards)
    return sum(weight * reward for weight, reward in zip(weights, rewards, strict=True)) / sum(weights)


def hybrid(checked: tuple[bool | None, bool | None], judged: float) -> float:
    """What a checker says of two answers where it tells them apart, else what the judge says."""
    first, second = checked
    if first is None or second is None or first == second:
        return judged
    return float(first)
