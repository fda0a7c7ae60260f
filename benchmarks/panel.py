"""Pairs as the demo's simulated people judge them, without a database: three a pair, their mean decides."""

import random
from collections.abc import Iterable, Iterator

from annotation.demo.corpus import Pair
from annotation.demo.people import panel
from annotation.snapshot_format import preference_row
from training import by_hand

JUDGES_A_PAIR = 3
SCALE = 8
MARGINS = ((3.5, 1.5), (2.5, 1.0), (1.5, 0.5), (0.0, 0.1))  # mean strength to margin, as the default policy has it


def preference_rows(drawn: Iterable[Pair], *, seed: int) -> Iterator[dict]:
    """A row for each pair that was decided."""
    rng = random.Random(f"panel-{seed}")
    for pair in drawn:
        strength = _mean_strength(pair, rng)
        if not strength:
            continue
        chosen, rejected = (pair.first, pair.second) if strength > 0 else (pair.second, pair.first)
        margin = next(margin for least, margin in MARGINS if abs(strength) >= least)
        yield preference_row(by_hand.asked(pair.asked.prompt), chosen, rejected, margin=margin)


def _mean_strength(pair: Pair, rng: random.Random) -> float:
    """Signed from the first reply; skips and both-bad say nothing."""
    said = []
    for person in panel(rng, JUDGES_A_PAIR):
        first_left = rng.random() < 0.5
        left, right = (pair.first, pair.second) if first_left else (pair.second, pair.first)
        answer = person.judge(pair.asked.prompt, left, right, scale=SCALE, rng=rng)
        if answer.strength is not None:
            said.append(answer.strength if first_left else -answer.strength)
    return sum(said) / len(said) if said else 0.0
