"""Making a given answer better: the new text is a demonstration, and better than the old one. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from annotation.interfaces.answers import FLAG_REASONS as FLAG_REASONS
from annotation.interfaces.answers import SKIP_REASONS, Facts, Problems, outcome_words
from annotation.interfaces.task_settings import read_settings, setting
from annotation.interfaces.writing import clean_reply, counted, read_reply
from annotation.policy import Plan, Policy, Said

NAME = "edit"
TITLE = "Edits"
NOUN = ("edit", "edits")
MEANING = "People make a given answer better; the new text is preferred to the old."
TEMPLATE = "annotation/label/edit.html"
DOCK = "annotation/label/docks/writing.html"
STYLES = "css/pages/writing.css"
COMPLETIONS = (1, 1)
ONE_KEY = False
BOTH_BAD = False
WRITES = True
SKIP_REASONS = {"good": "It cannot be made better", **SKIP_REASONS}


@dataclass(frozen=True)
class Settings:
    least_words: int = setting(1, "Fewest words", "Shorter answers are refused.", low=1, high=2_000)


def settings(given: dict) -> Settings:
    """Raises InvalidSettings."""
    return read_settings(Settings, given)


def dock(settings: Settings) -> dict:
    """What the dock's template draws."""
    return {"least_words": settings.least_words}


def keys(settings: Settings) -> list[tuple[str, str]]:  # noqa: ARG001
    """The keys of the answer, each with what it does."""
    return [("Ctrl Enter", "Send while writing"), ("Esc", "Leave the text, for the other keys"), ("W", "Write on")]


def bench(facts: Facts, settings: Settings) -> dict:  # noqa: ARG001
    """The text to go on from, as it stands."""
    return {"text": facts.texts[0]}


def form(post) -> dict:
    """The answer in the plain form of a page without JavaScript."""
    return {"text": post.get("text", "")}


def given(payload: dict, settings: Settings, facts: Facts, problems: Problems) -> dict:
    """The new text; one that changed nothing is no answer."""
    text = read_reply(payload, settings.least_words, problems)
    if text and text == clean_reply(facts.texts[0]):
        problems.add("text", "Nothing was changed. Make it better; if it cannot be, skip it and say so.")
    return {"text": text}


def true_value(given: dict, order: Sequence[int]) -> dict:  # noqa: ARG001
    """A text has no order."""
    return dict(given)


def shown_value(value: dict, order: Sequence[int]) -> dict:  # noqa: ARG001
    """The inverse of `true_value`."""
    return dict(value)


def sentence(outcome: str, given: dict) -> str:
    """How an answer reads to the one who gave it."""
    if outcome != "answer":
        return outcome_words(outcome)
    return f"Edited to {counted(given.get('text', ''))}"


def side(given: dict) -> str:  # noqa: ARG001
    """There are no sides."""
    return ""


def plans(format: str, policy: Policy, said: Sequence[Said], left_out: Counter) -> list[Plan]:
    """The rows that an item's edits become: new over old, or the new text alone."""
    make, made = _FORMATS.get(format), []
    for voice in said:
        if voice.outcome != "answer":
            continue
        text = (voice.value or {}).get("text")
        if make is None or not text:
            left_out["incomplete" if make else "other_format"] += 1
            continue
        margin = 0.0 if policy.margins == "none" else policy.edit_margin
        made += make(((voice.id, voice.revision),), (text,), margin)
    return made


_FORMATS = {
    "preference": lambda told, texts, margin: [Plan(told, -1, 0, margin=margin, texts=texts)],
    "unpaired_preference": lambda told, texts, _: [
        Plan(told, -1, texts=texts, label=True),
        Plan(told, 0, label=False),
    ],
    "prompt_completion": lambda told, texts, _: [Plan(told, -1, texts=texts)],
    "ranked": lambda told, texts, _: [Plan(told, -1, texts=texts, ranks=(1, 2))],
}
