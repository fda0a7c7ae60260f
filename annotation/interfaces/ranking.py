"""Rankings: two to nine responses from best to worst, equal ones in one place, or "none can be ranked". Pure.

Ranks are competition ranks, one for each response: 1 is the best, equal ranks are ties, and two in second place leave
the third free (1, 2, 2, 4). As given they stand in shown order, in the record in true order.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from annotation.interfaces.answers import FLAG_REASONS as _FLAGS
from annotation.interfaces.answers import SKIP_REASONS as SKIP_REASONS
from annotation.interfaces.answers import Facts, Problems, outcome_words, whole
from annotation.interfaces.task_settings import read_settings, setting
from annotation.policy import Plan, Policy, Said, told_by

NAME = "ranking"
TITLE = "Ranking"
NOUN = ("ranking", "rankings")
MEANING = "Two to nine responses, put in order from best to worst."
TEMPLATE = "annotation/label/sheets.html"
DOCK = "annotation/label/docks/ranking.html"
STYLES = "css/pages/label-sheets.css"
COMPLETIONS = (2, 9)
ONE_KEY = False
BOTH_BAD = False
FLAG_REASONS = {**_FLAGS, "identical": "All replies are the same"}
LETTERS = "ABCDEFGHI"


@dataclass(frozen=True)
class Settings:
    ties: bool = setting(True, "Ties", "Responses may share a place.")


def settings(given: dict) -> Settings:
    """Raises InvalidSettings."""
    return read_settings(Settings, given)


def competition(places: Sequence[float]) -> list[int]:
    """Competition ranks of places that may skip numbers or be fractions; the smallest is rank 1."""
    return [1 + sum(other < place for other in places) for place in places]


def dock(settings: Settings) -> dict:  # noqa: ARG001
    """Nothing beyond the settings: the order is drawn as it comes to be."""
    return {}


def bench(facts: Facts, settings: Settings) -> dict:  # noqa: ARG001
    """The places that a sheet may be given, where there is no script."""
    return {"places": range(1, len(facts.order) + 1)}


def keys(settings: Settings) -> list[tuple[str, str]]:
    """The keys of the answer, each with what it does."""
    ties = [("=", "The next one shares the place of the one before")] if settings.ties else []
    return [
        ("1–9", "The response with that key comes next, from best to worst; again takes it out"),
        *ties,
        ("Backspace", "Take the last one back"),
        ("0", "None can be ranked"),
    ]


def form(post) -> dict:
    """The answer in the plain form of a page without JavaScript."""
    if post.get("unrankable"):
        return {"unrankable": True}
    names = sorted(name for name in post if name.startswith("rank-"))
    return {"ranks": [post.get(name) for name in names]}


def given(payload: dict, settings: Settings, facts: Facts, problems: Problems) -> dict:
    """The rank of each response as it stood, or that none can be ranked."""
    if payload.get("unrankable") is True:
        return {"unrankable": True}
    said, count = payload.get("ranks"), len(facts.order)
    if not isinstance(said, list) or len(said) != count:
        problems.add("ranks", f"Give each of the {count} responses a place.")
        return {}
    places = [whole(place) for place in said]
    if any(place is None or not 1 <= place <= count for place in places):
        problems.add("ranks", f"Give each response a place from 1, the best, to {count}.")
        return {}
    if not settings.ties and len(set(places)) < count:
        problems.add("ranks", "Two responses share a place; here each has a place of its own.")
    return {"ranks": competition(places)}


def true_value(given: dict, order: Sequence[int]) -> dict:
    """The answer in true order. `order` is the order shown."""
    if "ranks" not in given:
        return dict(given)
    ranks = [0] * len(order)
    for place, index in enumerate(order):
        ranks[index] = given["ranks"][place]
    return {"ranks": ranks}


def shown_value(value: dict, order: Sequence[int]) -> dict:
    """The answer as it would have been given in this order: the inverse of `true_value`."""
    if "ranks" not in value:
        return {"unrankable": True} if value.get("unrankable") else {}
    order = list(order) if len(order) == len(value["ranks"]) else range(len(value["ranks"]))
    return {"ranks": [value["ranks"][index] for index in order]}


def sentence(outcome: str, given: dict) -> str:
    """How an answer reads to the one who gave it: "B, then A and C"."""
    if outcome != "answer" or not given:
        return outcome_words(outcome)
    if "ranks" not in given:
        return "None can be ranked"
    ranks = given["ranks"]
    groups = [
        " and ".join(LETTERS[place] for place, said in enumerate(ranks) if said == rank) for rank in sorted(set(ranks))
    ]
    return ", then ".join(groups)


def side(given: dict) -> str:  # noqa: ARG001
    return ""


@dataclass(frozen=True)
class Order:
    """Ranks in true order, and whose word it is."""

    ranks: tuple[int, ...]
    judgments: tuple[tuple[int, int], ...]


def plans(format: str, policy: Policy, said: Sequence[Said], left_out: Counter) -> list[Plan]:
    """The rows that an item's rankings become; what yields none is counted in `left_out`."""
    make, plans = _MADE.get(format), []
    for order in orders_of(policy, said, left_out):
        made = make(policy, order) if make else []
        plans.extend(made)
        if not made:
            left_out["tie" if make else "other_format"] += len(order.judgments)
    return plans


