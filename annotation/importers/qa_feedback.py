"""QA-Feedback: four answers, all six preferences, error spans and a rewriting of the first. Pure.

Six preferences that agree with one order become a ranking, ties equal. Where they do not (A as good as B, B as good
as C, and yet A better than C) they stay six judgments of pairs, because a ranking would say what nobody said. The
corrected answer is an edit of the first; spans and missing information are kept with it.
"""

from collections.abc import Iterator
from itertools import combinations

from annotation.importers import fields
from annotation.importers.format import Format, marks, rows
from annotation.importers.records import Answer, Record, RowProblem, Verdict

_PAIRS = tuple(combinations(range(4), 2))
_SIGN = {0: 0, 1: 1, 2: -1}


def read(row: dict) -> Iterator[Record]:
    messages = [{"role": "user", "content": _asked(row)}]
    reference = fields.text(row, "gold", empty=True, default="")
    answers = tuple(Answer(fields.text(row, f"prediction {n}", empty=True), f"sample {n}") for n in range(1, 5))
    signs = _signs(row)
    feedback = _feedback(row, answers[0].text)
    ranks = ranks_of(signs)
    if ranks is not None:
        value = {"ranks": ranks, **({"feedback_on_first": feedback} if feedback else {})}
        yield Record(messages, answers, "ranking", Verdict(value=value), reference=reference)
    else:
        for (one, other), sign in zip(_PAIRS, signs, strict=True):
            said = Verdict(scale=3, strength=sign)
            yield Record(messages, (answers[one], answers[other]), verdict=said, reference=reference)
    corrected = row["feedback"].get("corrected-prediction") if isinstance(row.get("feedback"), dict) else None
    if corrected and corrected != answers[0].text:
        text = fields.check_text(corrected, "$.feedback.corrected-prediction")
        said = Verdict(value={"text": text, **feedback})
        yield Record(messages, answers[:1], "edit", said, reference=reference)


def _asked(row: dict) -> str:
    question = fields.text(row, "question")
    parts = []
    for place, passage in enumerate(fields.listed(row, "passages")):
        if not isinstance(passage, list) or not all(isinstance(line, str) for line in passage):
            raise RowProblem(f"$.passages[{place}]", "must be a list of texts.")
        title, *lines = passage or [""]
        parts.append(f"{title}\n" + " ".join(lines))
    return "\n\n".join([*parts, question])


def _signs(row: dict) -> list[int]:
    given = fields.listed(row, "preference")
    if len(given) != len(_PAIRS) or any(isinstance(said, bool) or said not in _SIGN for said in given):
        raise RowProblem("$.preference", "must be six of 0 (a tie), 1 and 2, for (1,2)(1,3)(1,4)(2,3)(2,4)(3,4).")
    return [_SIGN[said] for said in given]


def ranks_of(signs: list[int]) -> list[int] | None:
    """The ranking that says the same as the six signs, or None where there is none."""
    beaten = [0] * 4  # by how many each is beaten
    for (one, other), sign in zip(_PAIRS, signs, strict=True):
        if sign:
            beaten[other if sign > 0 else one] += 1
    ranks = [1 + count for count in beaten]
    said = [(ranks[other] > ranks[one]) - (ranks[other] < ranks[one]) for one, other in _PAIRS]
    return ranks if said == signs else None


def _feedback(row: dict, text: str) -> dict:
    """Spans and missing information on the first answer, as they are told."""
    given = row.get("feedback")
    if not isinstance(given, dict):
        return {}
    spans = []
    for place, error in enumerate(fields.listed(given, "errors")):
        path = f"$.feedback.errors[{place}]"
        if not isinstance(error, dict):
            raise RowProblem(path, "must be an object with start and end.")
        start, end = error.get("start"), error.get("end")
        if not all(isinstance(at, int) for at in (start, end)) or not 0 <= start <= end <= len(text):
            raise RowProblem(path, f"must lie within the {len(text):,} characters of prediction 1.")
        spans.append({"start": start, "end": end, "kind": error.get("error type", ""),
                      "comment": error.get("explanation", "")})  # fmt: skip
    missing = given.get("missing-info") or []
    return {**({"spans": spans} if spans else {}), **({"missing": missing} if missing else {})}


FORMAT = Format(
    "qa_feedback",
    "QA-Feedback: four answers ranked, spans, a rewriting",
    "Six preferences become a ranking of four, or stay pairs where no order says the same; corrections become edits.",
    '{"question": "Where is it?", "passages": [], "gold": "Here.", "prediction 1": "a", "prediction 2": "b", '
    '"prediction 3": "c", "prediction 4": "d", "preference": [1, 1, 1, 0, 2, 2], "feedback": {"errors": []}}',
    "judgments",
    rows(read),
    "set",
    marks("question preference feedback"),
)
