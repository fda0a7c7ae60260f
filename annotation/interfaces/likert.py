"""Ratings: one response on a scale of five or seven, on one criterion or several. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median

from annotation.interfaces.answers import FLAG_REASONS as _FLAGS
from annotation.interfaces.answers import SKIP_REASONS as SKIP_REASONS
from annotation.interfaces.answers import Facts, Problems, outcome_words, whole
from annotation.interfaces.task_settings import InvalidSettings, read_settings, setting
from annotation.policy import Plan, Policy, Said, told_by

NAME = "likert"
TITLE = "Ratings"
NOUN = ("response", "responses")
MEANING = "One response, rated on five or seven steps."
TEMPLATE = "annotation/label/sheets.html"
DOCK = "annotation/label/docks/likert.html"
STYLES = "css/pages/label-sheets.css"
COMPLETIONS = (1, 1)
ONE_KEY = False
BOTH_BAD = False
FLAG_REASONS = {name: words for name, words in _FLAGS.items() if name != "identical"}
SCALES = (5, 7)
CRITERIA_AT_MOST = 8
FIELD = "rating:"


@dataclass(frozen=True)
class Settings:
    scale: int = setting(5, "Scale", choices={5: "1 to 5", 7: "1 to 7"})
    criteria: tuple = setting(
        ("overall",), "Criteria", "One a line. With one, a key answers; several go on by themselves."
    )
    anchors: tuple = setting(
        ("very bad", "bad", "fair", "good", "very good"),
        "Words of the steps",
        "One a line, from worst to best: one for each step, or two for the ends.",
    )


def settings(given: dict) -> Settings:
    """Raises InvalidSettings."""
    scale = given.get("scale", Settings.scale)
    if str(scale) == "7" and "anchors" not in given:
        given = {**given, "anchors": ("very bad", "very good")}
    made = read_settings(Settings, given)
    problems = {}
    if not 1 <= len(made.criteria) <= CRITERIA_AT_MOST:
        problems["criteria"] = f"Name one to {CRITERIA_AT_MOST} criteria."
    if len(made.anchors) not in (0, 2, made.scale):
        problems["anchors"] = f"Give {made.scale} words, two for the ends, or none; these are {len(made.anchors)}."
    if problems:
        raise InvalidSettings(problems)
    return made


def words_of(settings: Settings) -> list[str]:
    """The word of each step, empty where it has none."""
    if len(settings.anchors) == settings.scale:
        return list(settings.anchors)
    low, high = settings.anchors or ("", "")
    return [low, *[""] * (settings.scale - 2), high]


def dock(settings: Settings) -> dict:
    """The steps with their words, and whether one key answers."""
    steps = list(enumerate(words_of(settings), start=1))
    return {"steps": steps, "field": FIELD, "one_key": len(settings.criteria) == 1}


def keys(settings: Settings) -> list[tuple[str, str]]:
    """The keys of the answer, each with what it does."""
    steps = [
        (str(step), words.capitalize() or f"{step} of {settings.scale}") for step, words in dock(settings)["steps"]
    ]
    if len(settings.criteria) == 1:
        return steps
    return [*steps, ("↑ ↓", "The criterion before, the next one")]


def form(post) -> dict:
    """The answer in the plain form of a page without JavaScript."""
    ratings = {name.removeprefix(FIELD): post[name] for name in post if name.startswith(FIELD)}
    return {"ratings": ratings, "scale": whole(post.get("scale"))}


def given(payload: dict, settings: Settings, facts: Facts, problems: Problems) -> dict:  # noqa: ARG001
    """A step for each criterion, on the scale that the page showed."""
    scale = payload.get("scale") if payload.get("scale") in SCALES else settings.scale
    said = payload.get("ratings") if isinstance(payload.get("ratings"), dict) else {}
    ratings = {}
    for criterion in settings.criteria:
        step = whole(said.get(criterion))
        if step is None or not 1 <= step <= scale:
            problems.add(f"ratings.{criterion}", f"Rate “{criterion}” from 1 to {scale}.")
        ratings[criterion] = step
    for criterion in said.keys() - ratings.keys():
        problems.add("ratings", f"There is no criterion “{str(criterion)[:60]}”.")
    return {"ratings": ratings, "scale": scale}


def true_value(given: dict, order: Sequence[int]) -> dict:  # noqa: ARG001
    """One response has one order."""
    return dict(given)


def shown_value(value: dict, order: Sequence[int]) -> dict:  # noqa: ARG001
    return dict(value)


def sentence(outcome: str, given: dict) -> str:
    """How an answer reads to the one who gave it: "4 of 5"; "helpful 4, honest 5 of 5"."""
    ratings = given.get("ratings")
    if outcome != "answer" or not ratings:
        return outcome_words(outcome)
    if len(ratings) == 1:
        return f"{next(iter(ratings.values()))} of {given['scale']}"
    return ", ".join(f"{criterion} {step}" for criterion, step in ratings.items()) + f" of {given['scale']}"


def side(given: dict) -> str:  # noqa: ARG001
    return ""


def scaled(value: dict, criterion: str = "") -> float | None:
    """The rating from 0, worst, to 1, best: of a criterion, or the mean of all. None where it was not rated."""
    ratings, scale = value.get("ratings") or {}, value.get("scale") or 5
    steps = [step for name, step in ratings.items() if not criterion or name == criterion]
    return min(max((fmean(steps) - 1) / (scale - 1), 0.0), 1.0) if steps else None


def plans(format: str, policy: Policy, said: Sequence[Said], left_out: Counter) -> list[Plan]:
    """The rows that an item's ratings become; what yields none is counted in `left_out`."""
    plans = []
    for rating, told in ratings_of(policy, said, left_out):
        plan, why = _plan(format, policy, rating, told)
        if plan:
            plans.append(plan)
        else:
            left_out[why] += len(told)
    return plans


def ratings_of(policy: Policy, said: Sequence[Said], left_out: Counter) -> list[tuple[float, tuple]]:
    """Scaled ratings, each with whose word it is; one for all where the policy says so."""
    answers = [voice for voice in said if voice.outcome == "answer"]
    rated = [(scaled(voice.value or {}, policy.criterion), voice) for voice in answers]
    rated = [(rating, voice) for rating, voice in rated if rating is not None]
    left_out["no_criterion"] += len(answers) - len(rated)
    if policy.several == "each" or len(rated) < 2:
        return [(rating, told_by([voice])) for rating, voice in rated]
    middle = fmean if policy.several == "mean" else median
    return [(middle(rating for rating, _ in rated), told_by([voice for _, voice in rated]))]


def _plan(format: str, policy: Policy, rating: float, told: tuple) -> tuple[Plan | None, str]:
    if format == "rated":
        return Plan(told, 0, rating=rating), ""
    if format == "unpaired_preference":
        if policy.down_to < rating < policy.up_from:
            return None, "between"
        return Plan(told, 0, label=rating >= policy.up_from), ""
    if format == "prompt_completion":
        return (Plan(told, 0), "") if rating >= policy.up_from else (None, "not_liked")
    return None, "not_a_pair" if format == "preference" else "other_format"
