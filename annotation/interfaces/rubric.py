"""Rubrics: every item of a rubric's category scored in [0, 1], with a confidence in [0, 1] and a reason. Pure.

The settings hold the version that is scored by, as it was when the task was made, so that an answer carries its items'
weights and stands for itself. An item holds up to four completions of one prompt; each is scored on its own, and what
one voice gives several of them makes pairs.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from annotation import rubric_scores
from annotation.interfaces.answers import FLAG_REASONS as PAIR_FLAGS
from annotation.interfaces.answers import SKIP_REASONS as SKIP_REASONS
from annotation.interfaces.answers import Facts, Problems, clean_text, outcome_words
from annotation.interfaces.task_settings import InvalidSettings
from annotation.policy import Plan, Policy, Said
from annotation.rubric_document import category_for

NAME = "rubric"
TITLE = "Rubric"
NOUN = ("item", "items")
MEANING = "Every item of a rubric scored, with a confidence and a reason."
TEMPLATE = "annotation/label/rubric.html"
DOCK = "annotation/label/docks/rubric.html"
STYLES = "css/pages/label-rubric.css"
COMPLETIONS = (1, 4)
ONE_KEY = False
BOTH_BAD = False
FLAG_REASONS = {name: words for name, words in PAIR_FLAGS.items() if name != "identical"}

STEPS = (0.0, 0.25, 0.5, 0.75, 1.0)
MARKS = ("0", "¼", "½", "¾", "1")
PARTS = (("score", "Score"), ("confidence", "Confidence"))
REASON_LIMIT = 2_000


@dataclass(frozen=True)
class Item:
    """An item to score. `key` names it over all versions."""

    key: str
    text: str
    weight: float
    checked: bool = False  # a program checks it too


@dataclass(frozen=True)
class Category:
    name: str
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Rubric:
    uid: str = ""
    name: str = ""
    number: int = 0
    categories: tuple[Category, ...] = ()

    def items_for(self, category: str) -> tuple[Item, ...]:
        found = category_for(self.categories, category)
        return found.items if found else ()


@dataclass(frozen=True)
class Settings:
    rubric: Rubric = field(default_factory=Rubric, metadata={"hidden": True})


def settings(given: dict) -> Settings:
    """Raises InvalidSettings without a rubric: such a task is made on the rubric's page."""
    told = given.get("rubric")
    try:
        categories = tuple(
            Category(row["name"], tuple(Item(**item) for item in row["items"])) for row in told["categories"]
        )
        rubric = Rubric(told["uid"], told["name"], told["number"], categories)
    except (TypeError, KeyError):
        rubric = Rubric()
    if not any(category.items for category in rubric.categories):
        raise InvalidSettings({"rubric": "Ask people on the page of the rubric: the task is made there."})
    return Settings(rubric)


def dock(settings: Settings) -> dict:
    return {"rubric": settings.rubric, "steps": list(enumerate(MARKS, start=1))}


def keys(settings: Settings) -> list[tuple[str, str]]:  # noqa: ARG001
    return [
        ("1 … 5", "Score, then confidence: 0, 0.25, 0.5, 0.75, 1"),
        ("← →", "Finer, by 0.05"),
        ("↑ ↓", "The one before, the next one"),
        ("R", "Write the reason; Esc returns to the keys"),
    ]


def bench(facts: Facts, settings: Settings) -> dict:
    """The items of the prompt's category; the number of completions decides how many sheets there are."""
    steps = list(zip(STEPS, MARKS, strict=True))
    return {"items": settings.rubric.items_for(facts.category), "steps": steps, "parts": PARTS}


def form(post) -> dict:
    """The fields of the plain form: `score-0-<key>`, `confidence-0-<key>`, `reason-0-<key>` for the first sheet."""
    sheets: dict[int, dict] = defaultdict(lambda: defaultdict(dict))
    for name in post:
        what, _, rest = name.partition("-")
        place, _, item = rest.partition("-")
        if what in ("score", "confidence", "reason") and place.isdecimal() and len(place) < 3 and item:
            sheets[int(place)][item][what] = post.get(name)
    return {"sheets": [sheets[place] for place in sorted(sheets)]}


def given(payload: dict, settings: Settings, facts: Facts, problems: Problems) -> dict:
    """Score, confidence and reason of every item for every completion, and the weights they count with."""
    items = settings.rubric.items_for(facts.category)
    if not items:
        problems.add("sheets", "The rubric has no items for prompts of this category. Skip it.")
    sheets = payload.get("sheets")
    sheets = sheets if isinstance(sheets, list) else []
    if len(sheets) != len(facts.order):
        problems.add("sheets", f"Score {len(facts.order)} answers; {len(sheets)} came.")
        return {}
    return {
        "rubric": settings.rubric.uid,
        "version": settings.rubric.number,
        "weights": {item.key: item.weight for item in items},
        "sheets": [_sheet(f"sheets.{place}", sheet, items, problems) for place, sheet in enumerate(sheets)],
    }


def _sheet(path: str, sheet, items: tuple[Item, ...], problems: Problems) -> dict:
    sheet = sheet if isinstance(sheet, dict) else {}
    known = {item.key for item in items}
    for name in sheet.keys() - known:
        problems.add(f"{path}.{name}", "The rubric has no such item.")
    return {item.key: _entry(f"{path}.{item.key}", sheet.get(item.key), item, problems) for item in items}


def _entry(path: str, entry, item: Item, problems: Problems) -> dict:
    entry = entry if isinstance(entry, dict) else {}
    told = {"reason": clean_text(entry.get("reason"))}
    for name in ("score", "confidence"):
        told[name] = _unit(entry.get(name))
        if told[name] is None:
            problems.add(f"{path}.{name}", f"“{_short(item.text)}” needs a {name} from 0 to 1.")
    if len(told["reason"]) > REASON_LIMIT:
        problems.add(
            f"{path}.reason", f"The reason for “{_short(item.text)}” is longer than {REASON_LIMIT:,} characters."
        )
    return told