def orders_of(policy: Policy, said: Sequence[Said], left_out: Counter) -> list[Order]:
    """One order for each ranking, or one for all of them, as the policy says."""
    answers = [voice for voice in said if voice.outcome == "answer" and voice.value]
    ranked = [Order(tuple(voice.value["ranks"]), told_by([voice])) for voice in answers if voice.value.get("ranks")]
    left_out["unrankable"] += len(answers) - len(ranked)
    if policy.several == "each" or len(ranked) < 2:
        return ranked
    together = _mean if policy.several == "mean" else _majority
    told = tuple(pair for order in ranked for pair in order.judgments)
    return [Order(tuple(competition(together([order.ranks for order in ranked]))), told)]


def _mean(several: Sequence[Sequence[int]]) -> list[float]:
    return [sum(ranks) / len(ranks) for ranks in zip(*several, strict=True)]


def _majority(several: Sequence[Sequence[int]]) -> list[float]:
    """By how many others each beats in most of the rankings, less how many beat it (Copeland)."""
    places = [0.0] * len(several[0])
    for one, other in combinations(range(len(places)), 2):
        lead = sum((ranks[one] < ranks[other]) - (ranks[one] > ranks[other]) for ranks in several)
        places[one] -= (lead > 0) - (lead < 0)
        places[other] += (lead > 0) - (lead < 0)
    return places


def _preference(policy: Policy, order: Order) -> list[Plan]:
    made, levels = [], sorted(set(order.ranks))
    for one, other in combinations(range(len(order.ranks)), 2):
        above, below = sorted((one, other), key=lambda index: order.ranks[index])
        steps = levels.index(order.ranks[below]) - levels.index(order.ranks[above])
        if steps == 0 and policy.ties == "half":
            made += [Plan(order.judgments, *both, weight=0.5) for both in ((one, other), (other, one))]
        elif steps == 1 or (steps > 1 and policy.rank_pairs == "all"):
            made.append(Plan(order.judgments, above, below, margin=_margin(policy, order.ranks, above, below)))
    return made


def _margin(policy: Policy, ranks: Sequence[int], above: int, below: int) -> float:
    if policy.margins == "none":
        return 0.0
    distance = ranks[below] - ranks[above]
    return {"one": 1.0, "places": float(distance), "share": distance / (len(ranks) - 1)}[policy.rank_margins]


def _completion(policy: Policy, order: Order) -> list[Plan]:
    best = [index for index, rank in enumerate(order.ranks) if rank == 1]
    return [Plan(order.judgments, index) for index in best] if len(best) == 1 or policy.ties == "half" else []


def _ranked(_policy: Policy, order: Order) -> list[Plan]:
    return [Plan(order.judgments, order.ranks.index(1), ranks=order.ranks)]


_MADE = {"preference": _preference, "prompt_completion": _completion, "ranked": _ranked}
