"""Argilla's records: fields, responses and suggestions, as dictionaries (1.x and 2.x) or as a table's columns. Pure.

Every response of a submitted record is a judgment by its user; a discarded one is a skip, a draft is left out. A
suggestion is its agent's, an AI judge. What a question was for is told by the shape of its values and by words
(`naming.py`): a ranking of the answers, a rating, a label of a side or a thumb, a text. In a ranking, options are
taken for the answers that they name; if they name none, the record is refused rather than read in some order.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from annotation.importers import fields, naming
from annotation.importers.format import Format, marks, rows
from annotation.importers.records import Answer, LeftOut, Record, RowProblem, Verdict

_TOP = {"id", "_server_id", "status", "metadata", "vectors", "external_id", "suggestions", "responses", "fields"}


@dataclass
class _Said:
    """What one person or agent said in one record, by question."""

    rater: str
    kind: str = "imported"
    status: str = "submitted"
    values: dict = field(default_factory=dict)
    scores: dict = field(default_factory=dict)


def read(row: dict) -> Iterator[Record | LeftOut]:
    shown, said = _nested(row) if isinstance(row.get("fields"), dict) else _flat(row)
    try:
        key = naming.prompt_key(shown)
        messages = fields.prompt(shown[key], f"$.{key}")
    except RowProblem as problem:
        raise RowProblem(f"$.fields{problem.path[1:]}", problem.message) from None
    keys = naming.answer_keys({name: value for name, value in shown.items() if name != key})
    answers = [Answer(fields.check_text(shown[name], f"$.fields.{name}", empty=True)) for name in keys]
    name = str(row.get("id") or row.get("external_id") or row.get("_server_id") or "")
    if not said:
        yield Record(messages, tuple(answers)) if len(answers) == 2 else LeftOut("a record that nobody answered")
    for voice in said:
        yield from _voice(messages, keys, answers, voice, name)


def _nested(row: dict) -> tuple[dict, list[_Said]]:
    """Dictionaries: 2.x has responses by question, 1.x a list of responses with their values."""
    people: dict[str, _Said] = {}
    responses = row.get("responses") or {}
    if isinstance(responses, dict):
        for question, given in responses.items():
            for place, one in enumerate(given if isinstance(given, list) else [given]):
                one = _object(one, f"$.responses.{question}[{place}]")
                who = str(one.get("user_id") or "")
                voice = people.setdefault(who, _Said(who, status=str(one.get("status") or "submitted")))
                voice.values[question] = one.get("value")
    else:
        for place, one in enumerate(responses):
            one = _object(one, f"$.responses[{place}]")
            who = str(one.get("user_id") or "")
            voice = people.setdefault(f"{who}:{place}", _Said(who, status=str(one.get("status") or "submitted")))
            values = one.get("values") or {}
            voice.values = {q: v.get("value") if isinstance(v, dict) else v for q, v in values.items()}
    agents: dict[str, _Said] = {}
    suggestions = row.get("suggestions") or {}
    if isinstance(suggestions, dict):
        suggestions = [{"question_name": question, **_object(one, f"$.suggestions.{question}")}
                       for question, one in suggestions.items()]  # fmt: skip
    for place, one in enumerate(suggestions):
        one = _object(one, f"$.suggestions[{place}]")
        _suggested(agents, one.get("question_name"), one.get("value"), one.get("agent"), one.get("score"))
    return row["fields"], [*people.values(), *agents.values()]


def _object(value, path: str) -> dict:
    if not isinstance(value, dict):
        raise RowProblem(path, f"must be an object with a value; it is {fields.kind_of(value)}.")
    return value


def _suggested(agents: dict[str, _Said], question, value, agent, score) -> None:
    if value is None:
        return
    name = str(agent or "suggestion")
    voice = agents.setdefault(name, _Said(name, "judge"))
    voice.values[str(question)] = value
    if score is not None:
        voice.scores[str(question)] = score


def _flat(row: dict) -> tuple[dict, list[_Said]]:
    """A table: `question.responses` beside `.responses.users` and `.responses.status`, and `question.suggestion`."""
    people: dict[str, _Said] = {}
    agents: dict[str, _Said] = {}
    shown: dict = {}
    for name, value in row.items():
        question, _, part = name.partition(".")
        if part == "responses":
            given = value or []
            users = row.get(f"{name}.users") or [""] * len(given)
            states = row.get(f"{name}.status") or ["submitted"] * len(given)
            if not len(given) == len(users) == len(states):
                raise RowProblem(f"$.{name}", "must be as long as its users and its status.")
            for one, who, status in zip(given, users, states, strict=True):
                people.setdefault(str(who), _Said(str(who), status=str(status))).values[question] = one
        elif part == "suggestion":
            _suggested(agents, question, value, row.get(f"{name}.agent"), row.get(f"{name}.score"))
        elif not part and name not in _TOP:
            shown[name] = value
    return shown, [*people.values(), *agents.values()]


def _voice(messages, keys, answers, voice: _Said, name: str) -> Iterator[Record | LeftOut]:
    frame = Verdict(voice.rater, voice.kind)
    if voice.status == "draft":
        yield LeftOut("a draft")
        return
    if voice.status == "discarded":
        if answers:
            interface = {1: "thumbs", 2: "pairwise"}.get(len(answers), "ranking")
            skipped = replace(frame, outcome="skip", reason="other")
            yield Record(messages, tuple(answers), interface, skipped, key=name)
        else:
            yield LeftOut("a discarded response of a record without answers")
        return
    made, comments = _understood(voice, keys, answers)
    if not made:
        told = any(value is not None for value in voice.values.values())
        yield LeftOut("a response that is not understood" if told else "a response without a value")
        return
    for number, (question, interface, given, said) in enumerate(made):
        score = voice.scores.get(question)
        value = {**said.value, **({"score": score} if score is not None else {})}
        comment = "\n\n".join(comments)[: fields.MAX_COMMENT] if number == 0 else ""
        verdict = replace(said, rater=voice.rater, kind=voice.kind, value=value, comment=comment)
        yield Record(messages, given, interface, verdict, key=f"{name}:{question}")


def _understood(voice: _Said, keys: list[str], answers: list[Answer]) -> tuple[list[tuple], list[str]]:
    """(question, interface, answers, verdict) of each value that is understood, and texts for the comment."""
    made, comments = [], []
    ratings: dict[int, dict[str, int]] = defaultdict(dict)
    for question, value in voice.values.items():
        found = _read_value(question, value, keys, answers, ratings)
        if isinstance(found, str):
            comments.append(found)
        elif found is not None:
            made.append((question, *found))
    for place, by_question in ratings.items():
        scale = next(scale for scale in (5, 7, 10) if max(by_question.values()) <= scale)
        said = Verdict(value={"ratings": by_question, "scale": scale})
        made.append((next(iter(by_question)), "likert", (answers[place],), said))
    return made, comments


def _is_rating(value) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _read_value(question: str, value, keys: list[str], answers: list[Answer], ratings):
    """(interface, answers, verdict), a text for the comment, or None; ratings are gathered by answer."""
    if isinstance(value, list):
        return _ranking(question, value, keys, answers)
    if _is_rating(value):
        place = 0 if len(answers) == 1 else naming.answer_at(question, keys)
        if place is not None and 0 < value <= 10:
            ratings[place][question] = value
        return None
    if not isinstance(value, str):
        return None
    return _word(question, value, keys, answers)


def _ranking(question: str, value: list, keys: list[str], answers: list[Answer]):
    """Options with their ranks (ties allowed), or options from best to worst."""
    path = f"$.responses.{question}"
    if not value or len(answers) < 2:
        return None
    if all(isinstance(one, dict) and "value" in one for one in value):
        ranked = [(one["value"], one.get("rank")) for one in value]
    elif all(isinstance(one, str | int) for one in value):
        ranked = [(one, rank) for rank, one in enumerate(value, start=1)]
    else:
        return None  # spans, several labels at once
    ranks: list[int | None] = [None] * len(answers)
    for option, rank in ranked:
        place = naming.answer_at(option, keys)
        if place is None or ranks[place] is not None:
            raise RowProblem(path, f"ranks {fields.kind_of(option)}, which names none of {', '.join(keys)}.")
        if isinstance(rank, bool) or not isinstance(rank, int) or rank < 1:
            raise RowProblem(path, f"gives {fields.kind_of(option)} no rank from 1 on.")
        ranks[place] = rank
    if None in ranks:
        raise RowProblem(path, f"must rank each of {', '.join(keys)}.")
    return "ranking", tuple(answers), Verdict(value={"ranks": ranks})


def _word(question: str, value: str, keys: list[str], answers: list[Answer]):
    """A label of a side or a thumb; else a text: a demonstration, an edit, or a comment."""
    if len(answers) == 2 and (said := naming.side(value, keys)) is not None:
        outcome, sign = said
        scale = None if outcome == "both_bad" else 3
        return "pairwise", tuple(answers), Verdict(scale=scale, strength=sign, outcome=outcome)
    place = 0 if len(answers) == 1 else naming.answer_at(question, keys)
    if place is not None and (label := naming.thumb(value)) is not None:
        return "thumbs", (answers[place],), Verdict(value={"label": label, "word": value})
    text = fields.check_text(value, f"$.responses.{question}", empty=True)
    if not answers:
        return "demonstration", (Answer(text, "people"),), Verdict(value={"text": text})
    if naming.edits(question) and place is not None:
        return "edit", (answers[place],), Verdict(value={"text": text})
    return text


FORMAT = Format(
    "argilla",
    "Argilla: records with responses and suggestions",
    "Rankings, ratings, labels and texts of each user; suggestions are an AI judge’s. Dictionaries or table columns.",
    '{"id": "1", "fields": {"prompt": "Why is the sky blue?", "response-1": "Air scatters blue light.", '
    '"response-2": "A mirror."}, "responses": {"better": [{"value": "response-1", "user_id": "u1"}]}, '
    '"suggestions": {"better": {"value": "response-2", "agent": "judge", "score": 0.7}}}',
    "judgments",
    rows(read),
    "tool",
    marks("fields responses", "fields suggestions", "id status _server_id"),
)
