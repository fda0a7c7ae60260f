"""Arena votes: two whole conversations of two systems and a winner, a tie, or "both bad". Pure.

Where the systems' earlier answers differ, a sentence stands in the prompt for them and each system's own are kept
with its completion, as with the second turns of MT-Bench.
"""

import json
from collections.abc import Iterator

from annotation.importers import fields
from annotation.importers.format import Format, marks, rows
from annotation.importers.records import Answer, LeftOut, Record, RowProblem, Verdict

OWN_EARLIER_ANSWER = "(Each system’s own answer to this turn stood here.)"
_WINNERS = {
    "model_a": (1, "answer"),
    "model_b": (-1, "answer"),
    "tie": (0, "answer"),
    "tie (bothbad)": (None, "both_bad"),
    "both_bad": (None, "both_bad"),
    "bothbad": (None, "both_bad"),
}


def read(row: dict) -> Iterator[Record | LeftOut]:
    row = _wide(row)
    strength, outcome = _winner(row)
    said = [_conversation(row, side) for side in "ab"]
    messages, answers = _joined(row, said)
    if answers[0].text == answers[1].text and answers[0].source == answers[1].source:
        yield LeftOut("both answers are the same text")
        return
    judge = row.get("judge")
    yield Record(
        messages,
        answers,
        verdict=Verdict(
            rater=fields.check_text(judge, "$.judge") if judge else "",
            scale=3 if outcome == "answer" else None,
            strength=strength,
            value={"winner": row["winner"]},
            outcome=outcome,
            shown=(0, 1),
            at=fields.moment(row.get("tstamp"), "$.tstamp"),
        ),
        category=fields.short(row, "category"),
        tags=_tags(row),
        key=str(row.get("question_id") or row.get("id") or ""),
    )


def _tags(row: dict) -> tuple[str, ...]:
    language = fields.short(row, "language")
    tags = [f"language:{language}"] if language else []
    if row.get("anony") is False:
        tags.append("names were shown")
    return tuple(tags)


def _wide(row: dict) -> dict:
    """The table form (prompt, response_a, winner_model_a, …) as the form with conversations."""
    if "response_a" not in row:
        return row
    prompts = _texts(fields.given(row, "prompt"), "$.prompt")
    made = dict(row)
    for side in "ab":
        answers = _texts(fields.given(row, f"response_{side}"), f"$.response_{side}")
        if len(answers) != len(prompts):
            raise RowProblem(f"$.response_{side}", f"holds {len(answers)} answers to {len(prompts)} turns.")
        made[f"conversation_{side}"] = [
            {"role": role, "content": text or ""}
            for pair in zip(prompts, answers, strict=True)
            for role, text in zip(("user", "assistant"), pair, strict=True)
        ]
    votes = {"model_a": "winner_model_a", "model_b": "winner_model_b", "tie": "winner_tie"}
    won = [winner for winner, name in votes.items() if str(row.get(name)) == "1"]
    made.setdefault("winner", won[0] if len(won) == 1 else None)
    return made


def _texts(value, path: str) -> list:
    """A list of texts; in tables it is written as JSON."""
    if isinstance(value, str) and value.lstrip().startswith("["):
        try:
            value = json.loads(value)
        except ValueError:
            raise RowProblem(path, "looks like a list of texts but is not JSON.") from None
    return value if isinstance(value, list) else [value]


def _winner(row: dict) -> tuple[int | None, str]:
    winner = row.get("winner")
    if not isinstance(winner, str) or winner not in _WINNERS:
        raise RowProblem("$.winner", f"must be one of {', '.join(list(_WINNERS)[:4])}; it is {fields.kind_of(winner)}.")
    return _WINNERS[winner]


def _conversation(row: dict, side: str) -> list[dict]:
    path = f"$.conversation_{side}"
    given = fields.given(row, f"conversation_{side}")
    if isinstance(given, list):
        given = [_plain(turn) for turn in given]
    said = fields.turns(given, path)
    if said[-1]["role"] != "assistant":
        raise RowProblem(path, "must end with a turn of the assistant.")
    return said


def _plain(turn):
    """Newer copies hold a list of parts for a content; their texts are the content."""
    if isinstance(turn, dict) and isinstance(turn.get("content"), list):
        parts = [part.get("text") or "" for part in turn["content"] if isinstance(part, dict)]
        return {**turn, "content": "\n".join(parts)}
    return turn


def _joined(row: dict, said: list[list[dict]]) -> tuple[list[dict], tuple[Answer, Answer]]:
    first, second = said
    asked = [[turn["content"] for turn in part if turn["role"] != "assistant"] for part in said]
    if asked[0] != asked[1] or len(first) != len(second):
        raise RowProblem("$.conversation_b", "must answer the same turns of the user as conversation_a.")
    messages, differs = [], False
    for one, other in zip(first[:-1], second[:-1], strict=True):
        same = one == other
        differs = differs or not same
        messages.append(one if same else {"role": "assistant", "content": OWN_EARLIER_ANSWER})
    answers = []
    for side, part in zip("ab", said, strict=True):
        earlier = [turn["content"] for turn in part[:-1] if turn["role"] == "assistant"]
        own = {"earlier_turns": earlier} if differs else {}
        answers.append(Answer(part[-1]["content"], fields.short(row, f"model_{side}", 200), own))
    return fields.asking(messages, "$.conversation_a"), tuple(answers)


FORMAT = Format(
    "arena",
    "Arena votes: two conversations and a winner",
    "winner is model_a, model_b, tie or tie (bothbad). Voters keep their names; which stood left is known.",
    '{"model_a": "one", "model_b": "other", "winner": "model_a", "judge": "voter 7", "conversation_a": '
    '[{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello!"}], "conversation_b": '
    '[{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Yes?"}]}',
    "judgments",
    rows(read),
    "tool",
    marks(
        "model_a model_b winner conversation_a conversation_b",
        "question_id model_a model_b winner conversation_a conversation_b judge turn anony",
        "prompt response_a response_b winner_model_a winner_model_b winner_tie",
    ),
)
