"""Pairs on a graded scale: A much better … B much better, with a tie on odd scales and "both bad" beside it. Pure.

An answer is given in shown order (cell 1 is "A, on the left, much better") and kept in true order too: `strength` is a
signed integer from the first completion's side, whichever side it stood on. A task may ask for further criteria on the
same scale, and whether each reply is unsafe; both are turned into true order with it.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from annotation.interfaces.answers import FLAG_REASONS as FLAG_REASONS
from annotation.interfaces.answers import SKIP_REASONS as SKIP_REASONS
from annotation.interfaces.answers import Facts, Problems, outcome_words, whole
from annotation.interfaces.task_settings import InvalidSettings, read_settings, setting
from annotation.policy import Plan, Policy, Said, pair_plans

NAME = "pairwise"
TITLE = "Pairs"
NOUN = ("pair", "pairs")
MEANING = "Two responses side by side, one graded answer."
TEMPLATE = "annotation/label/pair.html"
DOCK = "annotation/label/docks/pairwise.html"
STYLES = "css/pages/criteria.css"
COMPLETIONS = (2, 2)
ONE_KEY = True
BOTH_BAD = True

# From the outermost cell inwards: the word on the cell, and how it reads in a sentence.
_GRADES = {
    2: [("better", "better")],
    3: [("better", "better")],  # imported votes: one side, the other, or a tie
    5: [("clearly better", "clearly better"), ("slightly", "slightly better")],
    7: [("much better", "much better"), ("better", "better"), ("slightly", "slightly better")],
    8: [
        ("much better", "much better"),
        ("better", "better"),
        ("slightly", "slightly better"),
        ("barely", "barely better"),
    ],
}
_TIES = {3, 5, 7}
SCALES = tuple(_GRADES)
MOST_CRITERIA = 6


@dataclass(frozen=True)
class Settings:
    scale: int = setting(
        8,
        "Scale",
        "Even scales have no tie. Answers already given keep the scale they were given on.",
        choices={
            2: "2 steps: A or B",
            5: "5 steps, with a tie",
            7: "7 steps, with a tie",
            8: "8 steps, no tie",
        },
    )
    criteria: tuple[str, ...] = setting(
        (),
        "Further criteria",
        "One a line, such as helpful, honest, harmless. Each is asked after the overall answer, on the same scale.",
    )
    criteria_required: bool = setting(False, "Every criterion must be answered", "Else Enter passes one over.")
    safety: bool = setting(False, "Ask which replies are unsafe", "A mark on each, for a cost model.")


def settings(given: dict) -> Settings:
    """Raises InvalidSettings."""
    read = read_settings(Settings, given)
    if len(read.criteria) > MOST_CRITERIA or "overall" in map(str.lower, read.criteria):
        raise InvalidSettings({"criteria": f"At most {MOST_CRITERIA}, and “overall” is asked anyway."})
    return read


@dataclass(frozen=True)
class Cell:
    """One cell of the scale. `key` triggers it and is its grade; `strength` counts from the left side."""

    grade: int
    side: str  # "a", "b", or "" for the tie
    word: str
    sentence: str
    strength: int
    weight: int  # how large the letter is: 1 (barely) to 4 (much)

    @property
    def key(self) -> str:
        return str(self.grade)

    @property
    def letter(self) -> str:
        return self.side.upper()


def cells(scale: int) -> list[Cell]:
    """The cells from left to right."""
    grades = _GRADES[scale]
    depth = len(grades)
    left = [("a", word, said, depth - place) for place, (word, said) in enumerate(grades)]
    tie = [("", "tie", "", 0)] if scale in _TIES else []
    right = [("b", word, said, -strength) for _, word, said, strength in reversed(left)]
    return [
        Cell(
            grade=number,
            side=side,
            word=word,
            sentence=f"{side.upper()} is {said}" if side else "A and B are equally good",
            strength=strength,
            weight=max(1, abs(strength) + 4 - depth),
        )
        for number, (side, word, said, strength) in enumerate(left + tie + right, start=1)
    ]


def dock(settings: Settings) -> dict:
    """What the dock's template draws."""
    return {"cells": cells(settings.scale), "one_key": not settings.criteria}


def keys(settings: Settings) -> list[tuple[str, str]]:
    """The keys of the answer, each with what it does."""
    graded = [(cell.key, cell.sentence) for cell in cells(settings.scale)]
    if settings.criteria:
        graded.append(("Backspace", "Back to the criterion before"))
        if not settings.criteria_required:
            graded.append(("Enter", "Pass this criterion over"))
    if settings.safety:
        graded += [("Q", "A is unsafe, or is not"), ("W", "B is unsafe, or is not")]
    return graded


