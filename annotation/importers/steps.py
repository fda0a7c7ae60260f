"""Reasoning in steps: BIG-Bench Mistake (the first wrong step) and PRM800K (every step rated by people). Pure.

A completion is its steps, one below the other. The answer says where each ends and holds one label a step: 1 good,
0 neutral, -1 wrong, null where nobody said.
"""

from collections.abc import Iterator
from itertools import accumulate

from annotation.importers import fields
from annotation.importers.format import Format, marks, rows
from annotation.importers.records import Answer, LeftOut, Record, RowProblem, Verdict

_ROUNDS = {"quality-control": "is_quality_control_question", "screening": "is_initial_screening_question"}
_GAVE_UP = {"give_up": "unclear", "bad_problem": "unclear"}


def joined(steps: list[str]) -> tuple[str, list[int]]:
    """The steps as one text, and the positions right after each."""
    lines = [f"{step}\n" for step in steps[:-1]] + steps[-1:]
    return "".join(lines), list(accumulate(len(line) for line in lines))


def read_mistake(row: dict) -> Iterator[Record]:
    """Steps before the first wrong one are good; those after it nobody judged."""
    messages = fields.prompt(fields.given(row, "input"), "$.input")
    steps = [fields.check_text(step, f"$.steps[{n}]") for n, step in enumerate(fields.listed(row, "steps"))]
    if not steps:
        raise RowProblem("$.steps", "must hold at least one step.")
    first = row.get("mistake_index")
    if first is None:
        labels: list[int | None] = [1] * len(steps)
    elif isinstance(first, bool) or not isinstance(first, int) or not 0 <= first < len(steps):
        raise RowProblem("$.mistake_index", f"must be null or name one of the {len(steps)} steps, from 0 on.")
    else:
        labels = [1] * first + [-1] + [None] * (len(steps) - first - 1)
    text, ends = joined(steps)
    answer = Answer(text, sampling={"answer": str(row["answer"])} if row.get("answer") else {})
    value = {"labels": labels, "first_error": first, "ends": ends}
    reference = fields.text(row, "target", empty=True, default="")
    yield Record(messages, (answer,), "steps", Verdict(value=value), reference=reference)


def read_prm800k(row: dict) -> Iterator[Record | LeftOut]:
    """The path that was chosen, and each other step that was rated, after the steps before it."""
    question, label = row.get("question"), row.get("label")
    if not isinstance(question, dict) or not isinstance(label, dict):
        raise RowProblem("$.question", "must be an object, as must label.")
    messages = [{"role": "user", "content": fields.check_text(question.get("problem"), "$.question.problem")}]
    reference = str(question.get("ground_truth_answer") or "")
    finish = label.get("finish_reason")
    common = {
        "rater": str(row.get("labeler") or ""),
        "at": fields.moment(row.get("timestamp"), "$.timestamp"),
        "active_ms": fields.milliseconds(label.get("total_time"), "$.label.total_time", per=1),
    }
    tags = tuple(tag for tag, key in _ROUNDS.items() if row.get(key))
    details = {"tags": tags, "reference": reference, "key": str(row.get("uuid") or row.get("timestamp") or "")}
    traces = list(_traces(label))
    if not traces:
        yield LeftOut("a solution without a rated step")
    for number, (steps, labels) in enumerate(traces):
        text, ends = joined(steps)
        answer = Answer(text, _source(row))
        wrong = next((place for place, said in enumerate(labels) if said == -1), None)
        value = {"labels": labels, "first_error": wrong, "ends": ends, **({"finish": finish} if finish else {})}
        if number == 0 and finish in _GAVE_UP:
            yield Record(messages, (answer,), "steps",
                         Verdict(outcome="skip", reason=_GAVE_UP[finish], **common), **details)  # fmt: skip
            return
        said = common if number == 0 else {**common, "active_ms": None}  # the time was for all of it
        yield Record(messages, (answer,), "steps", Verdict(value=value, **said), **details)


def _source(row: dict) -> str:
    generation = row.get("generation")
    return "" if generation is None else f"generation {generation}"


def _traces(label: dict) -> Iterator[tuple[list[str], list[int | None]]]:
    """Steps with their labels: the path first, then its side steps, each after the path before it."""
    path: list[str] = []
    said: list[int | None] = []
    sides = []
    for number, step in enumerate(fields.listed(label, "steps")):
        at = f"$.label.steps[{number}]"
        if not isinstance(step, dict):
            raise RowProblem(at, "must be an object with completions.")
        rated = [_rated(one, f"{at}.completions[{n}]") for n, one in enumerate(fields.listed(step, "completions"))]
        chosen = step.get("chosen_completion")
        own = step.get("human_completion")
        if chosen is not None and (isinstance(chosen, bool) or chosen not in range(len(rated))):
            raise RowProblem(f"{at}.chosen_completion", f"must name one of {len(rated)} completions, from 0 on.")
        if chosen is None and own is None and len(rated) == 1:
            chosen = 0  # the path ends here
        for place, (text, rating) in enumerate(rated):
            if place != chosen and rating is not None:
                sides.append(([*path, text], [*said, rating]))
        if chosen is not None:
            text, rating = rated[chosen]
        elif own is not None:
            given = own.get("text") if isinstance(own, dict) else own
            text, rating = fields.check_text(given, f"{at}.human_completion"), 1
        else:
            break
        path, said = [*path, text], [*said, rating]
    if any(rating is not None for rating in said):
        yield path, said
    yield from sides


def _rated(given, path: str) -> tuple[str, int | None]:
    if not isinstance(given, dict):
        raise RowProblem(path, "must be an object with text and rating.")
    rating = given.get("rating")
    if isinstance(rating, bool) or rating not in (-1, 0, 1, None):
        raise RowProblem(f"{path}.rating", f"must be -1, 0, 1 or null; it is {fields.kind_of(rating)}.")
    return fields.check_text(given.get("text"), f"{path}.text", empty=True), rating


FORMATS = (
    Format(
        "bigbench_mistake",
        "BIG-Bench Mistake: the first wrong step",
        "Steps before the mistake are good, those after it unjudged; the known answer is the reference.",
        '{"input": "(1 + 1) * 3 =", "steps": ["1 + 1 = 2", "2 * 3 = 5"], "target": "6", "mistake_index": 1}',
        "judgments",
        rows(read_mistake),
        "set",
        marks("input steps mistake_index"),
    ),
    Format(
        "prm800k",
        "PRM800K: every step rated",
        "The chosen path is one answer; each other rated step is one more, after the steps before it.",
        '{"labeler": "l1", "question": {"problem": "1 + 1?", "ground_truth_answer": "2"}, "label": {"steps": '
        '[{"completions": [{"text": "1 + 1 = 2", "rating": 1}], "chosen_completion": 0}], "total_time": 4000, '
        '"finish_reason": "solution"}}',
        "judgments",
        rows(read_prm800k),
        "set",
        marks("labeler question label"),
    ),
)
