"""Judge prompts: templates with named places, filled in one pass, so that braces in an answer stay what they are. Pure.

>>> filled("{answer_a} or {answer_b}?", {"answer_a": "{answer_b}", "answer_b": "two"})
'{answer_b} or two?'
"""

import re
from collections.abc import Mapping, Sequence

PLACES = {
    "conversation": "all turns of the prompt, each with who speaks",
    "question": "the last turn of the person who asks",
    "reference": "the known answer, where there is one",
    "principles": "the principles drawn from the constitution",
    "answer_a": "the answer shown first",
    "answer_b": "the answer shown second",
    "answer": "the one answer, when each is rated alone",
}
NEEDED = {
    "letters": ("answer_a", "answer_b"),
    "verdict": ("answer_a", "answer_b"),
    "score": ("answer",),
    "rating": ("answer",),
}
NOT_KNOWN = "(no known answer)"
_PLACE = re.compile(r"\{([a-z_]+)\}")

_PAIR = """\
{principles}
[Conversation]
{conversation}
[End of the conversation]

[Answer A]
{answer_a}
[End of answer A]

[Answer B]
{answer_b}
[End of answer B]
"""
_SINGLE = """\
{principles}
[Conversation]
{conversation}
[End of the conversation]

[Answer]
{answer}
[End of the answer]
"""
_COMPARE = """\
You compare two answers to the same conversation and say which serves the person who asked better. \
Neither the order in which they stand nor their length makes one better."""
_THEN_VERDICT = """ \
Give your reason in a few sentences, then end with your verdict on a line of its own: [[A]] if answer A is better, \
[[B]] if answer B is better, [[C]] if neither is."""
_RATE = """\
You rate an answer by how well it serves the person who asked, from 1 (useless) to 10 (could not be better)."""
_THEN_RATING = """ \
Give your reason in a few sentences, then end with the rating on a line of its own, such as [[7]]."""
# The house's own prompt for each way of asking: (system, template).
HOUSE = {
    "letters": (
        _COMPARE,
        _PAIR + "\nWhich answer is better? Reply with one letter, A or B.",
    ),
    "verdict": (
        _COMPARE + _THEN_VERDICT,
        _PAIR + "\nCompare them, then end with [[A]], [[B]] or [[C]].",
    ),
    "score": (
        _RATE,
        _SINGLE + "\nHow good is the answer, from 1 to 10? Reply with the number alone.",
    ),
    "rating": (
        _RATE + _THEN_RATING,
        _SINGLE + "\nSay what is good and what is missing, then end with the rating in double brackets.",
    ),
}


def filled(template: str, values: Mapping[str, str]) -> str:
    """The template with its known places replaced, once: what is put in is never looked at again."""
    return _PLACE.sub(lambda place: values.get(place[1], place[0]) if place[1] in PLACES else place[0], template)


def problems_of(template: str, mode: str) -> list[str]:
    """What is wrong with a template, in words."""
    there = {found[1] for found in _PLACE.finditer(template)}
    problems = [f"It has no {{{name}}}: {PLACES[name]}." for name in NEEDED[mode] if name not in there]
    problems += [
        f"There is no place called {{{name}}}; there are {', '.join(f'{{{known}}}' for known in PLACES)}."
        for name in sorted(there - PLACES.keys())
    ]
    return problems


def conversation(messages: Sequence[Mapping[str, str]]) -> str:
    """Turns as text, each with who speaks."""
    return "\n\n".join(f"{turn['role'].capitalize()}: {turn['content']}" for turn in messages)


def question(messages: Sequence[Mapping[str, str]]) -> str:
    """The last thing the person said."""
    return next((turn["content"] for turn in reversed(messages) if turn["role"] == "user"), "")


def principles_text(principles: Sequence[str]) -> str:
    """The principles as the judge reads them; nothing without any."""
    if not principles:
        return ""
    lines = "\n".join(f"- {text}" for text in principles)
    return f"[Principles to judge by]\n{lines}\n[End of the principles]\n"


def values_of(
    messages: Sequence[Mapping[str, str]], *, reference: str = "", principles: Sequence[str] = (), **answers: str
) -> dict[str, str]:
    """What goes into the places of a prompt."""
    return {
        "conversation": conversation(messages),
        "question": question(messages),
        "reference": reference or NOT_KNOWN,
        "principles": principles_text(principles),
        **answers,
    }


def chat(system: str, user: str) -> list[dict]:
    """A system turn, where there is one, and the question."""
    turns = [{"role": "system", "content": system.strip()}] if system.strip() else []
    return [*turns, {"role": "user", "content": user.strip()}]
