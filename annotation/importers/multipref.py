"""MultiPref: five-step preferences of several annotators, overall and by aspect, with confidence and reasons. Pure."""

import json
from collections.abc import Iterator

from annotation.importers import fields
from annotation.importers.format import Format, marks, rows
from annotation.importers.records import Answer, LeftOut, Record, RowProblem, Verdict

ASPECTS = ("helpful", "truthful", "harmless")
_STRENGTH = {
    "A-is-clearly-better": 2,
    "A-is-slightly-better": 1,
    "Tie": 0,
    "B-is-slightly-better": -1,
    "B-is-clearly-better": -2,
}
_GROUPS = ("normal_worker_annotations", "expert_worker_annotations")


def read(row: dict) -> Iterator[Record | LeftOut]:
    messages = fields.prompt(fields.given(row, "text"), "$.text")
    answers = tuple(
        Answer(fields.text(row, f"completion_{side}", empty=True), fields.short(row, f"model_{side}", 200))
        for side in "ab"
    )
    said = [
        (voice, f"$.{group}[{place}]", group.partition("_")[0])
        for group in _GROUPS
        for place, voice in enumerate(_voices(row, group))
    ]
    if answers[0].text == answers[1].text:
        yield LeftOut("both answers are the same text")
        return
    if not said:
        yield LeftOut("a pair that nobody judged")
    for voice, path, group in said:
        details = {"category": fields.short(row, "category"), "tags": (group,)}
        yield Record(messages, answers, verdict=_verdict(voice, path), **details)


def _voices(row: dict, group: str) -> list:
    given = row.get(group)
    if isinstance(given, str):  # in tables the list is written as JSON
        try:
            given = json.loads(given)
        except ValueError:
            raise RowProblem(f"$.{group}", "must be a list of annotations.") from None
    return fields.listed({group: given}, group)


def _verdict(voice, path: str) -> Verdict:
    if not isinstance(voice, dict):
        raise RowProblem(path, "must be an object with overall_pref.")
    value: dict = {}
    criteria = {name: {"strength": _grade(voice, name, path)} for name in ASPECTS if voice.get(f"{name}_pref")}
    for name in ("overall", *ASPECTS):
        more = {
            "confidence": voice.get(f"{name}_confidence"),
            "reasons": voice.get(f"{name}_checked_reasons"),
            "own_reason": voice.get(f"{name}_own_reason"),
        }
        kept = {key: said for key, said in more.items() if said}
        if kept and name in criteria:
            criteria[name].update(kept)
        elif kept:
            value["why"] = kept
    if criteria:
        value["criteria"] = criteria
    return Verdict(
        rater=str(voice.get("evaluator") or ""),
        scale=5,
        strength=_grade(voice, "overall", path),
        value=value,
        comment=fields.comment(voice.get("overall_own_reason") or None, f"{path}.overall_own_reason"),
        shown=(0, 1),
        at=fields.moment(voice.get("timestamp"), f"{path}.timestamp"),
        active_ms=fields.milliseconds(voice.get("time_spent"), f"{path}.time_spent"),
    )


def _grade(voice: dict, name: str, path: str) -> int:
    given = voice.get(f"{name}_pref")
    if given not in _STRENGTH:
        said = fields.kind_of(given)
        raise RowProblem(f"{path}.{name}_pref", f"must be one of {', '.join(_STRENGTH)}; it is {said}.")
    return _STRENGTH[given]


FORMAT = Format(
    "multipref",
    "MultiPref: preferences by aspect, of several annotators",
    "Each annotator’s overall preference is a five-step grade; helpful, truthful and harmless are its criteria.",
    '{"text": "Why is the sky blue?", "completion_a": "Air scatters blue light.", "completion_b": "A mirror.", '
    '"model_a": "one", "model_b": "other", "normal_worker_annotations": [{"evaluator": "a7", "overall_pref": '
    '"A-is-clearly-better", "time_spent": 62}]}',
    "judgments",
    rows(read),
    "set",
    marks("text completion_a completion_b normal_worker_annotations"),
)
