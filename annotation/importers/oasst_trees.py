"""Open Assistant's conversation trees: every two ranked replies to the same turn are a pair. Pure."""

from collections.abc import Iterator
from itertools import combinations

from annotation.importers import fields
from annotation.importers.records import Answer, LeftOut, Record, RowProblem, Verdict

_ROLE = {"prompter": "user", "assistant": "assistant"}
_MAX_DEPTH = 200


def read(row: dict) -> Iterator[Record | LeftOut]:
    root = row.get("prompt")
    if not isinstance(root, dict):
        raise RowProblem("$.prompt", "must be the first message of a tree, with its replies.")
    found = list(_pairs(root, "$.prompt", []))
    yield from found or [LeftOut("no two replies of the tree are ranked")]


def _pairs(node: dict, path: str, before: list[dict]) -> Iterator[Record | LeftOut]:
    role = _ROLE.get(node.get("role"))
    if role is None:
        raise RowProblem(f"{path}.role", f"must be prompter or assistant; it is {fields.kind_of(node.get('role'))}.")
    if len(before) >= _MAX_DEPTH:
        raise RowProblem(path, f"is deeper than {_MAX_DEPTH} turns.")
    content = fields.check_text(node.get("text"), f"{path}.text", empty=role == "assistant")
    messages = [*before, {"role": role, "content": content}]
    replies = _replies(node, path)
    if role == "user":
        yield from _ranked(messages, replies)
    for at, reply in replies:
        yield from _pairs(reply, at, messages)


def _replies(node: dict, path: str) -> list[tuple[str, dict]]:
    replies = node.get("replies") or []
    if not isinstance(replies, list):
        raise RowProblem(f"{path}.replies", "must be a list of messages.")
    found = []
    for place, reply in enumerate(replies):
        at = f"{path}.replies[{place}]"
        if not isinstance(reply, dict):
            raise RowProblem(at, "must be a message.")
        if not reply.get("deleted"):
            found.append((at, reply))
    return found


def _ranked(messages: list[dict], replies: list[tuple[str, dict]]) -> Iterator[Record | LeftOut]:
    ranked = []
    for at, reply in replies:
        if reply.get("rank") is None or reply.get("role") != "assistant":
            continue
        if isinstance(reply["rank"], bool) or not isinstance(reply["rank"], int | float):
            raise RowProblem(f"{at}.rank", f"must be a number; it is {fields.kind_of(reply['rank'])}.")
        ranked.append((reply["rank"], _answer(reply, at)))
    for (one, left), (other, right) in combinations(ranked, 2):
        if left.text == right.text:
            yield LeftOut("two ranked replies are the same text")
            continue
        strength = (one < other) - (one > other)
        verdict = Verdict(scale=3, strength=strength, value={"ranks": [one, other]})
        yield Record(messages, (left, right), verdict=verdict)


def _answer(reply: dict, at: str) -> Answer:
    """A reply; the nodes that a model wrote name it."""
    source = fields.short(reply, "model_name") if reply.get("synthetic") else "people"
    return Answer(fields.check_text(reply.get("text"), f"{at}.text", empty=True), source or "a model")
