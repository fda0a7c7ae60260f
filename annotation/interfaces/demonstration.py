"""Writing the answer that a model should have given. Pure.

An imported demonstration is an item with its one completion; one that people write here has none before they wrote.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from annotation.interfaces.answers import FLAG_REASONS as FLAG_REASONS
from annotation.interfaces.answers import SKIP_REASONS as SKIP_REASONS
from annotation.interfaces.answers import Facts, Problems, outcome_words
from annotation.interfaces.task_settings import read_settings, setting
from annotation.interfaces.writing import counted, read_reply
from annotation.policy import Plan, Policy, Said

NAME = "demonstration"
TITLE = "Demonstrations"
NOUN = ("answer", "answers")
MEANING = "People write the answer that a model should have given."
TEMPLATE = "annotation/label/demonstration.html"
DOCK = "annotation/label/docks/writing.html"
STYLES = "css/pages/writing.css"
COMPLETIONS = (0, 1)
ONE_KEY = False
BOTH_BAD = False
WRITES = True  # the answer is a completion of its own


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


def form(post) -> dict:
    """The answer in the plain form of a page without JavaScript."""
    return {"text": post.get("text", "")}


def given(payload: dict, settings: Settings, facts: Facts, problems: Problems) -> dict:  # noqa: ARG001
    """The text written."""
    return {"text": read_reply(payload, settings.least_words, problems)}


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
    return f"Wrote {counted(given['text'])}" if given.get("text") else "Demonstration"


def side(given: dict) -> str:  # noqa: ARG001
    """There are no sides."""
    return ""


def plans(format: str, policy: Policy, said: Sequence[Said], left_out: Counter) -> list[Plan]:  # noqa: ARG001
    """The rows that an item's answers become: demonstrations, each also a thumb up."""
    made = []
    for voice in said:
        if voice.outcome != "answer":
            continue
        if format not in ("prompt_completion", "unpaired_preference"):
            left_out["other_format"] += 1
            continue
        text = (voice.value or {}).get("text")
        told = ((voice.id, voice.revision),)
        made.append(Plan(told, -1, texts=(text,)) if text else Plan(told, 0))
    return made
