"""What other tools' fields are likely called: which is the prompt, which are answers, what a label's word means. Pure.

Tools let everybody name fields and labels as they like and export no meaning with them. Names are compared without
case, spaces and signs; what is not recognised is never guessed: whoever reads leaves it out and says so.
"""

import re

from annotation.importers.records import RowProblem

PROMPTS = (
    "prompt", "instruction", "question", "query", "messages", "conversation", "dialogue", "chat", "context", "input",
    "article", "post", "source", "user",
)  # fmt: skip
_ANSWER = r"(?:model|assistant|generated|ai)?(?:answer|response|completion|reply|output|summary|candidate|generation)"
_NUMBERED = re.compile(rf"^(?:{_ANSWER}|text|txt|option|model|side)s?(\d+|[a-h]|left|right|first|second|x|y)$")
_SINGLE = re.compile(rf"^{_ANSWER}$")
_PLACES = {"left": 0, "first": 0, "x": 0, "right": 1, "second": 1, "y": 1}
_YES = {
    "yes", "good", "up", "thumbsup", "positive", "correct", "right", "accept", "accepted", "true", "like", "liked",
    "helpful", "pass", "ok", "okay", "relevant", "1", "👍", "✅",
}  # fmt: skip
_NO = {
    "no", "bad", "down", "thumbsdown", "negative", "incorrect", "wrong", "reject", "rejected", "false", "dislike",
    "disliked", "unhelpful", "nothelpful", "fail", "irrelevant", "0", "👎", "❌",
}  # fmt: skip
_FIRST = {"left", "a", "first", "1", "aisbetter", "leftisbetter", "firstisbetter"}
_SECOND = {"right", "b", "second", "2", "bisbetter", "rightisbetter", "secondisbetter"}
_TIE = {"tie", "same", "equal", "draw", "both", "bothgood", "equallygood", "thesame", "nopreference"}
_BOTH_BAD = {"bothbad", "neither", "none", "bothwrong", "tiebothbad", "noneofthem"}
_EDITING = ("edit", "correct", "improve", "rewrit", "revis", "fix")


def plain(name) -> str:
    """A name for comparison: lower case, letters, digits and emoji only."""
    return re.sub(r"[\s_\-.:!’'\"/()\ufe0f]+", "", str(name)).lower()


def prompt_key(data: dict, known: tuple[str, ...] = PROMPTS) -> str:
    """The field that holds the prompt. Raises RowProblem where none is called like one."""
    names = {plain(name): name for name in data}
    for wanted in known:
        if wanted in names and isinstance(data[names[wanted]], str | list) and data[names[wanted]]:
            return names[wanted]
    found = ", ".join(str(name)[:40] for name in list(data)[:8]) or "nothing"
    raise RowProblem("$", f"has no field that is called like a prompt ({', '.join(known[:5])}, …); it has {found}.")


def answer_keys(data: dict) -> list[str]:
    """The fields that hold answers, in the order of their numbers or letters; one without a number stands alone."""
    numbered, single = [], []
    for name, value in data.items():
        if not isinstance(value, str):
            continue
        found = _NUMBERED.match(plain(name))
        if found:
            numbered.append((_place(found[1]), name))
        elif _SINGLE.match(plain(name)):
            single.append(name)
    return [name for _, name in sorted(numbered)] or single[:1]


def _place(mark: str) -> int:
    if mark in _PLACES:
        return _PLACES[mark]
    return int(mark) if mark.isdigit() else ord(mark) - ord("a")


def answer_at(name, keys: list[str]) -> int | None:
    """Which of the answers a tool's name means: the field's own, one it holds, or one of the same number or letter."""
    wanted = plain(name)
    for place, key in enumerate(keys):
        if wanted == plain(key):
            return place
    within = [place for place, key in enumerate(keys) if plain(key) in wanted]
    if len(within) == 1:
        return within[0]
    found = re.search(r"(\d+|(?<![a-z])[a-h]|left|right|first|second)$", wanted)
    if not found:
        return None
    if found[1] in _PLACES:
        return _PLACES[found[1]] if _PLACES[found[1]] < len(keys) else None
    marks = [re.search(r"(\d+|[a-h])$", plain(key)) for key in keys]
    return next((place for place, mark in enumerate(marks) if mark and mark[1] == found[1]), None)


def thumb(word) -> bool | None:
    """What a label says of one answer, where it says yes or no."""
    said = plain(word)
    return True if said in _YES else False if said in _NO else None


def side(word, keys: list[str]) -> tuple[str, int | None] | None:
    """What a label says of a pair: (outcome, sign), or None where it says nothing known."""
    said = plain(word)
    if said in _BOTH_BAD:
        return "both_bad", None
    if said in _TIE:
        return "answer", 0
    if said in _FIRST:
        return "answer", 1
    if said in _SECOND:
        return "answer", -1
    place = answer_at(word, keys[:2])
    return None if place is None else ("answer", 1 - 2 * place)


def edits(name) -> bool:
    """Whether a text field is for a better version of the answer."""
    return any(part in plain(name) for part in _EDITING)
