"""MT-Bench: questions, systems' answers and votes lie in files of their own and are joined here. Pure.

Files are told apart by what their rows hold, not by their names, because every copy names them differently; only
reference answers look like answers and go by name. Votes may also carry both conversations themselves.

In the second turn each system had its own first answer before it. A pair needs one prompt for both, so a sentence
that says so stands in its place; the system's own first answer is kept with the completion.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from annotation.importers import fields
from annotation.importers.bundle import Bundle, Unreadable
from annotation.importers.reading import Found, read_each
from annotation.importers.records import Answer, Problem, Record, RowProblem, Verdict
from annotation.importers.rows import rows_of

OWN_FIRST_ANSWER = "(Each system’s own answer to the first turn stood here.)"
_STRENGTH = {"model_a": 1, "model_b": -1, "tie": 0, "tie (inconsistent)": 0}
_PEOPLE = ("expert", "author", "human")


@dataclass
class _Joined:
    """What votes are joined with: questions by id, answers by question and system, references by question."""

    questions: dict[int, dict] = field(default_factory=dict)
    answers: dict[tuple[int, str], list[str]] = field(default_factory=dict)
    references: dict[int, list[str]] = field(default_factory=dict)
    seen: Counter = field(default_factory=Counter)


def read(bundle: Bundle) -> Found:
    kinds = {name: _kind(bundle, name) for name in bundle.names()}
    votes = [name for name, kind in kinds.items() if kind == "votes"]
    if not votes:
        raise Unreadable("There is no file of votes: rows with model_a, model_b, winner, judge and turn.")
    joined = _Joined()
    for kind, reader in (("questions", _question), ("answers", _answer), ("references", _reference)):
        names = [name for name, found in kinds.items() if found == kind]
        for place, thing in read_each(bundle, lambda row, reader=reader: reader(joined, row), names):
            if isinstance(thing, Problem):
                yield place, thing
    yield from read_each(bundle, lambda row: _vote(joined, row), votes)


def _kind(bundle: Bundle, name: str) -> str | None:
    for _place, row in rows_of(bundle, name):
        if not isinstance(row, dict):
            return "votes"  # so that its problem is told with its row
        if "model_a" in row:
            return "votes"
        if "choices" in row:
            return "references" if "reference" in name.lower() else "answers"
        return "questions" if "turns" in row else None
    return None


def _turns(value, path: str) -> list[str]:
    if not isinstance(value, list) or not value:
        raise RowProblem(path, f"must be a list of texts, one a turn; it is {fields.kind_of(value)}.")
    return [fields.check_text(text, f"{path}[{place}]", empty=True) for place, text in enumerate(value)]


def _question(joined: _Joined, row: dict) -> tuple[()]:
    turns = _turns(row.get("turns"), "$.turns")
    joined.questions[fields.whole(row, "question_id")] = {"turns": turns, "category": fields.short(row, "category")}
    return ()


def _choice(row: dict) -> list[str]:
    choices = row.get("choices")
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        raise RowProblem("$.choices", "must be a list whose first entry holds the turns.")
    return _turns(choices[0].get("turns"), "$.choices[0].turns")


def _answer(joined: _Joined, row: dict) -> tuple[()]:
    joined.answers[fields.whole(row, "question_id"), fields.text(row, "model_id")] = _choice(row)
    return ()


def _reference(joined: _Joined, row: dict) -> tuple[()]:
    joined.references[fields.whole(row, "question_id")] = _choice(row)
    return ()


def _vote(joined: _Joined, row: dict) -> Iterator[Record]:
    winner = row.get("winner")
    if not isinstance(winner, str) or winner not in _STRENGTH:
        raise RowProblem("$.winner", f"must be model_a, model_b or tie; it is {fields.kind_of(winner)}.")
    number, turn = fields.whole(row, "question_id"), fields.whole(row, "turn")
    if turn not in (1, 2):
        raise RowProblem("$.turn", f"must be 1 or 2; it is {turn}.")
    sides = [_side(joined, row, side, number, turn) for side in ("a", "b")]
    messages, category = _conversation(joined, row, number, turn)
    judge = _judge(row)
    who = (judge, number, turn, *sorted(side.source for side in sides))
    joined.seen[who] += 1
    references = joined.references.get(number, [])
    yield Record(
        messages,
        tuple(sides),
        verdict=Verdict(
            rater=judge,
            kind="imported" if judge.startswith(_PEOPLE) else "judge",
            scale=3,
            strength=_STRENGTH[winner],
            value={"winner": winner},
        ),
        category=category,
        tags=(f"question-{number}", f"turn-{turn}"),
        reference=references[turn - 1] if len(references) >= turn else "",
        key=str(joined.seen[who]),  # a judge who voted twice on one pair said two things
    )


def _judge(row: dict) -> str:
    judge = row.get("judge")
    if isinstance(judge, list) and judge:  # some copies have ["gpt-4", "pair-v2"]
        judge = judge[0]
    return fields.check_text(judge, "$.judge")


def _side(joined: _Joined, row: dict, side: str, number: int, turn: int) -> Answer:
    model = fields.text(row, f"model_{side}")
    own = row.get(f"conversation_{side}")
    if own is not None:
        turns = [said["content"] for said in fields.turns(own, f"$.conversation_{side}") if said["role"] == "assistant"]
    else:
        turns = joined.answers.get((number, model), [])
    if len(turns) < turn:
        raise RowProblem(f"$.model_{side}", f"there is no answer of {model} to question {number}, turn {turn}.")
    return Answer(turns[turn - 1], model, {"first_turn": turns[0]} if turn > 1 else {})


def _conversation(joined: _Joined, row: dict, number: int, turn: int) -> tuple[list[dict], str]:
    question = joined.questions.get(number)
    if question is not None:
        asked, category = question["turns"], question["category"]
    elif row.get("conversation_a") is not None:
        said = fields.turns(row["conversation_a"], "$.conversation_a")
        asked, category = [part["content"] for part in said if part["role"] == "user"], ""
    else:
        asked, category = [], ""
    if len(asked) < turn:
        raise RowProblem("$.question_id", f"there is no question {number} with a turn {turn}.")
    messages = [{"role": "user", "content": asked[0]}]
    if turn > 1:
        messages += [{"role": "assistant", "content": OWN_FIRST_ANSWER}, {"role": "user", "content": asked[1]}]
    return messages, category
