"""From what was gathered to the report: figures of everything together, and of each rater. Pure.

Figures below their least n have a value of None and say how many there are.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, repeat

import numpy as np

from annotation.agreement import Agreement, fleiss_kappa, krippendorff_alpha, raw_agreement
from annotation.quality import leanings
from annotation.quality.findings import findings
from annotation.quality.gathering import Disagreement, Gathering
from annotation.quality.ordinal import ordinal_dawid_skene
from annotation.quality.rankings import ranking_agreement
from annotation.quality.readings import MAIN
from annotation.quality.reliability import reliabilities
from annotation.quality.triads import EXAMPLES, Triads, triads
from annotation.quality.voices import voices
from annotation.shares import share, wilson

LEAST_SHARED = 50  # items judged by several people, before agreement means anything
LEAST_WEEK = 20
RESAMPLES = 1000
_GRADED = 3  # cells of a scale above which answers have a degree


@dataclass(frozen=True)
class Report:
    """`body` names nobody; `people` are figures by rater; `circles` name raters and items."""

    body: dict
    people: dict[int, dict]
    disagreements: list[Disagreement]
    circles: list[dict]


def report(gathered: Gathering, *, resamples: int = RESAMPLES) -> Report:
    trust = reliabilities(zip(*gathered.said, strict=True), mirrored=gathered.mirrored)
    own, crowd, circles, by_rater = circular(gathered)
    pull = pooled_leanings(gathered)
    people = {pk: person.figures() for pk, person in gathered.people.items()}
    degree = degrees(gathered)
    for pk, told in people.items():
        told["reliability"] = trust.raters[pk].as_dict() if pk in trust.raters else None
        told["degree"] = degree.get(pk)
        told["triads"] = _triads(by_rater.get(pk, Triads()))
        told["findings"] = findings(told, pull)
    body = {
        "judgments": gathered.judgments,
        "items": gathered.items,
        "shared": gathered.shared,
        "raters": len(people),
        "kinds": dict(Counter(person.kind for person in gathered.people.values())),
        "outcomes": dict(sum((person.outcomes for person in gathered.people.values()), Counter())),
        "agreement": agreement(gathered, resamples),
        "weeks": list(weeks(gathered, resamples)),
        "left": share(gathered.left.values()).as_dict(),
        "longer": share(gathered.longer.values()).as_dict(),
        "leanings": pull,
        "single": trust.single if trust.items >= LEAST_SHARED else None,
        "triads": {"raters": _triads(own), "crowd": _triads(crowd)},
        "findings": dict(Counter(found["kind"] for told in people.values() for found in told["findings"])),
        "found": sum(bool(told["findings"]) for told in people.values()),
        "known": sum(told["reliability"] is not None and told["reliability"]["right"] is not None
                     for told in people.values()),
    }  # fmt: skip
    return Report(body, people, sorted(gathered.disagreements, reverse=True), circles)


def agreement(gathered: Gathering, resamples: int) -> list[dict]:
    """Every criterion's figures: measure, level, value, interval, how many items and answers they are over."""
    found = []
    options = {"resamples": resamples}

    def add(criterion: str, measure: str, level: str, figure: Agreement, least: int = LEAST_SHARED) -> None:
        found.append({"criterion": criterion, "measure": measure, "level": level, **_told(figure, least)})

    if gathered.sides and len(gathered.scales) == 1 and max(gathered.scales) > _GRADED:
        add(MAIN, "alpha", "ordinal", krippendorff_alpha(_units(gathered.units[MAIN, "ordinal"]), level="ordinal",
                                                         **options))  # fmt: skip
    if gathered.sides:
        add("side", "alpha", "nominal", krippendorff_alpha(_units(gathered.sides), **options))
        add("side", "kappa", "nominal", fleiss_kappa(_units(gathered.sides), **options))
        add("side", "raw", "nominal", raw_agreement(_units(gathered.sides), **options))
    for (criterion, level), patterns in sorted(gathered.units.items()):
        if criterion == MAIN and gathered.sides and level == "ordinal":
            continue
        if level == "ranking":
            add(criterion, "tau", level, ranking_agreement(_units(patterns), **options))
            continue
        add(criterion, "alpha", level, krippendorff_alpha(_units(patterns), level=level, **options))
        if level == "nominal":
            add(criterion, "kappa", level, fleiss_kappa(_units(patterns), **options))
        add(criterion, "raw", level, raw_agreement(_units(patterns), **options))
    return found


