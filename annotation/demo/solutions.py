"""Long sums worked out step by step, some with one wrong step: what a solution is worth is known for every step."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from annotation.demo.arithmetic import THINGS

_WRONG_SHARE = 0.55


@dataclass(frozen=True)
class Solution:
    """`first_error` is the place of the wrong step, from 0; None where there is none."""

    prompt: str
    text: str
    steps: int
    first_error: int | None


def solutions(seed: int) -> Iterator[Solution]:
    """Distinct problems without end, each with one solution."""
    rng = random.Random(f"solutions-{seed}")
    seen: set[str] = set()
    while True:
        made = _solution(rng)
        if made.prompt not in seen:
            seen.add(made.prompt)
            yield made


def _solution(rng: random.Random) -> Solution:
    thing, parts = rng.choice(THINGS), [rng.randint(2, 9) for _ in range(rng.randint(3, 5))]
    wrong = rng.randrange(1, len(parts)) if rng.random() < _WRONG_SHARE else None
    so_far, lines = parts[0], [f"1. We start with ${parts[0]}$ {thing}."]
    for place, more in enumerate(parts[1:], start=1):
        slip = rng.choice((-1, 1, 10)) if place == wrong else 0
        lines.append(f"{place + 1}. Then ${so_far} + {more} = {so_far + more + slip}$.")
        so_far += more + slip
    lines.append(f"{len(lines) + 1}. So there are **{so_far}** {thing}.")
    brought = ", then ".join(str(more) for more in parts[1:])
    prompt = f"There are {parts[0]} {thing} in the shed. Neighbours bring {brought}. How many {thing} is that?"
    return Solution(prompt, "\n".join(lines), len(lines), wrong)
