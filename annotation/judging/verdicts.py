"""From what a judge answered to how sure it is that the first completion is better. Pure.

Every answer becomes a number in [0, 1]: 1 the first wins, 0 the second, 1/2 neither. By log-probabilities it is

    p = exp(l_A) / (exp(l_A) + exp(l_B)),

by a written verdict the last [[A]], [[B]] or [[C]] in the text. Asked in both orders, the soft label is the mean of
both in true order: (v_AB + (1 - v_BA)) / 2.
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence

LETTERS = ("A", "B")
LEVELS = tuple(str(number) for number in range(1, 11))
RULES = {
    "agree": "a side wins only where both orders say so, else it is a tie",
    "mean": "the side with the larger mean probability wins",
}
_VERDICT = re.compile(r"\[\[(A|B|C)\]\]")
_RATING = re.compile(r"\[\[(\d{1,2}(?:\.\d+)?)\]\]")
_SAID = {"A": 1.0, "B": 0.0, "C": 0.5}


def written_verdict(text: str) -> float | None:
    """The last verdict in the text, for the answer shown first; None where there is none."""
    found = _VERDICT.findall(text)
    return _SAID[found[-1]] if found else None


def written_rating(text: str) -> float | None:
    """The last rating in the text if it lies between 1 and 10."""
    found = _RATING.findall(text)
    value = float(found[-1]) if found else 0.0
    return value if 1 <= value <= 10 else None


def shares(logprobs: Mapping[str, float]) -> dict[str, float]:
    """Probabilities of the options, renormalised among them."""
    top = max(logprobs.values())
    if top == -math.inf:
        raise ValueError("none of the options has any probability")
    weights = {option: math.exp(value - top) for option, value in logprobs.items()}
    whole = sum(weights.values())
    return {option: weight / whole for option, weight in weights.items()}


def letter_share(logprobs: Mapping[str, float]) -> float:
    """p of the answer shown first, from the log-probabilities of the letters A and B."""
    return shares({letter: logprobs[letter] for letter in LETTERS})["A"]


def exclusive(logprobs: Mapping[str, float], tokens: Mapping[str, Sequence[int]]) -> dict[str, float]:
    """Log-probabilities of saying an option and not a longer one that begins with the same tokens.

    "1" is the beginning of "10" for a tokenizer that spells numbers out: what was summed for it holds the other's too.
    """
    found = {}
    for option, value in logprobs.items():
        own = list(tokens[option])
        longer = [
            other
            for other, ids in tokens.items()
            if len(ids) > len(own) and list(ids[: len(own)]) == own and other != option
        ]
        # Only the shortest ones: those that begin with one of them are counted in it.
        outer = [
            a
            for a in longer
            if not any(b != a and list(tokens[a][: len(tokens[b])]) == list(tokens[b]) for b in longer)
        ]
        rest = math.exp(value) - sum(math.exp(logprobs[other]) for other in outer)
        found[option] = math.log(rest) if rest > 0 else -math.inf
    return found


def in_true_order(value: float, order: int) -> float:
    """What was said of the answer shown first, as said of the first completion. Order 1 showed the second first."""
    return value if order == 0 else 1 - value


def soft_label(values: Iterable[float]) -> float:
    """The mean over the orders, each in true order already."""
    values = list(values)
    return sum(values) / len(values)


def side(value: float) -> int:
    """+1 for the first, -1 for the second, 0 for neither."""
    return (value > 0.5) - (value < 0.5)


def combined(values: Sequence[float], rule: str) -> int:
    """The verdict of all orders, in true order: +1, -1 or 0 for a tie."""
    if rule not in RULES:
        raise ValueError(f"no rule {rule!r}; there are {', '.join(RULES)}")
    if rule == "mean":
        return side(round(soft_label(values), 12))
    sides = {side(value) for value in values}
    return sides.pop() if len(sides) == 1 else 0


def clamped(value: float, low: float, high: float) -> float:
    """Constitutional AI clamps the labels of judges that think before they answer to [.4, .6]."""
    return min(max(value, low), high)


def logit(value: float) -> float:
    """Where the margin of a preference model fitted on this soft label comes to rest."""
    return math.log(value / (1 - value))


def weighted_rows(value: float) -> list[tuple[int, int, float]]:
    """A soft label as weighted pairs (chosen, rejected, weight), so that any pairwise loss takes it:

    p l(d) + (1 - p) l(-d) is the loss of the pair one way with weight p and the other way with weight 1 - p.
    """
    return [row for row in ((0, 1, value), (1, 0, 1 - value)) if row[2] > 0]
