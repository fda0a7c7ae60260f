"""HelpSteer 2 and 3: graded pairs with each annotator's voice, edits, and answers rated on five attributes. Pure.

A preference from -3 (the first is much better) to 3 is a seven-step grade. Where the annotators' own preferences are
there they are the judgments, and the overall one is kept beside each; the data names no people, so a rater is a place
in the list ("voice 2"). Attributes from 0 to 4 become ratings from 1 to 5.
"""

import re
from collections.abc import Iterator

from annotation.importers import fields
from annotation.importers.format import Format, marks, rows
from annotation.importers.records import Answer, LeftOut, Record, RowProblem, Verdict

ATTRIBUTES = ("helpfulness", "correctness", "coherence", "complexity", "verbosity")
_TURN = re.compile(r"<extra_id_1>(User|Assistant)\n")


def read(row: dict) -> Iterator[Record | LeftOut]:
    messages, details = _prompt(row), _details(row)
    if "edited_response" in row:
        text = fields.text(row, "edited_response")
        said = Verdict(value={"text": text}, comment=fields.comment(row.get("change_summary"), "$.change_summary"))
        yield Record(messages, (Answer(fields.text(row, "original_response")),), "edit", said, **details)
    elif "overall_preference" in row or "preference_strength" in row:
        yield from _pair(row, messages, details)
    else:
        yield _rated(row, messages, details)


def _details(row: dict) -> dict:
    language = fields.short(row, "language")
    return {"category": fields.short(row, "domain"), "tags": (f"language:{language}",) if language else ()}


def _prompt(row: dict) -> list[dict]:
    if "context" in row:
        return fields.prompt(row["context"], "$.context")
    asked = fields.text(row, "prompt")
    first, *rest = _TURN.split(asked)
    messages = [{"role": "user", "content": first.strip("\n")}]
    for role, text in zip(rest[::2], rest[1::2], strict=True):
        messages.append({"role": role.lower(), "content": text.strip("\n")})
    return fields.asking(messages, "$.prompt")


def _pair(row: dict, messages: list[dict], details: dict) -> Iterator[Record | LeftOut]:
    new = "overall_preference" in row
    names = ("response1", "response2") if new else ("response_1", "response_2")
    answers = tuple(Answer(fields.text(row, name, empty=True)) for name in names)
    if answers[0].text == answers[1].text:
        yield LeftOut("both answers are the same text")
        return
    key, score = ("individual_preference", "score") if new else ("all_preferences_unprocessed", "strength")
    whole = _preference(row, "overall_preference" if new else "preference_strength", "$")
    voices = fields.listed(row, key)
    if not voices:
        yield Record(messages, answers, verdict=Verdict(scale=7, strength=-whole), **details)
    for place, voice in enumerate(voices):
        path = f"$.{key}[{place}]"
        if not isinstance(voice, dict):
            raise RowProblem(path, "must be an object with a score.")
        if voice.get(score) is None:
            yield LeftOut("a voice without a preference")
            continue
        value: dict = {"overall": -whole}
        if voice.get("feedback1") or voice.get("feedback2"):
            value["feedback"] = [
                fields.comment(voice.get(name), f"{path}.{name}") for name in ("feedback1", "feedback2")
            ]
        reason = next((name for name in ("reasoning", "elaboration", "statement") if voice.get(name)), "reasoning")
        said = Verdict(
            rater=f"voice {place + 1}",
            scale=7,
            strength=-_preference(voice, score, path),
            value=value,
            comment=fields.comment(voice.get(reason), f"{path}.{reason}"),
        )
        yield Record(messages, answers, verdict=said, **details)


def _preference(row: dict, key: str, path: str) -> int:
    value = row.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value) or abs(value) > 3:
        raise RowProblem(f"{path}.{key}", f"must be a whole number from -3 to 3; it is {fields.kind_of(value)}.")
    return int(value)


def _rated(row: dict, messages: list[dict], details: dict) -> Record:
    ratings = {}
    for name in ATTRIBUTES:
        value = fields.number(row, name)
        if value is None:
            continue
        if value != int(value) or not 0 <= value <= 4:
            raise RowProblem(f"$.{name}", f"must be a whole number from 0 to 4; it is {fields.kind_of(value)}.")
        ratings[name] = int(value) + 1
    if not ratings:
        raise RowProblem("$.helpfulness", f"is missing: a rated answer has {', '.join(ATTRIBUTES)}.")
    answer = Answer(fields.text(row, "response", empty=True))
    return Record(messages, (answer,), "likert", Verdict(value={"ratings": ratings, "scale": 5}), **details)


FORMAT = Format(
    "helpsteer",
    "HelpSteer 2 and 3: graded pairs, edits, rated answers",
    "Preferences from -3 to 3 become seven-step grades, one for each voice in the row; attributes become ratings.",
    '{"context": [{"role": "user", "content": "Why is the sky blue?"}], "response1": "Air scatters blue light.", '
    '"response2": "It mirrors the sea.", "overall_preference": -2}',
    "judgments",
    rows(read),
    "set",
    marks(
        "response1 response2 overall_preference",
        "response_1 response_2 preference_strength",
        "prompt response helpfulness correctness",
        "context original_response edited_response",
    ),
)
