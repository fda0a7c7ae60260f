"""Argilla records as its own `to_dict` writes them: fields, responses by question, suggestions of AI judges. Pure."""

from collections.abc import Iterator

from annotation.exporters.items import Exported, Voice, asked


def rows(item: Exported) -> Iterator[dict]:
    fields = {"prompt": asked(item.messages)}
    if item.interface != "demonstration":
        fields.update({f"response-{n}": text for n, text in enumerate(item.texts, start=1)})
    responses: dict[str, list] = {}
    suggestions: dict[str, dict] = {}
    for voice in item.voices:
        for question, value in _values(item, voice).items():
            if voice.kind == "judge":
                suggestions[question] = {"value": value, "agent": voice.rater, "score": voice.value.get("score")}
            else:
                responses.setdefault(question, []).append(
                    {"value": value, "user_id": voice.rater, "status": _status(voice)}
                )
    done = any(voice.outcome in ("answer", "both_bad") for voice in item.voices)
    metadata = {"item": item.id, "interface": item.interface, "category": item.category, "tags": list(item.tags)}
    yield {
        "id": str(item.id),
        "fields": fields,
        "metadata": metadata,
        "suggestions": suggestions,
        "responses": responses,
        "status": "completed" if done else "pending",
    }


def _status(voice: Voice) -> str:
    return "discarded" if voice.outcome in ("skip", "broken") else "submitted"


def _values(item: Exported, voice: Voice) -> dict:
    """Question to value; a comment is a question of its own."""
    if voice.outcome == "both_bad":
        made: dict = {"better": "both bad"}
    elif voice.outcome != "answer":
        made = {"comment": voice.why or "skipped"}
        return made
    else:
        made = _SAID.get(item.interface, lambda _voice: {})(voice)
    if voice.comment:
        made["comment"] = voice.comment
    return made


def _pair(voice: Voice) -> dict:
    if not voice.strength:
        return {"better": "tie"}
    return {"better": "response-1" if voice.strength > 0 else "response-2", "strength": abs(voice.strength)}


def _ranking(voice: Voice) -> dict:
    ranks = voice.value.get("ranks")
    if not ranks:
        return {"better": "both bad"}
    return {"ranking": [{"value": f"response-{n}", "rank": rank} for n, rank in enumerate(ranks, start=1)]}


def _ratings(voice: Voice) -> dict:
    return dict(voice.value.get("ratings") or {})


_SAID = {
    "pairwise": _pair,
    "ranking": _ranking,
    "thumbs": lambda voice: {"good": "yes" if voice.value.get("label") else "no"},
    "likert": _ratings,
    "edit": lambda voice: {"edited": voice.value.get("text", "")},
    "demonstration": lambda voice: {"text": voice.value.get("text", "")},
}
