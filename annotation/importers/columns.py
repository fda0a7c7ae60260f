"""Plain tables whose columns the importing person names: which is the prompt, which
the answers, which the verdict. Pure.

What a row becomes follows from the columns that are named: chosen and rejected a judged pair; two answers with a
winner or a strength a graded pair, without one a pair to judge; an answer with a label a thumb, with a rating a
rating, alone a demonstration; a prompt alone a prompt.
"""

import contextlib
import json
from collections.abc import Iterator

from annotation.importers import fields, naming
from annotation.importers.bundle import Unreadable
from annotation.importers.records import Answer, LeftOut, Record, RowProblem, Verdict

ROLES = {
    "prompt": "Prompt",
    "chosen": "Chosen answer",
    "rejected": "Rejected answer",
    "first": "First answer",
    "second": "Second answer",
    "winner": "Which is better (a, b, tie, both bad)",
    "strength": "How much better (above 0 the first, below 0 the second)",
    "completion": "Answer",
    "label": "Good or bad",
    "rating": "Rating",
    "rater": "Who said it",
    "comment": "Comment",
    "reference": "Known answer",
    "category": "Category",
    "first_model": "Author of the first or only answer",
    "second_model": "Author of the second answer",
}
_LIKELY = {
    "prompt": naming.PROMPTS,
    "chosen": ("chosen", "preferred", "accepted"),
    "rejected": ("rejected", "dispreferred"),
    "winner": ("winner", "better", "preference", "vote", "verdict", "choice"),
    "strength": ("strength", "margin", "score"),
    "label": ("label", "thumb", "thumbs", "liked"),
    "rating": ("rating", "stars", "quality"),
    "rater": ("rater", "annotator", "worker", "judge", "user", "userid", "annotatorid", "workerid"),
    "comment": ("comment", "reason", "explanation", "note"),
    "reference": ("reference", "gold", "groundtruth", "solution", "target"),
    "category": ("category", "domain", "topic", "subset"),
    "first_model": ("modela", "model1", "model"),
    "second_model": ("modelb", "model2"),
}
SCALES = {
    "": "ratings to 5, strengths to 3",
    "5": "5 steps",
    "7": "7 steps",
    "8": "8 steps",
    "10": "10 steps",
}
_MOST_STRENGTH = {5: 2, 7: 3, 8: 4}


def proposed(names: list[str]) -> dict[str, str]:
    """A mapping of roles to columns by what the columns are called; empty roles are left out."""
    plain = {naming.plain(name): name for name in names}
    found = {}
    for role, words in _LIKELY.items():
        column = next((plain[word] for word in words if word in plain), None)
        if column is not None and column not in found.values():
            found[role] = column
    if not {"chosen", "rejected"} <= found.keys():
        found = {role: column for role, column in found.items() if role not in ("chosen", "rejected")}
    answers = naming.answer_keys({name: "" for name in names if name not in found.values()})
    if "chosen" not in found:
        found.update(zip(("first", "second") if len(answers) > 1 else ("completion",), answers, strict=False))
    return found


def problems(mapping: dict[str, str], names: list[str] | None = None) -> dict[str, str]:
    """What is wrong with a mapping, by role."""
    wrong = {role: "There is no such role." for role in mapping if role not in ROLES and role != "scale"}
    if mapping.get("scale", "") not in SCALES:
        wrong["scale"] = f"Must be one of {', '.join(scale for scale in SCALES if scale)}."
    if not mapping.get("prompt"):
        wrong["prompt"] = "Say which column holds the prompt."
    for one, other in (("chosen", "rejected"), ("rejected", "chosen"), ("first", "second"), ("second", "first")):
        if mapping.get(one) and not mapping.get(other):
            wrong[other] = f"Say which column holds the {other} answer, too."
    if names is not None:
        for role, name in mapping.items():
            if role != "scale" and name and name not in names:
                wrong[role] = f"There is no column “{name}”."
    return wrong


def reader(mapping: dict[str, str]):
    """A reader of rows under a mapping of roles to columns."""
    if wrong := problems(mapping):
        raise Unreadable(" ".join(wrong.values()))
    named = {role: name for role, name in mapping.items() if name and role != "scale"}
    scale = int(mapping.get("scale") or 0)

    def read(row: dict) -> Iterator[Record | LeftOut]:
        yield _record(_Row(row, named, scale))

    return read


