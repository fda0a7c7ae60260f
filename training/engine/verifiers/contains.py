"""The completion holds a phrase (an IFEval-style constraint, ALGORITHMS G1)."""

NAME = "contains"
TITLE = "Contains a phrase"
HELP = (
    "1 when the completion holds the phrase, or the row's reference where no phrase is given; capitals do not matter."
)
OPTIONS = {"phrase": "What must be there; the reference where it is empty.", "absent": "It must not be there instead."}


def check(completion: str, reference: str | None = None, *, phrase: str = "", absent: bool = False) -> float:
    wanted = (phrase or reference or "").strip().casefold()
    if not wanted:
        raise ValueError("contains needs a phrase, or a reference in every row")
    return float((wanted in completion.casefold()) != absent)
