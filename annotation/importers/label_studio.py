"""Label Studio's JSON export: tasks with annotations and predictions of any of its controls. Pure.

An annotation may hold several answers: a choice between two texts, a ranking, ratings, labels, a text. Each becomes a
judgment of its interface by the same rater; the time it took counts once. Cancelled annotations are skips, predictions
are an AI judge's. The export does not say what a control was set up for, so names and words are matched
(`naming.py`), and what is not recognised is left out and counted.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from annotation.importers import fields, naming
from annotation.importers.bundle import Bundle
from annotation.importers.format import Format, marks
from annotation.importers.reading import Found, read_each
from annotation.importers.records import Answer, LeftOut, Record, RowProblem, Verdict
from annotation.importers.rows import rows_of

_SCALES = (5, 7, 10)
_GRADES = {
    scale: {sign * n for n in range(1, most + 1) for sign in (1, -1)}
    for scale, most in {2: 1, 3: 1, 5: 2, 7: 3, 8: 4}.items()
}
_BODY = ("body", "text", "html", "answer", "response", "title")


@dataclass
class _Task:
    """What was shown: the prompt, answers by their field, and answers that came as one list, by id."""

    messages: list[dict]
    keys: list[str] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    listed: dict[str, Answer] = field(default_factory=dict)
    extra: dict = field(default_factory=dict)

    @property
    def all(self) -> tuple[Answer, ...]:
        return tuple(self.answers or self.listed.values())


def read(bundle: Bundle) -> Found:
    scales = _scales(bundle)
    yield from read_each(bundle, lambda row: _task(row, scales))


def _scales(bundle: Bundle) -> dict[str, int]:
    """The scale of each rating control: the least of 5, 7 and 10 that holds all its ratings in the upload."""
    most: dict[str, int] = {}
    for name in bundle.names():
        for _place, row in rows_of(bundle, name):
            if not isinstance(row, dict):
                continue
            for region in (r for said in _list(row, "annotations") for r in _list(said, "result")):
                rating = _value(region).get("rating")
                if isinstance(rating, int) and not isinstance(rating, bool):
                    control = str(region.get("from_name"))
                    most[control] = max(most.get(control, 1), rating)
    return {name: next((scale for scale in _SCALES if top <= scale), top) for name, top in most.items()}


def _list(row, key: str) -> list:
    value = row.get(key) if isinstance(row, dict) else None
    return value if isinstance(value, list) else []


def _value(region) -> dict:
    value = region.get("value") if isinstance(region, dict) else None
    return value if isinstance(value, dict) else {}


def _task(row: dict, scales: dict[str, int]) -> Iterator[Record | LeftOut]:
    data = row.get("data")
    if not isinstance(data, dict):
        raise RowProblem("$.data", "must be an object with what was shown.")
    try:
        task = _shown(data)
    except RowProblem as problem:
        raise RowProblem(f"$.data{problem.path[1:]}", problem.message) from None
    if isinstance(row.get("agreement"), int | float):
        task.extra["agreement"] = row["agreement"]
    said = False
    for place, given in enumerate(_list(row, "annotations") or _list(row, "completions")):
        said = True
        yield from _annotation(task, given, f"$.annotations[{place}]", scales)
    for place, given in enumerate(_list(row, "predictions")):
        said = True
        yield from _prediction(task, given, f"$.predictions[{place}]", scales)
    if not said:
        if len(task.all) == 2:
            yield Record(task.messages, task.all)
        else:
            yield LeftOut("a task that nobody annotated")


def _shown(data: dict) -> _Task:
    key = naming.prompt_key(data)
    messages = fields.prompt(_messages(data[key]), f"$.{key}")
    task = _Task(messages)
    for name, value in data.items():
        if name != key and isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
            task.listed = {str(one.get("id", n)): Answer(_body(one, f"$.{name}[{n}]")) for n, one in enumerate(value)}
            break
    rest = {name: value for name, value in data.items() if name != key}
    task.keys = naming.answer_keys(rest)
    task.answers = [
        Answer(fields.check_text(data[name], f"$.{name}", empty=True), str(data.get(f"{name}_model") or ""))
        for name in task.keys
    ]
    return task


def _messages(value):
    """Dialogues as paragraphs ({author, text}) or as messages; texts as they are."""
    if not isinstance(value, list):
        return value
    made = []
    for turn in value:
        if isinstance(turn, dict) and "role" not in turn:
            author = naming.plain(turn.get("author") or turn.get("speaker") or "")
            role = "assistant" if author in ("assistant", "bot", "model", "ai", "agent") else "user"
            turn = {"role": role, "content": turn.get("text") or turn.get("content")}
        made.append(turn)
    return made


def _body(one: dict, path: str) -> str:
    key = next((name for name in _BODY if isinstance(one.get(name), str)), "body")
    return fields.check_text(one.get(key), f"{path}.{key}", empty=True)


def _annotation(task: _Task, given, path: str, scales: dict[str, int]) -> Iterator[Record | LeftOut]:
    if not isinstance(given, dict):
        raise RowProblem(path, "must be an object with a result.")
    meta = given.get("meta")
    who = given.get("completed_by") or (meta.get("rater") if isinstance(meta, dict) else None)
    if isinstance(who, dict):
        who = who.get("email") or who.get("username") or who.get("id")
    frame = Verdict(
        rater="" if who is None else who if isinstance(who, str) else f"user {who}",
        at=fields.moment(given.get("created_at"), f"{path}.created_at"),
        active_ms=fields.milliseconds(given.get("lead_time"), f"{path}.lead_time"),
    )
    extra = {**task.extra, **({"ground_truth": True} if given.get("ground_truth") else {})}
    key = str(given.get("unique_id") or given.get("id") or path)
    if given.get("was_cancelled") or given.get("skipped"):
        if not task.all:
            yield LeftOut("a cancelled annotation of a task without answers")
            return
        interface = {1: "thumbs", 2: "pairwise"}.get(len(task.all), "ranking")
        yield Record(task.messages, task.all, interface,
                     replace(frame, outcome="skip", reason="other"), key=key)  # fmt: skip
        return
    yield from _answers(task, given, path, scales, frame, extra, key)


def _prediction(task: _Task, given, path: str, scales: dict[str, int]) -> Iterator[Record | LeftOut]:
    if not isinstance(given, dict):
        raise RowProblem(path, "must be an object with a result.")
    score = given.get("score")
    extra = {"score": score} if isinstance(score, int | float) else {}
    frame = Verdict(str(given.get("model_version") or "prediction"), "judge")
    yield from _answers(task, given, path, scales, frame, extra, str(given.get("id") or path))


def _answers(task, given, path, scales, frame: Verdict, extra: dict, key: str) -> Iterator[Record | LeftOut]:
    comments, made, unknown = [], [], 0
    for place, region in enumerate(_list(given, "result")):
        kind = region.get("type") if isinstance(region, dict) else None
        reader = _READERS.get(kind)
        if reader is None:
            unknown += 1
            continue
        found = reader(task, region, f"{path}.result[{place}]", scales)
        if isinstance(found, str):
            comments.append(found)
        elif found is None:
            unknown += 1
        else:
            made.append(found)
    if not made:
        yield LeftOut("an annotation whose answer is not understood" if unknown else "an annotation without an answer")
        return
    comment = "\n\n".join(comments)[: fields.MAX_COMMENT]
    for number, (interface, answers, said) in enumerate(made):
        verdict = replace(
            frame,
            outcome=said.outcome,
            scale=said.scale,
            strength=said.strength,
            value={**said.value, **extra},
            shown=said.shown,
            comment=comment if number == 0 else "",
            active_ms=frame.active_ms if number == 0 else None,
        )
        yield Record(task.messages, answers, interface, verdict, key=f"{key}:{number}" if number else key)


def _pairwise(task: _Task, region: dict, path: str, _scales):
    if len(task.answers) != 2:
        raise RowProblem(path, f"compares two texts, but the task has {len(task.answers)} fields called like answers.")
    selected = _value(region).get("selected")
    if selected in (None, "none"):
        return "pairwise", tuple(task.answers), Verdict(scale=3, strength=0, shown=(0, 1))
    if selected not in ("left", "right"):
        raise RowProblem(f"{path}.value.selected", f"must be left or right; it is {fields.kind_of(selected)}.")
    strength, scale = 1 if selected == "left" else -1, 2
    value = _value(region)
    if value.get("scale") in _GRADES and value.get("strength") in _GRADES[value["scale"]]:  # an export of ours
        strength, scale = value["strength"], value["scale"]
    return "pairwise", tuple(task.answers), Verdict(scale=scale, strength=strength, shown=(0, 1))


def _ranker(task: _Task, region: dict, path: str, _scales):
    given = _value(region).get("ranker")
    if isinstance(given, dict):
        given = given.get("rank") if "rank" in given else next(iter(given.values()), None) if len(given) == 1 else None
    if not isinstance(given, list):
        return None
    known = task.listed or dict(zip(task.keys, task.answers, strict=True))
    ids = [str(one) for one in given]
    if len(ids) < 2:
        return None
    if strange := [one for one in ids if one not in known]:
        raise RowProblem(f"{path}.value.ranker", f"names {fields.kind_of(strange[0])}, which the task does not show.")
    shown = [one for one in known if one in ids]
    ranks = [ids.index(one) + 1 for one in shown]
    own = _value(region).get("ranks")
    if _agree(own, ranks):  # an export of ours says ties, too
        ranks = own
    return "ranking", tuple(known[one] for one in shown), Verdict(value={"ranks": ranks})


def _agree(own, ranks: list[int]) -> bool:
    """Whether ranks with ties say nothing against the order that was read."""
    if not isinstance(own, list) or len(own) != len(ranks) or not all(type(rank) is int for rank in own):
        return False
    in_order = [own[ranks.index(place)] for place in range(1, len(ranks) + 1)]
    return in_order == sorted(in_order)


def _target(task: _Task, region: dict) -> Answer | None:
    """The one answer that a control is about."""
    if len(task.all) == 1:
        return task.all[0]
    for name in (region.get("to_name"), region.get("from_name")):
        place = naming.answer_at(name, task.keys)
        if place is not None:
            return task.answers[place]
    return task.listed.get(str(region.get("item_index"))) if task.listed else None


def _rating(task: _Task, region: dict, path: str, scales: dict[str, int]):
    rating = _value(region).get("rating")
    if isinstance(rating, bool) or not isinstance(rating, int) or rating < 1:
        raise RowProblem(f"{path}.value.rating", f"must be a whole number from 1 on; it is {fields.kind_of(rating)}.")
    target = _target(task, region)
    if target is None:
        return None
    control = str(region.get("from_name"))
    scale = max(scales.get(control, 5), rating)
    return "likert", (target,), Verdict(value={"ratings": {control: rating}, "scale": scale})


def _label(task: _Task, region: dict, _path: str, _scales):
    """Choices and taxonomies: about a pair where they name a side, else a thumb on one answer."""
    value = _value(region)
    given = value.get("choices", value.get("taxonomy"))
    words = [one[-1] if isinstance(one, list) and one else one for one in given] if isinstance(given, list) else []
    if len(words) != 1:
        return None
    target = _target(task, region)
    if len(task.answers) == 2:
        said = naming.side(words[0], task.keys)
        if said is not None and (target is None or naming.thumb(words[0]) is None):
            outcome, sign = said
            scale = None if outcome == "both_bad" else 3
            return "pairwise", tuple(task.answers), Verdict(scale=scale, strength=sign, outcome=outcome, shown=(0, 1))
    label = naming.thumb(words[0])
    if label is None or target is None:
        return None
    return "thumbs", (target,), Verdict(value={"label": label, "word": str(words[0])})


def _text(task: _Task, region: dict, path: str, _scales):
    given = _value(region).get("text")
    text = "\n".join(str(one) for one in given) if isinstance(given, list) else str(given or "")
    fields.check_text(text, f"{path}.value.text", empty=True)
    if not text.strip():
        return ""
    if not task.all:
        return "demonstration", (Answer(text, "people"),), Verdict(value={"text": text})
    target = _target(task, region)
    if naming.edits(region.get("from_name")) and target is not None:
        return "edit", (target,), Verdict(value={"text": text})
    return text


_READERS = {
    "pairwise": _pairwise,
    "ranker": _ranker,
    "rating": _rating,
    "choices": _label,
    "taxonomy": _label,
    "textarea": _text,
}
FORMAT = Format(
    "label_studio",
    "Label Studio: tasks with annotations (JSON)",
    "Pairs, rankings, ratings, choices and texts; cancelled annotations are skips, predictions an AI judge’s.",
    '{"data": {"prompt": "Why is the sky blue?", "answer1": "Air scatters blue light.", "answer2": "A mirror."}, '
    '"annotations": [{"completed_by": 7, "lead_time": 12.5, "result": [{"type": "pairwise", "from_name": "better", '
    '"to_name": "answer1", "value": {"selected": "left"}}]}]}',
    "judgments",
    read,
    "tool",
    marks("data annotations", "data predictions"),
)