class _Row:
    """A row by role: faults name the column, which is what people know."""

    def __init__(self, row: dict, named: dict[str, str], scale: int):
        self._row, self.named, self.scale = row, named, scale

    def has(self, *roles: str) -> bool:
        return all(role in self.named for role in roles)

    def path(self, role: str) -> str:
        return f"$.{self.named[role]}"

    def given(self, role: str):
        value = self._row.get(self.named[role]) if role in self.named else None
        return None if value == "" else value

    def text(self, role: str, *, empty: bool = True) -> str:
        if self.named[role] not in self._row:
            fields.given(self._row, self.named[role])
        value = self._row[self.named[role]]
        return fields.check_text("" if value is None else value, self.path(role), empty=empty)

    def short(self, role: str, limit: int = 200) -> str:
        value = self.given(role)
        return "" if value is None else fields.short({role: str(value)}, role, limit)


def _record(row: _Row) -> Record | LeftOut:
    messages = _prompt(row)
    details = {"category": row.short("category", 80), "reference": row.short("reference", fields.MAX_TEXT)}
    rater = row.short("rater")
    comment = fields.comment(row.given("comment"), row.path("comment")) if row.has("comment") else ""
    if row.has("chosen", "rejected"):
        said = Verdict(rater, scale=2, strength=1, value=_margin(row), comment=comment)
        return _pair(row, messages, ("chosen", "rejected"), said, details)
    if row.has("first", "second"):
        return _pair(row, messages, ("first", "second"), _graded(row, rater, comment), details)
    if row.has("completion"):
        return _single(row, messages, rater, comment, details)
    return Record(messages, interface="", **details)


def _prompt(row: _Row) -> list[dict]:
    value = row.given("prompt")
    if isinstance(value, str) and value.lstrip().startswith("[{"):
        with contextlib.suppress(ValueError):  # or a text that only begins like messages
            value = json.loads(value)
    if value is None:
        raise RowProblem(row.path("prompt"), "is empty.")
    return fields.prompt(value, row.path("prompt"))


def _pair(row: _Row, messages, roles, said: Verdict | None, details) -> Record | LeftOut:
    answers = tuple(
        Answer(row.text(role), row.short(f"{place}_model"))
        for role, place in zip(roles, ("first", "second"), strict=True)
    )
    if answers[0].text == answers[1].text:
        return LeftOut("both answers are the same text")
    return Record(messages, answers, verdict=said, **details)


def _margin(row: _Row) -> dict:
    if row.given("strength") is None:
        return {}
    return {"margin": abs(_number(row, "strength"))}


def _number(row: _Row, role: str) -> float:
    value = row.given(role)
    try:
        if isinstance(value, bool):
            raise ValueError
        return float(value)
    except (TypeError, ValueError):
        raise RowProblem(row.path(role), f"must be a number; it is {fields.kind_of(value)}.") from None


def _graded(row: _Row, rater: str, comment: str) -> Verdict | None:
    """A strength wins over a winner; neither leaves the pair to be judged here."""
    if row.given("strength") is not None:
        number, scale = _number(row, "strength"), row.scale if row.scale in _MOST_STRENGTH else 7
        most = _MOST_STRENGTH[scale]
        if number != int(number) or abs(number) > most or (number == 0 and scale == 8):
            tie = "" if scale == 8 else "; 0 is a tie"
            raise RowProblem(row.path("strength"), f"must be a whole number from -{most} to {most}{tie}.")
        return Verdict(rater, scale=scale, strength=int(number), comment=comment)
    winner = row.given("winner")
    if winner is None:
        return None
    said = naming.side(winner, [row.named["first"], row.named["second"]])
    if naming.plain(winner) in ("modela", "modelb"):
        said = ("answer", 1 if naming.plain(winner) == "modela" else -1)
    if said is None:
        raise RowProblem(row.path("winner"), f"must be a, b, tie or both bad; it is {fields.kind_of(winner)}.")
    outcome, sign = said
    return Verdict(rater, scale=3 if outcome == "answer" else None, strength=sign, outcome=outcome, comment=comment)


def _single(row: _Row, messages, rater: str, comment: str, details) -> Record:
    answer = Answer(row.text("completion"), row.short("first_model"))
    if row.has("label"):
        value = row.given("label")
        label = value if isinstance(value, bool) else naming.thumb(value)
        if label is None:
            raise RowProblem(row.path("label"), f"must be yes or no, good or bad; it is {fields.kind_of(value)}.")
        return Record(messages, (answer,), "thumbs", Verdict(rater, value={"label": label}, comment=comment), **details)
    if row.has("rating"):
        number, scale = _number(row, "rating"), row.scale or 5
        if number != int(number) or not 1 <= number <= scale:
            raise RowProblem(row.path("rating"), f"must be a whole number from 1 to {scale}.")
        value = {"ratings": {"overall": int(number)}, "scale": scale}
        return Record(messages, (answer,), "likert", Verdict(rater, value=value, comment=comment), **details)
    return Record(messages, (answer,), "demonstration", Verdict(rater, value={"text": answer.text}), **details)
