"""Pairs on a graded scale: A much better … B much better, with a tie on odd scales and "both bad" beside it. Pure.

An answer is given in shown order (cell 1 is "A, on the left, much better") and kept in true order too: `strength` is a
signed integer from the first completion's side, whichever side it stood on.
"""

from dataclasses import dataclass

NAME = "pairwise"
TITLE = "Pairs"
TEMPLATE = "annotation/label/pair.html"
COMPLETIONS = (2, 2)

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

SKIP_REASONS = {
    "subject": "I do not know the subject",
    "language": "I do not read the language",
    "unclear": "The task is unclear",
    "distressing": "I would rather not read this",
    "other": "Something else",
}
FLAG_REASONS = {
    "broken": "The text is broken or cut off",
    "identical": "Both replies are the same",
    "unsafe": "Unsafe or illegal",
    "private": "Private data of a real person",
    "identity": "A reply says which model wrote it",
    "other": "Something else",
}
COMMENT_LIMIT = 10_000


class InvalidAnswer(ValueError):
    """The answer does not fit the scale. `problems` name field and remedy."""

    def __init__(self, problems: list[dict]):
        super().__init__("; ".join(problem["message"] for problem in problems))
        self.problems = problems


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


@dataclass(frozen=True)
class Answer:
    """What was said, in shown order. `grade` is None unless `outcome` is `answer`."""

    outcome: str
    grade: int | None = None
    reason: str = ""
    comment: str = ""


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


def read(payload: dict, scale: int) -> Answer:
    """The answer in `payload`. Raises InvalidAnswer with every problem."""
    problems = []

    def problem(path: str, message: str) -> None:
        problems.append({"path": path, "message": message})

    outcome, grade = str(payload.get("outcome")), None
    reason, comment = str(payload.get("reason") or ""), str(payload.get("comment") or "").replace("\x00", "").strip()
    if outcome == "answer":
        grade = _whole(payload.get("grade"))
        if grade is None or not 1 <= grade <= scale:
            problem("grade", f"Choose a cell from 1 to {scale}.")
    elif outcome not in {"both_bad", "skip", "broken"}:
        problem("outcome", "Choose a cell, both bad, skip or flag.")
    reasons = {"skip": SKIP_REASONS, "broken": FLAG_REASONS}.get(outcome)
    if reasons is None:
        reason = ""
    elif reason not in reasons:
        problem("reason", "Choose a reason from the list.")
    if len(comment) > COMMENT_LIMIT:
        problem("comment", f"The comment has {len(comment):,} characters; {COMMENT_LIMIT:,} fit.")
    if problems:
        raise InvalidAnswer(problems)
    return Answer(outcome, grade, reason, comment)


def _whole(value) -> int | None:
    if isinstance(value, bool):
        return None
    try:
        return int(value)
    except (TypeError, ValueError):
        return None


def strength(answer: Answer, scale: int, order: list[int]) -> int | None:
    """Signed from the first completion's side; None unless a cell was chosen. `order` is the order shown."""
    if answer.grade is None:
        return None
    shown = cells(scale)[answer.grade - 1].strength
    return shown if order[0] == 0 else -shown


def grade_of(strength: int, scale: int, order: list[int]) -> int:
    """The cell, in shown order, that means `strength`: the inverse of `strength`."""
    shown = strength if order[0] == 0 else -strength
    for cell in cells(scale):
        if cell.strength == shown:
            return cell.grade
    raise ValueError(f"no cell of the {scale}-point scale has the strength {strength}")


def shown_value(answer: Answer) -> dict:
    """The answer as given, in shown order, for the record."""
    return {} if answer.grade is None else {"grade": answer.grade}


def true_value(answer: Answer, scale: int, order: list[int]) -> dict:
    """The whole answer in true order, for the record. `preferred` is 0, 1, or None for a tie."""
    signed = strength(answer, scale, order)
    if signed is None:
        return {}
    return {"scale": scale, "strength": signed, "preferred": None if signed == 0 else int(signed < 0)}


def sentence(outcome: str, grade: int | None, scale: int | None) -> str:
    """How an answer reads to the one who gave it: "B slightly better", "Both bad"."""
    if outcome != "answer" or grade is None or not scale:
        return {"both_bad": "Both bad", "skip": "Skipped", "broken": "Flagged"}.get(outcome, "No answer")
    cell = cells(scale)[grade - 1]
    return cell.sentence.replace(" is ", " ", 1) if cell.side else "Tie"


def yields(outcome: str, strength: int | None) -> tuple[str, ...]:
    """The snapshot formats this judgment can become rows of; a snapshot's policy decides whether it does."""
    if outcome == "both_bad":
        return ("unpaired_preference",)
    if outcome == "answer":
        return ("preference", "unpaired_preference", "prompt_completion") if strength else ("preference",)
    return ()
