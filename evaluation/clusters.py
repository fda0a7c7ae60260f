"""How uncertain an estimate is when votes are not independent. Pure: no Django, no torch.

Votes on one prompt resemble each other, and so do votes of one person. An interval that takes them as independent is
too narrow. The sandwich variance V = H⁻¹ M H⁻¹ takes for M, in place of the sum over votes, a sum over groups of votes:
M = G/(G-1) Σ_g s_g s_gᵀ with s_g the sum of the scores (gradients) in group g. With two groupings at once,
M = M_prompts + M_people - M_both (Cameron, Gelbach and Miller 2011).

The two-way form can come out smaller than either part, or negative. So for each contrast the largest of the four
candidates counts (independent votes, by prompt, by person, both ways): never narrower than any of them.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import stats

from evaluation.votes import Vote, codes

# Fewer groups than this say nothing about the population of groups: the interval is then not over them.
LEAST_GROUPS = 5


@dataclass(frozen=True)
class Spread:
    """Candidates for M, what the interval is over, and the degrees of freedom of its t quantile."""

    meats: tuple[np.ndarray, ...]
    over: tuple[str, ...]  # of "prompts", "people"; empty: too few groups for any interval
    freedom: int
    prompts: int
    people: int

    def quantile(self, level: float = 0.95) -> float:
        """Half the width of an interval, in standard errors."""
        return float(stats.t.ppf(0.5 + level / 2, self.freedom))

    def p_value(self, statistic: float) -> float:
        """Two-sided."""
        return float(2 * stats.t.sf(abs(statistic), self.freedom))


def spread(votes: list[Vote], sums: Callable[[np.ndarray, int], np.ndarray]) -> Spread:
    """`sums(group, count)` gives [count, m]: the scores of the votes, added up in each group."""

    def meat(group: np.ndarray, count: int) -> np.ndarray:
        scores = sums(group, count)
        return scores.T @ scores * (count / (count - 1) if count > 1 else 1.0)

    prompt, prompts = codes([vote.prompt for vote in votes])
    person, people = codes([vote.rater for vote in votes])
    used = [
        (name, group, count)
        for name, group, count in (("prompts", prompt, prompts), ("people", person, people))
        if count >= LEAST_GROUPS
    ]
    if not used:
        return Spread((), (), 0, prompts, people)
    meats = [meat(np.arange(len(votes)), len(votes)), *(meat(group, count) for _, group, count in used)]
    if len(used) == 2:
        both, cells = np.unique(prompt * people + person, return_inverse=True)
        meats.append(meats[1] + meats[2] - meat(cells, len(both)))
    return Spread(tuple(meats), tuple(name for name, *_ in used), min(c for *_, c in used) - 1, prompts, people)
