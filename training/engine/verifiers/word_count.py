"""The completion has as many words as asked (an IFEval-style constraint, ALGORITHMS G1)."""

import re

NAME = "word_count"
TITLE = "Number of words"
HELP = "1 when the number of words lies within the limits; needs no reference."
OPTIONS = {"at_least": "Fewest words.", "at_most": "Most words; 0 is no limit."}

WORD = re.compile(r"\w[\w'’-]*")


def check(completion: str, reference: str | None = None, *, at_least: int = 1, at_most: int = 200) -> float:  # noqa: ARG001
    if at_most and at_most < at_least:
        raise ValueError(f"word_count asks for at least {at_least} and at most {at_most} words: no answer has both")
    count = len(WORD.findall(completion))
    return float(at_least <= count and (not at_most or count <= at_most))
