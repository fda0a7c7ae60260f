"""The last number or word of the completion equals the reference."""

import re

NAME = "exact_answer"
TITLE = "Exact answer"
HELP = "1 when the last number or word of the completion is the row's reference; capitals do not matter."

WORD = re.compile(r"[-+]?\d[\d,]*(?:\.\d+)?|[^\W\d_]+(?:['’-][^\W\d_]+)*")
COMMAS = re.compile(r"(?<=\d),(?=\d)")


def answer(text: str) -> str | None:
    """The last number (commas out) or word, lower case; None when there is none."""
    found = WORD.findall(text)
    return COMMAS.sub("", found[-1]).lower() if found else None


def check(completion: str, reference: str) -> float:
    wanted = answer(reference or "")
    if wanted is None:
        raise ValueError("exact_answer needs a reference with a number or word in every row")
    return float(answer(completion) == wanted)