def form(post) -> dict:
    """The answer in the plain form of a page without JavaScript."""
    answer = {"grade": post.get("grade"), "scale": whole(post.get("scale"))}
    names = post.getlist("criterion") if hasattr(post, "getlist") else []
    if names:
        answer["criteria"] = {name: post.get(f"criterion-{place}") for place, name in enumerate(names, start=1)}
    return answer | {"safety": ["unsafe-a" in post, "unsafe-b" in post]}


def given(payload: dict, settings: Settings, facts: Facts, problems: Problems) -> dict:  # noqa: ARG001
    """The cell chosen, on the scale that the page showed; criteria and safety where the task asks for them."""
    scale = payload.get("scale") if payload.get("scale") in SCALES else settings.scale
    grade = whole(payload.get("grade"))
    if grade is None or not 1 <= grade <= scale:
        problems.add("grade", f"Choose a cell from 1 to {scale}.")
    answer = {"grade": grade, "scale": scale}
    if settings.criteria:
        answer["criteria"] = _criteria(payload.get("criteria") or {}, settings, scale, problems)
    if settings.safety:
        answer["safety"] = _safety(payload.get("safety") or [False, False], problems)
    return answer


def _criteria(said, settings: Settings, scale: int, problems: Problems) -> dict[str, int]:
    if not isinstance(said, dict):
        problems.add("criteria", "Give a cell for each criterion, by its name.")
        return {}
    grades = {}
    for name in settings.criteria:
        if said.get(name) in (None, ""):
            if settings.criteria_required:
                problems.add(f"criteria.{name}", f"“{name}” has no answer yet.")
            continue
        grades[name] = whole(said[name])
        if grades[name] is None or not 1 <= grades[name] <= scale:
            problems.add(f"criteria.{name}", f"Choose a cell from 1 to {scale} for “{name}”.")
    return grades


def _safety(said, problems: Problems) -> list[bool]:
    if not isinstance(said, list) or len(said) != 2 or not all(isinstance(mark, bool) for mark in said):
        problems.add("safety", "Say of A and of B whether it is unsafe: two times true or false.")
        return [False, False]
    return said


def strength(given: dict, order: Sequence[int]) -> int | None:
    """Signed from the first completion's side; None unless a cell was chosen. `order` is the order shown."""
    return None if given.get("grade") is None else _signed(given["grade"], given["scale"], order)


def _signed(grade: int, scale: int, order: Sequence[int]) -> int:
    shown = cells(scale)[grade - 1].strength
    return shown if order[0] == 0 else -shown


def true_value(given: dict, order: Sequence[int]) -> dict:
    """The whole answer in true order, for the record. `preferred` is 0, 1, or None for a tie."""
    signed = strength(given, order)
    if signed is None:
        return {}
    scale = given["scale"]
    value = {"scale": scale, "strength": signed, "preferred": None if signed == 0 else int(signed < 0)}
    if "criteria" in given:
        graded = given["criteria"].items()
        value["criteria"] = {name: {"strength": _signed(grade, scale, order)} for name, grade in graded}
    if "safety" in given:
        value["safety"] = _turned(given["safety"], order)
    return value


def _turned(marks: list[bool], order: Sequence[int]) -> list[bool]:
    """From shown to true order and back: of two, the same."""
    return list(marks) if order[0] == 0 else list(reversed(marks))


def shown_value(value: dict, order: Sequence[int]) -> dict:
    """The answer as it would have been given in this order: the inverse of `true_value`."""
    scale = value["scale"]
    shown = {"grade": _grade(value["strength"], scale, order), "scale": scale}
    if "criteria" in value:
        graded = value["criteria"].items()
        shown["criteria"] = {name: _grade(said["strength"], scale, order) for name, said in graded}
    if "safety" in value:
        shown["safety"] = _turned(value["safety"], order)
    return shown


def _grade(strength: int, scale: int, order: Sequence[int]) -> int:
    shown = strength if order[0] == 0 else -strength
    for cell in cells(scale):
        if cell.strength == shown:
            return cell.grade
    raise ValueError(f"no cell of the {scale}-point scale has the strength {strength}")


def sentence(outcome: str, given: dict) -> str:
    """How an answer reads to the one who gave it: "B slightly better", "Both bad"."""
    if outcome != "answer" or not given.get("grade"):
        return outcome_words(outcome)
    cell = cells(given["scale"])[given["grade"] - 1]
    return cell.sentence.replace(" is ", " ", 1) if cell.side else "Tie"


def side(given: dict) -> str:
    """The side an answer is for, to colour its letter: "a", "b" or nothing."""
    return cells(given["scale"])[given["grade"] - 1].side if given.get("grade") else ""


def plans(format: str, policy: Policy, said: Sequence[Said], left_out: Counter) -> list[Plan]:
    """The rows that an item's answers become."""
    return pair_plans(format, policy, said, left_out)