def _unit(value) -> float | None:
    """A number from 0 to 1, to four digits; None for everything else."""
    if isinstance(value, bool):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return round(number, 4) if math.isfinite(number) and 0 <= number <= 1 else None


def _short(text: str, length: int = 50) -> str:
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"


def true_value(given: dict, order: Sequence[int]) -> dict:
    """Sheets in true order."""
    if not given.get("sheets"):
        return {}
    sheets = [None] * len(order)
    for shown, index in zip(given["sheets"], order, strict=True):
        sheets[index] = shown
    return {**_kept(given), "sheets": sheets}


def shown_value(value: dict, order: Sequence[int]) -> dict:
    return {**_kept(value), "sheets": [value["sheets"][index] for index in order]} if value.get("sheets") else {}


def _kept(value: dict) -> dict:
    return {name: value[name] for name in ("rubric", "version", "weights")}


def totals(value: dict, *, form: str = "bounded", trust: dict[str, float] | None = None) -> list[float | None]:
    """One number for each sheet. `trust` is the mean confidence by item; without it, that over these sheets.

    None where no item with a weight has any confidence.
    """
    items = [item for item, weight in value["weights"].items() if weight]
    sure = trust or mean_confidence([value])
    weights, confidences = (np.array([table.get(item, 0.0) for item in items]) for table in (value["weights"], sure))
    if not len(items) or not (weights * confidences).sum() > 0:
        return [None for _ in value["sheets"]]
    scores = np.array([[sheet[item]["score"] for item in items] for sheet in value["sheets"]])
    return [float(total) for total in rubric_scores.total(form)(scores, weights, confidences)]


def mean_confidence(values: Sequence[dict]) -> dict[str, float]:
    """phibar by item, over all sheets of some answers."""
    said = defaultdict(list)
    for value in values:
        for sheet in value["sheets"]:
            for item, entry in sheet.items():
                said[item].append(entry["confidence"])
    return {item: sum(given) / len(given) for item, given in said.items()}


def sentence(outcome: str, given: dict) -> str:
    """How an answer reads to the one who gave it."""
    if outcome != "answer" or not given.get("sheets"):
        return outcome_words(outcome)
    found = totals(given)
    if len(found) == 1:
        return "Total without weight" if found[0] is None else f"Total {found[0]:.2f}"
    return ", ".join(
        f"{letter} {'–' if total is None else f'{total:.2f}'}" for letter, total in zip("ABCD", found, strict=False)
    )


def side(given: dict) -> str:  # noqa: ARG001
    return ""


def plans(format: str, policy: Policy, said: Sequence[Said], left_out: Counter) -> list[Plan]:
    """Ratings and thumbs of each completion, and pairs and rankings where one voice scored several.

    phibar is the mean confidence over the item's answers. With `several` other than `each`, totals are averaged over
    the voices first.
    """
    voices = [voice for voice in said if voice.outcome == "answer" and (voice.value or {}).get("sheets")]
    if not voices:
        return []
    make = _ROWS.get(format)
    if make is None:
        left_out["other_format"] += len(voices)
        return []
    trust = mean_confidence([voice.value for voice in voices])
    spoken = [((voice.id, voice.revision), totals(voice.value, form=policy.totals, trust=trust)) for voice in voices]
    if policy.several != "each" and len(spoken) > 1:
        columns = zip(*(found for _, found in spoken), strict=True)
        told = tuple(pair for pair, _ in spoken)
        heard = [(told, [None if None in column else sum(column) / len(column) for column in columns])]
    else:
        heard = [((pair,), found) for pair, found in spoken]
    plans = []
    for told, found in heard:
        made = [] if None in found else make(policy, told, found)
        plans.extend(made)
        if not made:
            left_out["tie" if len(found) > 1 else "other_format"] += len(told)
    return plans


def _pairs(policy: Policy, told, found: list[float]) -> list[Plan]:
    """Every two completions whose totals differ; the margin is how far."""
    plans = []
    for first in range(len(found)):
        for second in range(first + 1, len(found)):
            gap = found[first] - found[second]
            if abs(gap) < 1e-9:
                if policy.ties == "half":
                    plans += [Plan(told, *two, weight=0.5) for two in ((first, second), (second, first))]
                continue
            chosen, rejected = (first, second) if gap > 0 else (second, first)
            plans.append(Plan(told, chosen, rejected, margin=0.0 if policy.margins == "none" else round(abs(gap), 6)))
    return plans


def _thumbs(policy: Policy, told, found: list[float]) -> list[Plan]:
    return [Plan(told, place, label=total >= policy.liked) for place, total in enumerate(found)]


def _rated(_policy: Policy, told, found: list[float]) -> list[Plan]:
    return [Plan(told, place, rating=round(min(total, 1.0), 6)) for place, total in enumerate(found)]


def _demonstrations(policy: Policy, told, found: list[float]) -> list[Plan]:
    """The best of the liked ones."""
    best = max(range(len(found)), key=found.__getitem__)
    return [Plan(told, best)] if found[best] >= policy.liked else []


def _ranked(_policy: Policy, told, found: list[float]) -> list[Plan]:
    if len(found) < 2:
        return []
    order = sorted({round(total, 9) for total in found}, reverse=True)
    return [Plan(told, 0, ranks=tuple(order.index(round(total, 9)) + 1 for total in found))]


_ROWS = {
    "preference": _pairs,
    "unpaired_preference": _thumbs,
    "prompt_completion": _demonstrations,
    "ranked": _ranked,
    "rated": _rated,
}
