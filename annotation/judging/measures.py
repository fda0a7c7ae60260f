"""What a judge's verdicts are worth: agreement with people, consistency, and its three biases. Pure.

Verdicts are +1 (the first completion), -1 (the second), 0 (neither). Every share carries a 95 % interval that respects
that verdicts on one prompt belong together (annotation.shares); kappa's comes from resampling prompts.

agreement    over pairs (judge's verdict, one person's answer): equal ones among all (S1), and among those in which
             both take a side (S2), as Zheng et al. 2023 count it (MT-Bench, Table 5)
kappa        Cohen's, of the judge and the majority of people (a split is a tie)
consistency  both orders name the same completion
position     P(shown first wins) - 1/2, a tie half
length       the longer completion wins, among decided pairs of unequal length; beside it the same of people
self         its own family's completions win, ties half; beside it the same of people
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from annotation.judging.verdicts import side
from annotation.shares import LEAST, Share, share

RESAMPLES = 1000


@dataclass(frozen=True)
class Judged:
    """One item with its verdict. `orders` are the shares in true order, shown as they are and swapped.

    `people` are their answers (+1, -1, 0). `own` says which completions are of the judge's family.
    """

    prompt: int | str
    verdict: int
    orders: Sequence[float] = ()
    lengths: tuple[int, int] = (0, 0)
    own: tuple[bool, bool] = (False, False)
    people: Sequence[int] = ()
    item: int = 0


@dataclass
class _Tally:
    """Hits and counts by prompt."""

    hits: dict = field(default_factory=lambda: defaultdict(float))
    counts: Counter = field(default_factory=Counter)

    def add(self, prompt, hit: float, count: int = 1) -> None:
        self.hits[prompt] += hit
        self.counts[prompt] += count

    def share(self) -> Share:
        return share((self.hits[prompt], count) for prompt, count in self.counts.items())


def majority(votes: Iterable[int]) -> int | None:
    """What most said; a split is a tie; None where nobody said anything."""
    found = Counter(votes).most_common()
    if not found:
        return None
    return found[0][0] if len(found) == 1 or found[0][1] > found[1][1] else 0


def agreement(rows: Iterable[Judged], *, ties: bool = True) -> Share:
    """Equal answers among all pairs of the judge's verdict and one person's; without ties those where both decide."""
    tally = _Tally()
    for row in rows:
        for said in row.people:
            if ties or (said and row.verdict):
                tally.add(row.prompt, said == row.verdict)
    return tally.share()


def among_people(rows: Iterable[Judged], *, ties: bool = True) -> Share:
    """The same between two people on the same item: what a judge can be expected to reach."""
    tally = _Tally()
    for row in rows:
        for place, one in enumerate(row.people):
            for other in row.people[:place]:
                if ties or (one and other):
                    tally.add(row.prompt, one == other)
    return tally.share()


def kappa(pairs: Iterable[tuple[object, int, int]], *, seed: int = 0) -> Share:
    """Cohen's kappa of two answers an item, (prompt, one, other), with the interval of resampled prompts."""
    counts: dict = defaultdict(lambda: np.zeros((3, 3)))
    for prompt, one, other in pairs:
        counts[prompt][one + 1, other + 1] += 1
    tables = np.array(list(counts.values()))
    n = int(tables.sum()) if len(tables) else 0
    if n < LEAST:
        return Share(None, None, None, n)
    value = _kappas(tables.sum(axis=0)[None])[0]
    if not np.isfinite(value):
        return Share(None, None, None, n)
    draws = np.random.default_rng(seed).multinomial(len(tables), np.full(len(tables), 1 / len(tables)), size=RESAMPLES)
    drawn = _kappas(np.tensordot(draws.astype(float), tables, axes=1))
    low, high = np.nanquantile(drawn, [0.025, 0.975])
    return Share(float(value), float(low), float(high), n)


