"""From fresh answers to items: how many stand side by side, as the way to label takes them. Pure."""

from collections.abc import Sequence
from itertools import combinations

MOST_PAIRS = 10  # of one prompt


def grouped(answers: Sequence, least: int, most: int) -> list[list]:
    """The answers to one prompt as items: single ones, every two of them, or all together.

    `least` and `most` are what an item takes. More answers than one item takes go into several, as even as can be;
    too few for one make none.
    """
    if most == 1:
        return [[answer] for answer in answers]
    if len(answers) < least or most < 1:
        return []
    if most == 2:
        return [list(pair) for pair in list(combinations(answers, 2))[:MOST_PAIRS]]
    parts = -(-len(answers) // most)
    while parts > 1 and len(answers) // parts < least:
        parts -= 1
    size, longer = divmod(len(answers), parts)
    groups, at = [], 0
    for part in range(parts):
        take = min(size + (part < longer), most)
        groups.append(list(answers[at : at + take]))
        at += take
    return groups


GROUPINGS = {
    "each": "Each completion on its own",
    "all": "All completions of a prompt together",
    "pairs": "Every two completions of a prompt",
    "two": "Each of one source against each of another",
}


def groupings(least: int, most: int) -> list[str]:
    """The ways to put completions together that fit items of `least` to `most` of them."""
    fits = {"each": least <= 1 <= most, "all": most > 2, "pairs": least <= 2 <= most, "two": least <= 2 <= most}
    return [name for name in GROUPINGS if fits[name]]


def groups(grouping: str, answers: Sequence, least: int, most: int, *, first=None, second=None) -> list[list]:
    """The answers to one prompt (each with a `source_id`), put together in the way `grouping` says."""
    if grouping == "each":
        return [[answer] for answer in answers]
    if grouping == "pairs":
        return [list(pair) for pair in combinations(answers, 2)]
    if grouping == "two":
        one, other = ([answer for answer in answers if answer.source_id == source] for source in (first, second))
        return [[a, b] for a in one for b in other]
    return grouped(answers, least, most)
