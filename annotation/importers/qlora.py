"""QLoRA's tournament: questions, eight systems' answers and GPT-4's verdicts in both orders, joined here. Pure.

Which stood first is known and kept. A verdict of -1 could not be read: it is a skip, so that it can be counted. The
verdicts lie there twice, with and without the reasoning; they are the same judgments, and the reasoning wins.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from annotation.importers import fields
from annotation.importers.bundle import Bundle, Unreadable
from annotation.importers.format import Format, marks
from annotation.importers.reading import Found, first_rows, read_each
from annotation.importers.records import Answer, LeftOut, Problem, Record, RowProblem, Verdict

JUDGE = "gpt-4"
AGAINST = "gpt35"
_STRENGTH = {1: 1, 2: -1, 3: 0}


@dataclass
class _Joined:
    """What verdicts are joined with, and which were read already."""

    questions: dict[int, dict] = field(default_factory=dict)
    answers: dict[tuple[int, str], str] = field(default_factory=dict)
    read: set[tuple] = field(default_factory=set)


def read(bundle: Bundle) -> Found:
    kinds = {name: _kind(row) for name, row in first_rows(bundle)}
    for kind in ("questions", "answers"):
        if kind not in kinds.values():
            raise Unreadable(f"There is no file of {kind}: send questions, answers and verdicts together.")
    joined = _Joined()
    readers = (
        ("questions", _question), ("answers", _answer), ("reasoned", _verdict), ("verdicts", _verdict),
        ("scores", _scores),
    )  # fmt: skip
    for kind, reader in readers:
        names = [name for name, found in kinds.items() if found == kind]
        yield from read_each(bundle, lambda row, reader=reader: reader(joined, row), names)


def _kind(row) -> str:
    if isinstance(row, Problem):
        return "verdicts"  # so that its problem is told with its row
    if "shown_first" in row:
        return "reasoned" if "rationale" in row else "verdicts"
    if "score_gpt35" in row:
        return "scores"
    if "model" in row and "text" in row:
        return "answers"
    return "questions" if "question_id" in row and "text" in row else ""


def _whole(row: dict, *names: str) -> int:
    key = next((name for name in names if row.get(name) not in (None, "")), names[0])
    try:
        return int(row.get(key))
    except (TypeError, ValueError):
        raise RowProblem(f"$.{key}", f"must be a whole number; it is {fields.kind_of(row.get(key))}.") from None


def _question(joined: _Joined, row: dict) -> tuple[()]:
    messages = fields.prompt(fields.given(row, "text"), "$.text")
    joined.questions[_whole(row, "question_id")] = {"messages": messages, "category": fields.short(row, "category")}
    return ()


def _answer(joined: _Joined, row: dict) -> tuple[()]:
    joined.answers[_whole(row, "question_id"), fields.text(row, "model")] = fields.text(row, "text", empty=True)
    return ()


def _pair(joined: _Joined, number: int, names: tuple[str, str]) -> dict | None:
    """Prompt and answers of two systems; None where one of them has no answer in the upload."""
    question = joined.questions.get(number)
    if question is None:
        raise RowProblem("$.question_id", f"there is no question {number} in the upload.")
    if any((number, name) not in joined.answers for name in names):
        return None
    answers = tuple(Answer(joined.answers[number, name], name) for name in names)
    return {"messages": question["messages"], "answers": answers, "category": question["category"]}


def _verdict(joined: _Joined, row: dict) -> Iterator[Record | LeftOut]:
    number = _whole(row, "question_id", "item_id")
    names = fields.text(row, "shown_first"), fields.text(row, "shown_second")
    score = _whole(row, "score")
    if score not in (*_STRENGTH, -1):
        raise RowProblem("$.score", f"must be 1, 2, 3 (a tie) or -1; it is {score}.")
    if (number, *names) in joined.read:
        return
    joined.read.add((number, *names))
    pair = _pair(joined, number, names)
    if pair is None:
        yield LeftOut("a system’s answer is not in the upload")
        return
    comment = fields.comment(row.get("rationale"), "$.rationale")
    said = Verdict(JUDGE, "judge", 3, _STRENGTH.get(score), comment=comment, shown=(0, 1))
    if score == -1:
        said = Verdict(JUDGE, "judge", outcome="skip", reason="unparsed", comment=comment, shown=(0, 1))
    yield Record(verdict=said, key=" before ".join(names), **pair)


def _scores(joined: _Joined, row: dict) -> Iterator[Record | LeftOut]:
    number, model = _whole(row, "question_id"), fields.text(row, "model")
    pair = _pair(joined, number, (model, AGAINST))
    if pair is None:
        yield LeftOut("a system’s answer is not in the upload")
        return
    try:
        scores = [float(row.get(name)) for name in ("score_model", "score_gpt35")]
    except (TypeError, ValueError):
        raise RowProblem("$.score_model", "must be a number, as must score_gpt35.") from None
    shown = (1, 0) if str(row.get("gpt35_shown_first")) == "1" else (0, 1)
    if min(scores) < 0:
        said = Verdict(f"{JUDGE}, ten points", "judge", outcome="skip", reason="unparsed", shown=shown)
    else:
        strength = (scores[0] > scores[1]) - (scores[0] < scores[1])
        said = Verdict(f"{JUDGE}, ten points", "judge", 3, strength, {"scores": scores}, shown=shown)
    yield Record(verdict=said, key=f"{AGAINST} first" if shown == (1, 0) else f"{AGAINST} second", **pair)


FORMAT = Format(
    "qlora",
    "QLoRA tournament: GPT-4’s verdicts in both orders",
    "All files at once, or a zip: questions, answers, and verdicts or scores. Which stood first is kept.",
    '{"question_id": 1, "shown_first": "one", "shown_second": "other", "score": 1, "rationale": "…"}',
    "judgments",
    read,
    "set",
    marks(
        "shown_first shown_second score", "question_id score_model score_gpt35 gpt35_shown_first",
        "model answer_id question_id model_id text",
    ),
)  # fmt: skip