def _units(patterns: Counter) -> Iterator[tuple]:
    return chain.from_iterable(repeat(pattern, times) for pattern, times in patterns.items())


def _told(figure: Agreement, least: int) -> dict:
    told = figure.as_dict()
    return told if figure.units >= least else {**told, "value": None, "low": None, "high": None}


def weeks(gathered: Gathering, resamples: int) -> Iterator[dict]:
    """One row a week with an answer: agreement on items whose last answer came in it, and the left share."""
    graded = len(gathered.scales) == 1 and max(gathered.scales, default=0) > _GRADED
    for week, counts in sorted(gathered.weekly.items()):
        units, level = (counts["units"], "ordinal") if graded else (counts["sides"], "nominal")
        alpha = krippendorff_alpha(_units(units), level=level, resamples=resamples)
        raw = raw_agreement(_units(counts["sides"]), resamples=resamples)
        yield {
            "week": week,
            "judgments": counts["judgments"]["all"],
            "alpha": {"level": level, **_told(alpha, LEAST_WEEK)},
            "raw": _told(raw, LEAST_WEEK),
            "left": wilson(counts["left"][True], counts["left"].total()).as_dict(),
        }


def pooled_leanings(gathered: Gathering) -> dict[str, dict]:
    """The pulls of everybody together, against which one person's are read."""
    tables = [person.table for person in gathered.people.values() if len(person.choices)]
    if not tables:
        return {name: leanings.Lean(None, None, None, 0).as_dict() for name in leanings.NAMES[:3]}
    table = np.concatenate(tables)
    found = leanings.leanings(leanings.features(table[:, 1:3], table[:, 3:5], table[:, 5]), table[:, 0])
    return {name: lean.as_dict() for name, lean in found.items()}


def degrees(gathered: Gathering) -> dict[int, dict]:
    """How noisily each rater grades, and how much of the scale they use, where answers have a degree."""
    if len(gathered.scales) != 1 or max(gathered.scales) <= _GRADED or not gathered.mirrored:
        return {}
    rows = gathered.graded
    if not rows:
        return {}
    half, odd = max(gathered.scales) // 2, max(gathered.scales) % 2
    labels = tuple(step for step in range(-half, half + 1) if step or odd)
    fit = ordinal_dawid_skene(voices(rows, labels=labels), prior=4.0, tolerance=1e-6)
    return {
        rater: {"noise": float(fit.noise[place]), "stretch": float(fit.stretch[place])}
        for place, rater in enumerate(fit.voices.raters)
    }


def circular(gathered: Gathering) -> tuple[Triads, Triads, list[dict], dict[int, Triads]]:
    """Each rater's own triads together, the crowd's, the first that go round, and each rater's."""
    prompt, rater, winner, loser, item = (np.array(column, dtype=np.int64) for column in gathered.wins)
    own, crowd, by_rater, circles = Triads(), Triads(), {}, []
    order = np.lexsort((rater, prompt))
    for rows in _groups(prompt[order], order):
        if len(set(winner[rows]) | set(loser[rows])) < 3:
            continue
        crowd.add(triads(zip(winner[rows].tolist(), loser[rows].tolist(), strict=True)))
        for mine in _groups(rater[rows], rows):
            found = triads(zip(winner[mine].tolist(), loser[mine].tolist(), strict=True))
            if not found.decided:
                continue
            who = int(rater[mine[0]])
            own.add(found)
            by_rater.setdefault(who, Triads()).add(found)
            for circle in found.examples:
                if len(circles) < 5 * EXAMPLES:
                    circles.append({"rater": who, "items": _edges(circle, mine, winner, loser, item)})
    return own, crowd, circles, by_rater


def _groups(keys: np.ndarray, rows: np.ndarray) -> Iterator[np.ndarray]:
    """`rows` cut where `keys`, sorted, change."""
    if len(rows):
        yield from np.split(rows, np.flatnonzero(keys[1:] != keys[:-1]) + 1)


def _edges(circle: tuple, rows, winner, loser, item) -> list[int]:
    """The items of A over B, B over C, C over A."""
    found = []
    for better, worse in zip(circle, (*circle[1:], circle[0]), strict=True):
        at = rows[(winner[rows] == better) & (loser[rows] == worse)]
        found.append(int(item[at[0]]))
    return found


def _triads(found: Triads) -> dict:
    return {"decided": found.decided, "circular": found.circular, "share": found.share}
