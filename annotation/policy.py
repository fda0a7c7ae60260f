"""How graded answers become rows: a written, visible policy. Pure: neither Django nor torch.

An item's judgments go in, plans of rows come out; a plan names completions by their place in the item, so that the
same code counts a preview (without texts) and freezes (with them).
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import NamedTuple

from annotation.judging.verdicts import weighted_rows

# Strength (steps from the middle, weakest first) to margin, by the number of cells of the scale. Scales of two and
# three cells (a plain vote) have one strength.
MARGINS: dict[str, dict[int, tuple[float, ...]]] = {
    "none": {2: (0.0,), 3: (0.0,), 5: (0.0, 0.0), 7: (0.0, 0.0, 0.0), 8: (0.0, 0.0, 0.0, 0.0)},
    "graded": {2: (1.0,), 3: (1.0,), 5: (0.5, 1.5), 7: (0.5, 1.0, 1.5), 8: (0.1, 0.5, 1.0, 1.5)},
    "thirds": {2: (1.0,), 3: (1.0,), 5: (1 / 3, 1.0), 7: (1 / 3, 2 / 3, 1.0), 8: (0.0, 1 / 3, 2 / 3, 1.0)},
}
MARGIN_TITLES = {
    "none": "Ignore how strongly people preferred: every margin is 0",
    "graded": "Much better 1.5, better 1, slightly 0.5, barely 0.1; a plain vote 1",
    "thirds": "Much better 1, better 2/3, slightly 1/3, barely 0; a plain vote 1",
}
TIES = {
    "drop": "nothing",
    "half": "two rows of half weight, one each way",
}
BOTH_BAD = {
    "drop": "nothing",
    "thumbs_down": "two thumbs down (where the format is thumbs)",
}
SEVERAL = {
    "each": "Each judgment is a row",
    "majority": "The majority decides; a split vote is a tie",
    "mean": "The mean strength decides; a mean of 0 is a tie",
}
NEUTRAL = {
    "good": "a good step",
    "bad": "a bad step",
    "drop": "nothing: its solution is left out",
}
EDIT_MARGINS = (0.0, 0.5, 1.0, 1.5)
DUPLICATES = {
    "keep": "Keep them: a row that was said twice counts twice",
    "merge": "Merge them into one row",
}
TOTALS = {
    "bounded": "Weighted mean of the scores, from 0 to 1 (bounded)",
    "as_printed": "The paper's equation 15, which can exceed 1 (as printed)",
}
RANK_PAIRS = {
    "all": "Every two of them",
    "adjacent": "Only neighbours in the order",
}
RANK_MARGINS = {
    "share": "Places between the two, as a share of all: 1 from first to last",
    "places": "The number of places between the two",
    "one": "1 for each",
}
IMPLICIT = {
    "drop": "nothing",
    "thumbs": "a thumb: copied is up, regenerated is down",
}
WEIGHTS = {
    "none": "Every row counts alike",
    "reliability": "A row counts by the reliability of its raters, from the newest quality report",
}
LEAST_WEIGHT = 0.05  # below it a row says nothing and is left out
SOFT = {
    "ignore": "the side that it takes, as of any answer",
    "weights": "two rows, weighted by how sure it is of each side (where the format is pairs)",
}
_CHOICES = {
    "soft": SOFT,
    "totals": TOTALS,
    "margins": MARGINS,
    "ties": TIES,
    "both_bad": BOTH_BAD,
    "several": SEVERAL,
    "neutral": NEUTRAL,
    "duplicates": DUPLICATES,
    "rank_pairs": RANK_PAIRS,
    "rank_margins": RANK_MARGINS,
    "implicit": IMPLICIT,
    "weights": WEIGHTS,
}


@dataclass(frozen=True)
class Policy:
    margins: str = "graded"
    minimum: int = 1  # the weakest strength that decides, in steps; weaker answers are ties
    ties: str = "drop"
    both_bad: str = "thumbs_down"
    several: str = "each"
    neutral: str = "good"
    edit_margin: float = 1.0  # of an edited answer over the one it improves, unless margins are ignored
    duplicates: str = "keep"
    totals: str = "bounded"  # how the scores on a rubric's items become one number
    liked: float = 0.5  # a rubric's total from here on is a thumb up
    rank_pairs: str = "all"  # which pairs of a ranking become rows
    rank_margins: str = "share"
    up_from: float = 0.75  # a rating from 0 to 1 is a thumb up from here on
    down_to: float = 0.25  # and a thumb down up to here
    criterion: str = ""  # which rating counts; empty is the mean of all
    implicit: str = "drop"  # what behaviour without a word becomes
    weights: str = "none"
    trust: dict[str, float] = field(default_factory=dict)  # rater id to weight; "" of everybody else
    soft: str = "ignore"  # what a judge's soft label becomes

    @classmethod
    def read(cls, given: dict) -> "Policy":
        """The policy of a stored or posted mapping. Raises ValueError that names every problem."""
        known = {field.name for field in fields(cls)}
        problems = [f"{name}: there is no such setting" for name in given if name not in known]
        for name, choices in _CHOICES.items():
            if name in given and given[name] not in choices:
                problems.append(f"{name}: must be one of {', '.join(choices)}")
        minimum = given.get("minimum", 1)
        if not isinstance(minimum, int) or isinstance(minimum, bool) or not 1 <= minimum <= 4:
            problems.append("minimum: must be a whole number from 1 to 4")
        if given.get("edit_margin", 1.0) not in EDIT_MARGINS:
            problems.append(f"edit_margin: must be one of {', '.join(map(str, EDIT_MARGINS))}")
        liked = given.get("liked", 0.5)
        if isinstance(liked, bool) or not isinstance(liked, int | float) or not 0 <= liked <= 1:
            problems.append("liked: must be a number from 0 to 1")
        down, up = given.get("down_to", cls.down_to), given.get("up_from", cls.up_from)
        if any(isinstance(x, bool) or not isinstance(x, int | float) for x in (down, up)) or not 0 <= down < up <= 1:
            problems.append("down_to, up_from: must be numbers from 0 to 1, the first the smaller")
        if not isinstance(given.get("criterion", ""), str):
            problems.append("criterion: must be the name of a criterion")
        problems += _trust_problems(given.get("trust", {}))
        if problems:
            raise ValueError("; ".join(problems))
        return cls(**given)

    def weight_of(self, raters: Iterable[int]) -> float:
        """What a row weighs that stands on the words of these raters: the mean of theirs."""
        usual = self.trust.get("", 1.0)
        weights = [self.trust.get(str(rater), usual) for rater in raters]
        return sum(weights) / len(weights) if weights else 1.0

    def as_dict(self) -> dict:
        return asdict(self)

    @property
    def weighted(self) -> bool:
        """Whether rows of pairs carry a weight."""
        return self.ties == "half" or self.soft == "weights"

    def merges(self, format: str) -> bool:
        """Whether equal rows become one. A list of prompts holds each once, whatever else is chosen."""
        return format == "prompt_only" or self.duplicates == "merge"


def _trust_problems(trust) -> list[str]:
    if not isinstance(trust, dict):
        return ["trust: must map rater ids to weights"]
    wrong = [
        name
        for name, weight in trust.items()
        if not (isinstance(name, str) and (not name or name.isdecimal()))
        or isinstance(weight, bool)
        or not isinstance(weight, int | float)
        or not 0 <= weight <= 1
    ]
    return [f"trust: {', '.join(map(str, wrong[:5]))} must be a rater's id with a weight from 0 to 1"] if wrong else []


class Said(NamedTuple):
    """What the policy needs of one judgment. `strength` is signed from the first completion's side.

    `margin` came with imported data; `label` is a thumb's; `value` is the whole answer of ways other than pairs.
    """

    id: int
    revision: int
    outcome: str
    scale: int | None
    strength: int | None
    margin: float | None = None
    label: bool | None = None
    value: dict | None = None
    decides: bool = False  # a review's decision
    soft: float | None = None  # how sure a judge is that the first is better


class Plan(NamedTuple):
    """A row to be: completions by their place in the item, and the judgments it stands on.

    `texts` are completions that the answer itself brought (an edit, steps, a chat's turns) and stand for the places
    they replace; `messages` is the prompt where it is not the item's.
    """

    judgments: tuple[tuple[int, int], ...]
    first: int  # chosen, or the only completion; -1 where the first of `texts` is
    second: int | None = None  # rejected; -1 where the last of `texts` is
    margin: float = 0.0
    weight: float = 1.0
    label: bool = True
    texts: tuple[str, ...] = ()
    messages: tuple[tuple[str, str], ...] = ()  # (role, content)
    ranks: tuple[int, ...] = ()  # of the item's completions by place, 1 the best, ties equal
    labels: tuple[bool, ...] = ()  # one a step: of `texts`, or of the completion, cut at `ends`
    ends: tuple[int, ...] = ()  # none: a step a line
    mark: str = ""  # after each step in the completion
    rating: float | None = None  # from 0 to 1


class Verdict(NamedTuple):
    """One or several judgments of a pair made into one: sign 1 first, -1 second, 0 a tie, None both bad."""

    sign: int | None
    margin: float
    judgments: tuple[tuple[int, int], ...]


def margin_of(table: str, scale: int | None, strength: float) -> float:
    """The margin of an absolute strength; between two steps (means) it is interpolated."""
    steps = MARGINS[table].get(scale or 2, MARGINS[table][8])
    at = min(max(abs(strength), 0.0), len(steps))
    points = (0.0, *steps)
    low = min(int(at), len(steps) - 1)
    return points[low] + (points[low + 1] - points[low]) * (at - low)


def verdicts_of(policy: Policy, said: Sequence[Said]) -> list[Verdict]:
    """What an item's pairwise answers amount to under the policy."""
    voices = [voice for voice in said if voice.outcome == "both_bad" or _answered(voice)]
    if policy.several == "each" or len(voices) < 2:
        return [_alone(policy, voice) for voice in voices]
    return [_majority(policy, voices) if policy.several == "majority" else _mean(policy, voices)] if voices else []


def _answered(voice: Said) -> bool:
    return voice.outcome == "answer" and voice.strength is not None


def _alone(policy: Policy, voice: Said) -> Verdict:
    told = ((voice.id, voice.revision),)
    if voice.outcome == "both_bad":
        return Verdict(None, 0.0, told)
    if abs(voice.strength) < policy.minimum:
        return Verdict(0, 0.0, told)
    # A margin that came with imported data says more than a table.
    margin = margin_of(policy.margins, voice.scale, voice.strength) if voice.margin is None else voice.margin
    return Verdict(1 if voice.strength > 0 else -1, 0.0 if policy.margins == "none" else margin, told)


def _majority(policy: Policy, voices: Sequence[Said]) -> Verdict:
    alone = [_alone(policy, voice) for voice in voices]
    told = tuple(pair for verdict in alone for pair in verdict.judgments)
    (sign, most), *rest = Counter(verdict.sign for verdict in alone).most_common()
    if rest and rest[0][1] == most:
        return Verdict(0, 0.0, told)
    winners = [verdict.margin for verdict in alone if verdict.sign == sign]
    return Verdict(sign, sum(winners) / len(winners), told)


def _mean(policy: Policy, voices: Sequence[Said]) -> Verdict:
    told = tuple((voice.id, voice.revision) for voice in voices)
    graded = [voice for voice in voices if voice.outcome == "answer"]
    if 2 * len(graded) < len(voices):
        return Verdict(None, 0.0, told)
    mean = sum(voice.strength for voice in graded) / len(graded)
    if abs(mean) < policy.minimum and (policy.minimum > 1 or mean == 0):
        return Verdict(0, 0.0, told)
    return Verdict(1 if mean > 0 else -1, margin_of(policy.margins, graded[0].scale, mean), told)


def pair_plans(format: str, policy: Policy, said: Sequence[Said], left_out: Counter) -> list[Plan]:
    """The rows that an item's graded pairs yield in a format; what yields none is counted in `left_out`."""
    make = _PAIRED.get(format)
    plans: list[Plan] = []
    if ungraded := sum(voice.outcome == "answer" and voice.strength is None for voice in said):
        left_out["ungraded"] += ungraded
    if format == "preference" and policy.soft == "weights":
        plans = [plan for voice in said for plan in _soft(voice)]
        said = [voice for voice in said if voice.soft is None]
    for verdict in verdicts_of(policy, said):
        made = make(policy, verdict) if make else []
        plans.extend(made)
        if not made:
            reason = "other_format" if make is None else "both_bad" if verdict.sign is None else "tie"
            left_out[reason] += len(verdict.judgments)
    return plans


def decided(said: Sequence[Said]) -> Sequence[Said]:
    """The review's decision alone, where there is one."""
    return [voice for voice in said if voice.decides] or said


def _soft(voice: Said) -> list[Plan]:
    """A soft label as two weighted rows, which any pairwise loss takes as p l(d) + (1 - p) l(-d)."""
    if voice.soft is None or voice.outcome != "answer":
        return []
    told = ((voice.id, voice.revision),)
    return [Plan(told, first, second, weight=weight) for first, second, weight in weighted_rows(voice.soft)]


def put_aside(said: Sequence[Said]) -> Counter:
    """Skips and flags: outcomes that yield no row of any format."""
    return Counter(voice.outcome for voice in said if voice.outcome in ("skip", "broken"))


def _preference(policy: Policy, verdict: Verdict) -> list[Plan]:
    if verdict.sign:
        first, second = (0, 1) if verdict.sign > 0 else (1, 0)
        return [Plan(verdict.judgments, first, second, margin=verdict.margin)]
    if verdict.sign == 0 and policy.ties == "half":
        return [Plan(verdict.judgments, first, 1 - first, weight=0.5) for first in (0, 1)]
    return []


def _unpaired(policy: Policy, verdict: Verdict) -> list[Plan]:
    if verdict.sign:
        won = 0 if verdict.sign > 0 else 1
        return [Plan(verdict.judgments, place, label=place == won) for place in (0, 1)]
    if verdict.sign is None and policy.both_bad == "thumbs_down":
        return [Plan(verdict.judgments, place, label=False) for place in (0, 1)]
    return []


def _completion(_policy: Policy, verdict: Verdict) -> list[Plan]:
    return [Plan(verdict.judgments, 0 if verdict.sign > 0 else 1)] if verdict.sign else []


def _ranked(_policy: Policy, verdict: Verdict) -> list[Plan]:
    if verdict.sign is None:
        return []
    return [Plan(verdict.judgments, 0, ranks={1: (1, 2), 0: (1, 1), -1: (2, 1)}[verdict.sign])]


_PAIRED = {
    "preference": _preference,
    "unpaired_preference": _unpaired,
    "prompt_completion": _completion,
    "ranked": _ranked,
}


def told_by(voices: Sequence[Said]) -> tuple[tuple[int, int], ...]:
    """Whose word it is: judgments with their revisions."""
    return tuple((voice.id, voice.revision) for voice in voices)
