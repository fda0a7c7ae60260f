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
