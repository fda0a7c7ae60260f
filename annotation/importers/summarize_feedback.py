"""Summarize-from-feedback: comparisons of two summaries by named workers, and summaries rated on axes. Pure.

`confidence` runs from 1, the first is far better, to 9, the second is. It becomes the strength where it points to the
side that was chosen; where it does not, the choice is what counts and its strength is the weakest.
"""

from collections.abc import Iterator

from annotation.importers import fields
from annotation.importers.format import Format, marks, rows
from annotation.importers.records import Answer, LeftOut, Record, RowProblem, Verdict

ASK = "Summarise this post."


def read(row: dict) -> Iterator[Record | LeftOut]:
    info = row.get("info")
    if not isinstance(info, dict):
        raise RowProblem("$.info", "must be an object with the post.")
    details = {"category": fields.short(info, "subreddit") or fields.short(info, "site")}
    messages = [{"role": "user", "content": _asked(info)}]
    worker = str(row.get("worker") or "")
    if "summaries" in row:
        yield _compared(row, messages, worker, details)
    else:
        yield _rated(row, messages, worker, details)


def _asked(info: dict) -> str:
    key = "post" if info.get("post") is not None else "article"
    text = fields.check_text(info.get(key), f"$.info.{key}")
    title = fields.check_text(info.get("title") or "", "$.info.title", empty=True)
    return "\n\n".join(part for part in (ASK, title, text) if part)


def _summary(given, path: str) -> Answer:
    if not isinstance(given, dict):
        raise RowProblem(path, "must be an object with a text.")
    return Answer(fields.check_text(given.get("text"), f"{path}.text", empty=True), fields.short(given, "policy", 200))


def _compared(row: dict, messages: list[dict], worker: str, details: dict) -> Record | LeftOut:
    summaries = fields.listed(row, "summaries")
    if len(summaries) != 2:
        raise RowProblem("$.summaries", f"must be a list of two; it has {len(summaries)}.")
    answers = tuple(_summary(one, f"$.summaries[{place}]") for place, one in enumerate(summaries))
    if answers[0].text == answers[1].text:
        return LeftOut("both answers are the same text")
    choice = row.get("choice")
    if isinstance(choice, bool) or choice not in (0, 1):
        raise RowProblem("$.choice", f"must be 0 or 1; it is {fields.kind_of(choice)}.")
    sign = -1 if choice else 1
    extra = row.get("extra") if isinstance(row.get("extra"), dict) else {}
    confidence = extra.get("confidence")
    value, scale, strength = {}, 2, sign
    if confidence is not None:
        if isinstance(confidence, bool) or not isinstance(confidence, int | float) or not 1 <= confidence <= 9:
            raise RowProblem("$.extra.confidence", f"must lie between 1 and 9; it is {fields.kind_of(confidence)}.")
        steps = round((5 - confidence) * sign)
        value, scale, strength = {"confidence": confidence}, 8, sign * max(steps, 1)
    note = next((one.get("note") for one in summaries if one.get("note")), None)
    said = Verdict(worker, scale=scale, strength=strength, value=value,
                   comment=fields.comment(note, "$.summaries.note"))  # fmt: skip
    return Record(messages, answers, verdict=said, **details)


def _rated(row: dict, messages: list[dict], worker: str, details: dict) -> Record | LeftOut:
    summary = row.get("summary")
    answer = _summary(summary, "$.summary")
    axes = summary.get("axes") if isinstance(summary.get("axes"), dict) else {}
    ratings = {}
    for name, rating in axes.items():
        if rating is None:
            continue
        if isinstance(rating, bool) or not isinstance(rating, int | float) or not 1 <= rating <= 7:
            raise RowProblem(f"$.summary.axes.{name}", f"must lie between 1 and 7; it is {fields.kind_of(rating)}.")
        ratings[name] = int(rating)
    if not ratings:
        return LeftOut("an answer without a rating")
    said = Verdict(worker, value={"ratings": ratings, "scale": 7},
                   comment=fields.comment(summary.get("note"), "$.summary.note"))  # fmt: skip
    return Record(messages, (answer,), "likert", said, **details)


FORMAT = Format(
    "summarize_feedback",
    "Summarize-from-feedback: compared and rated summaries",
    "Each worker’s choice, with its confidence as strength; axes become ratings from 1 to 7.",
    '{"info": {"post": "A long post.", "subreddit": "books"}, "summaries": [{"text": "Short.", "policy": "sup"}, '
    '{"text": "Shorter.", "policy": "ref"}], "choice": 0, "worker": "w1", "extra": {"confidence": 2}}',
    "judgments",
    rows(read),
    "set",
    marks("info summaries choice worker", "info summary worker"),
)
