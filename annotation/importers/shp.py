"""SHP: two answers from a forum, one of which got more votes although it was not there for longer. Pure."""

from collections.abc import Iterator

from annotation.importers import fields
from annotation.importers.format import Format, marks, rows
from annotation.importers.records import Answer, LeftOut, Record, RowProblem, Verdict

RATER = "the forum’s votes"


def read(row: dict) -> Iterator[Record | LeftOut]:
    messages = fields.prompt(fields.given(row, "history"), "$.history")
    answers = tuple(Answer(fields.text(row, f"human_ref_{side}", empty=True), "people") for side in "AB")
    if answers[0].text == answers[1].text:
        yield LeftOut("both answers are the same text")
        return
    if row.get("labels") not in (0, 1):
        raise RowProblem("$.labels", f"must be 1 (A) or 0 (B); it is {fields.kind_of(row.get('labels'))}.")
    scores = [fields.number(row, f"score_{side}") for side in "AB"]
    value = {name: number for name in ("score_ratio", "seconds_difference", "upvote_ratio")
             if (number := fields.number(row, name)) is not None}  # fmt: skip
    if None not in scores:
        value["scores"] = scores
    said = Verdict(RATER, scale=2, strength=1 if row["labels"] else -1, value=value)
    yield Record(messages, answers, verdict=said, category=fields.short(row, "domain"))


FORMAT = Format(
    "shp",
    "SHP: forum answers and their votes",
    "The answer with more votes is preferred; scores and their ratio are kept.",
    '{"history": "Why is the sky blue?", "human_ref_A": "Air scatters blue light.", "human_ref_B": "A mirror.", '
    '"labels": 1, "score_A": 40, "score_B": 3}',
    "judgments",
    rows(read),
    "set",
    marks("history human_ref_A human_ref_B labels"),
)