def _kappas(tables: np.ndarray) -> np.ndarray:
    """[R] for tables [R, 3, 3]; NaN where chance alone already agrees always."""
    whole = tables.sum(axis=(1, 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        observed = np.einsum("rii->r", tables) / whole
        expected = np.einsum("ri,ri->r", tables.sum(axis=2), tables.sum(axis=1)) / whole**2
        return np.where(expected < 1, (observed - expected) / (1 - expected), np.nan)


def consistency(rows: Iterable[Judged]) -> Share:
    """Items of which both orders name the same completion (or neither does)."""
    tally = _Tally()
    for row in rows:
        if len(row.orders) == 2:
            tally.add(row.prompt, side(row.orders[0]) == side(row.orders[1]))
    return tally.share()


def position(rows: Iterable[Judged]) -> Share:
    """How often what was shown first wins, above a half; ties count half."""
    tally = _Tally()
    for row in rows:
        for order, value in enumerate(row.orders):
            shown = value if order == 0 else 1 - value
            tally.add(row.prompt, (1 + side(shown)) / 2)
    return _less_half(tally.share())


def _less_half(one: Share) -> Share:
    edges = (None if edge is None else edge - 0.5 for edge in (one.value, one.low, one.high))
    return Share(*edges, one.n)


def length(rows: Iterable[Judged], *, people: bool = False) -> Share:
    """The longer completion wins, among decided verdicts (or people's answers) on completions of unequal length."""
    tally = _Tally()
    for row in rows:
        longer = (row.lengths[0] > row.lengths[1]) - (row.lengths[0] < row.lengths[1])
        for said in row.people if people else (row.verdict,):
            if longer and said:
                tally.add(row.prompt, said == longer)
    return tally.share()


def own_family(rows: Iterable[Judged], *, people: bool = False) -> Share:
    """The judge's own family wins against others, ties half."""
    tally = _Tally()
    for row in rows:
        if row.own[0] != row.own[1]:
            for said in row.people if people else (row.verdict,):
                won = said if row.own[0] else -said
                tally.add(row.prompt, (1 + won) / 2)
    return tally.share()


def report(rows: Sequence[Judged]) -> dict:
    """All figures of a judge as a page shows them, each {value, low, high, n}."""
    seen = [row for row in rows if row.people]
    found = {
        "agreement": agreement(seen),
        "agreement_decided": agreement(seen, ties=False),
        "people": among_people(seen),
        "people_decided": among_people(seen, ties=False),
        "kappa": kappa((row.prompt, row.verdict, majority(row.people)) for row in seen),
        "consistency": consistency(rows),
        "position": position(rows),
        "length": length(rows),
        "length_people": length(seen, people=True),
        "self": own_family(rows),
        "self_people": own_family(seen, people=True),
    }
    verdicts = Counter(row.verdict for row in rows)
    return {name: one.as_dict() for name, one in found.items()} | {
        "pairs": len(rows),
        "pairs_with_people": len(seen),
        "against": against(seen),
        "first": verdicts[1],
        "second": verdicts[-1],
        "ties": verdicts[0],
        "labels": soft_histogram(rows),
    }


def against(rows: Iterable[Judged], most: int = 12) -> list[int]:
    """Items on which the verdict contradicts people's majority, the surest on both sides first."""
    found = []
    for row in rows:
        said = majority(row.people)
        if said and row.verdict == -said:
            sure = abs(sum(row.orders) / len(row.orders) - 0.5) if row.orders else 0.5
            found.append((sure * abs(sum(row.people)) / len(row.people), len(row.people), row.item))
    return [item for *_, item in sorted(found, reverse=True)[:most]]


def soft_histogram(rows: Iterable[Judged], bins: int = 10) -> list[int]:
    """How many items have their soft label in each tenth of [0, 1]."""
    counts = [0] * bins
    for row in rows:
        if row.orders:
            mean = sum(row.orders) / len(row.orders)
            counts[min(int(mean * bins), bins - 1)] += 1
    return counts
