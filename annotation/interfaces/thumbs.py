"""Thumbs: one response, up or down, and reasons where the task lists some. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from annotation.interfaces.answers import FLAG_REASONS as _FLAGS
from annotation.interfaces.answers import SKIP_REASONS as SKIP_REASONS
from annotation.interfaces.answers import Facts, Problems, outcome_words
from annotation.interfaces.task_settings import InvalidSettings, read_settings, setting
from annotation.policy import Plan, Policy, Said, told_by

NAME = "thumbs"
TITLE = "Thumbs"
NOUN = ("response", "responses")
MEANING = "One response, thumbs up or down."
TEMPLATE = "annotation/label/sheets.html"
DOCK = "annotation/label/docks/thumbs.html"
STYLES = "css/pages/label-sheets.css"
COMPLETIONS = (1, 1)
ONE_KEY = True
BOTH_BAD = False
FLAG_REASONS = {name: words for name, words in _FLAGS.items() if name != "identical"}
REASONS_AT_MOST = 7  # keys 3 to 9
UP, DOWN = 1, 2  # the keys


@dataclass(frozen=True)
class Settings:
    reasons: tuple = setting(
        (), "Reasons", "One a line, up to seven. They are chosen, if at all, before the thumb: keys 3 to 9."
    )


def settings(given: dict) -> Settings:
    """Raises InvalidSettings."""
    made = read_settings(Settings, given)
    if len(made.reasons) > REASONS_AT_MOST:
        raise InvalidSettings({"reasons": f"There are {len(made.reasons)}; keys are there for {REASONS_AT_MOST}."})
    return made


def dock(settings: Settings) -> dict:
    """The reasons with their keys."""
    return {"reasons": list(enumerate(settings.reasons, start=3))}


def keys(settings: Settings) -> list[tuple[str, str]]:
    """The keys of the answer, each with what it does."""
    reasons = [(str(key), f"Reason: {words}") for key, words in enumerate(settings.reasons, start=3)]
    return [(str(UP), "Thumbs up"), (str(DOWN), "Thumbs down"), *reasons]


def form(post) -> dict:
    """The answer in the plain form of a page without JavaScript."""
    label = {"up": True, "down": False}.get(post.get("label"))
    return {"label": label, "reasons": post.getlist("reasons")}


def given(payload: dict, settings: Settings, facts: Facts, problems: Problems) -> dict:  # noqa: ARG001
    """The thumb, and the reasons in the order of the task."""
    label, reasons = payload.get("label"), payload.get("reasons") or []
    if not isinstance(label, bool):
        problems.add("label", "Choose thumbs up or down.")
    if not isinstance(reasons, list) or any(reason not in settings.reasons for reason in reasons):
        problems.add("reasons", "Choose reasons from the list.")
        reasons = []
    chosen = [reason for reason in settings.reasons if reason in reasons]
    return {"label": label, **({"reasons": chosen} if chosen else {})}


def true_value(given: dict, order: Sequence[int]) -> dict:  # noqa: ARG001
    """One response has one order."""
    return dict(given)


def shown_value(value: dict, order: Sequence[int]) -> dict:  # noqa: ARG001
    return dict(value)


def sentence(outcome: str, given: dict) -> str:
    """How an answer reads to the one who gave it."""
    if outcome != "answer" or "label" not in given:
        return outcome_words(outcome)
    reasons = ", ".join(given.get("reasons") or ())
    return ("Thumbs up" if given["label"] else "Thumbs down") + (f": {reasons}" if reasons else "")


def side(given: dict) -> str:  # noqa: ARG001
    return ""


def plans(format: str, policy: Policy, said: Sequence[Said], left_out: Counter) -> list[Plan]:
    """The rows that an item's thumbs become; what yields none is counted in `left_out`."""
    plans = []
    for label, told in _labels(policy, _heard(policy, said, left_out)):
        if label is None:
            left_out["tie"] += len(told)
        elif format == "unpaired_preference":
            plans.append(Plan(told, 0, label=label))
        elif format == "prompt_completion" and label:
            plans.append(Plan(told, 0))
        else:
            left_out[{"prompt_completion": "not_liked", "preference": "not_a_pair"}.get(format, "other_format")] += len(
                told
            )
    return plans


def _heard(policy: Policy, said: Sequence[Said], left_out: Counter) -> list[Said]:
    """Thumbs that were given; what was only concluded from behaviour counts if the policy says so."""
    answers = [voice for voice in said if voice.outcome == "answer"]
    heard = [voice for voice in answers if policy.implicit == "thumbs" or not (voice.value or {}).get("implicit")]
    left_out["implicit"] += len(answers) - len(heard)
    return heard


def _labels(policy: Policy, voices: Sequence[Said]) -> list[tuple[bool | None, tuple]]:
    if policy.several == "each" or len(voices) < 2:
        return [(bool(voice.label), told_by([voice])) for voice in voices]
    ups = sum(bool(voice.label) for voice in voices)
    return [(None if 2 * ups == len(voices) else 2 * ups > len(voices), told_by(voices))]
