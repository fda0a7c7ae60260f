"""Pairs on a graded scale: A much better … B much better, with a tie on odd scales and "both bad" beside it. Pure.

An answer is given in shown order (cell 1 is "A, on the left, much better") and kept in true order too: `strength` is a
signed integer from the first completion's side, whichever side it stood on.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from annotation.interfaces.answers import FLAG_REASONS as FLAG_REASONS
from annotation.interfaces.answers import SKIP_REASONS as SKIP_REASONS
from annotation.interfaces.answers import Facts, Problems, outcome_words, whole
from annotation.interfaces.task_settings import read_settings, setting
from annotation.policy import Plan, Policy, Said, pair_plans

NAME = "pairwise"
TITLE = "Pairs"
NOUN = ("pair", "pairs")
MEANING = "Two responses side by side, one graded answer."
TEMPLATE = "annotation/label/pair.html"
DOCK = "annotation/label/docks/pairwise.html"
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


def settings(given: dict) -> Settings:
    """Raises InvalidSettings."""
    return read_settings(Settings, given)


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
    return {"cells": cells(settings.scale)}


def keys(settings: Settings) -> list[tuple[str, str]]:
    """The keys of the answer, each with what it does."""
    return [(cell.key, cell.sentence) for cell in cells(settings.scale)]


def form(post) -> dict:
    """The answer in the plain form of a page without JavaScript."""
    return {"grade": post.get("grade"), "scale": whole(post.get("scale"))}


def given(payload: dict, settings: Settings, facts: Facts, problems: Problems) -> dict:  # noqa: ARG001
    """The cell chosen, on the scale that the page showed."""
    scale = payload.get("scale") if payload.get("scale") in SCALES else settings.scale
    grade = whole(payload.get("grade"))
    if grade is None or not 1 <= grade <= scale:
        problems.add("grade", f"Choose a cell from 1 to {scale}.")
    return {"grade": grade, "scale": scale}


def strength(given: dict, order: Sequence[int]) -> int | None:
    """Signed from the first completion's side; None unless a cell was chosen. `order` is the order shown."""
    if given.get("grade") is None:
        return None
    shown = cells(given["scale"])[given["grade"] - 1].strength
    return shown if order[0] == 0 else -shown


def true_value(given: dict, order: Sequence[int]) -> dict:
    """The whole answer in true order, for the record. `preferred` is 0, 1, or None for a tie."""
    signed = strength(given, order)
    if signed is None:
        return {}
    return {"scale": given["scale"], "strength": signed, "preferred": None if signed == 0 else int(signed < 0)}


def shown_value(value: dict, order: Sequence[int]) -> dict:
    """The answer as it would have been given in this order: the inverse of `true_value`."""
    shown = value["strength"] if order[0] == 0 else -value["strength"]
    for cell in cells(value["scale"]):
        if cell.strength == shown:
            return {"grade": cell.grade, "scale": value["scale"]}
    raise ValueError(f"no cell of the {value['scale']}-point scale has the strength {value['strength']}")


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
