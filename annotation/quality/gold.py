"""Whether an answer is the one that a gold item expects. Pure."""

from collections.abc import Mapping


def met(expected, strength: int | None, value: dict) -> bool:
    """True if everything that `expected` names was said, in true order.

    Of a pair only the side counts, however strongly: `{"preferred": 0}` the first, `{"preferred": null}` a tie, or any
    `{"strength": …}` of that side.
    """
    if not isinstance(expected, Mapping):
        return expected == value.get("label", value.get("rating", strength))
    if strength is not None and ("preferred" in expected or "strength" in expected):
        return _sign(strength) == _expected_sign(expected)
    return all(value.get(name) == wanted for name, wanted in expected.items())


def _expected_sign(expected: Mapping) -> int:
    if "preferred" in expected:
        return {0: 1, 1: -1}.get(expected["preferred"], 0)
    return _sign(expected["strength"] or 0)


def _sign(strength: int) -> int:
    return (strength > 0) - (strength < 0)
