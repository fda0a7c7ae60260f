"""What is wrong with a rater's answers, in words, each with its evidence. Pure.

A finding needs both: an interval that leaves out what everybody would show by chance, and a pull strong enough to
matter. Nothing is found in fewer than leanings.LEAST answers.
"""

from annotation.quality.leanings import Lean

STRONG = 0.15  # from one half
LITTLE = 0.65  # right on the better side: below it more than two thirds of what is said is noise
OFTEN = 0.3
TITLES = {
    "position": "Prefers a side",
    "length": "Prefers length",
    "format": "Prefers formatting",
    "random": "Hardly better than chance",
    "fast": "Faster than reading",
    "gold": "Misses known answers",
    "repeats": "Contradicts themselves",
}


def findings(told: dict, crowd: dict[str, dict]) -> list[dict]:
    """[{kind, title, text}] of a rater's figures, against the pulls of everybody together; worst first."""
    found = []

    def find(kind: str, text: str) -> None:
        found.append({"kind": kind, "title": TITLES[kind], "text": text})

    position = _lean(told, "position")
    if position.beyond(STRONG):
        side = "left" if position.value > 0.5 else "right"
        find("position", f"Takes the {side} one {_both(position, side == 'left')} of the time when all else is even.")
    for name, more, less in (("length", "longer", "shorter"), ("format", "more formatted", "plainer")):
        lean, usual = _lean(told, name), crowd[name]["value"]
        if lean.beyond(STRONG) and (usual is None or not lean.low <= usual <= lean.high):
            which = more if lean.value > 0.5 else less
            times = "twice as long" if name == "length" else "twice as formatted"
            find(
                name,
                f"Of two that others find equally good, one {times} as the other, takes the {which} one "
                f"{_both(lean, lean.value > 0.5)} of the time"
                + (f"; everybody together {_percent(usual if lean.value > 0.5 else 1 - usual)}." if usual else "."),
            )
    reliability = told.get("reliability") or {"right": None}
    if reliability["right"] is not None and reliability["high"] < LITTLE:
        find(
            "random",
            f"On the better side {_percent(reliability['right'])} of the time "
            f"[{_number(reliability['low'])}, {_number(reliability['high'])}]; a coin is at 50 %.",
        )
    fast = told["fast"]
    if fast["value"] is not None and fast["low"] > OFTEN:
        find("fast", f"{_percent(fast['value'])} of the answers came sooner than the pair can be read.")
    for kind, words in (("gold", "known answers met"), ("repeats", "repeated questions answered as before")):
        share = told[kind]
        if share["value"] is not None and share["high"] < 0.75:
            find(
                kind,
                f"{_percent(share['value'])} of {share['n']} {words} "
                f"[{_number(share['low'])}, {_number(share['high'])}].",
            )
    return found


def _lean(told: dict, name: str) -> Lean:
    return Lean(**told["leanings"][name])


def _both(lean: Lean, up: bool) -> str:
    """The chance and its interval, from the side that was taken."""
    value, low, high = (lean.value, lean.low, lean.high) if up else (1 - lean.value, 1 - lean.high, 1 - lean.low)
    return f"{_percent(value)} [{_number(low)}, {_number(high)}]"


def _percent(value: float) -> str:
    return f"{100 * value:.0f} %"


def _number(value: float) -> str:
    return f"{100 * value:.0f}"
