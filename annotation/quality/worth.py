"""What the data is worth, at a glance: a report's figures in a few sentences. Pure."""

from math import ceil

from annotation.quality.findings import TITLES
from annotation.quality.report import LEAST_SHARED

GOAL = 0.1  # half the width of an interval that is narrow enough to decide by
_BANDS = (
    (0.8, "ok", "People agree closely", "Differences between runs can be read off this data."),
    (0.6, "ok", "People agree well", "This is more than most published preference data reaches."),
    (0.4, "", "People agree about as far as preferences go", "The rest is taste; several voices on a pair help."),
    (0.2, "warn", "People agree little", "Read the items on which they are furthest apart, then mend the guide."),
    (-2.0, "bad", "People hardly agree", "It is little more than chance: training on it would learn noise."),
)  # fmt: skip


def main_agreement(body: dict) -> dict | None:
    """The figure that stands for all: the first, which is the graded answer's where there is one."""
    return next(iter(body.get("agreement", ())), None)


def more_needed(figure: dict | None) -> int:
    """How many more items judged by several people until the figure means something; 0 where it does."""
    return max(0, LEAST_SHARED - (figure["units"] if figure else 0))


def narrower(figure: dict) -> int:
    """About how many more such items until the interval is within GOAL to each side; 0 where it is."""
    if figure["value"] is None or figure["low"] is None:
        return 0
    half = (figure["high"] - figure["low"]) / 2
    return max(0, _rounded(figure["units"] * ((half / GOAL) ** 2 - 1)))


def _rounded(number: float) -> int:
    """Two digits: nobody knows it better."""
    if number <= 0:
        return 0
    step = 10 ** max(0, len(str(int(number))) - 2)
    return ceil(number / step) * step


def worth(body: dict) -> list[dict]:
    """[{state, title, text}]: agreement, one voice and three, pulls of everybody, faults of some."""
    found: list[dict] = []

    def say(title: str, text: str, state: str = "") -> None:
        found.append({"title": title, "text": text, "state": state})

    _agreement(body, say)
    if (single := body.get("single")) is not None:
        three = single**3 + 3 * single**2 * (1 - single)
        say(
            f"One answer takes the better side {100 * single:.0f} % of the time",
            f"As far as everybody together tells; the majority of three such answers would {100 * three:.0f} %.",
        )
    for name, more, less in (("left", "left", "right"), ("longer", "longer", "shorter")):
        _pull(name, more, less, body.get(name) or {"value": None}, say)
    if body.get("found"):
        kinds = ", ".join(f"{TITLES[kind].lower()} ({count})" for kind, count in body["findings"].items())
        say(
            f"{body['found']} of {body['raters']} raters show a fault",
            f"{kinds[0].upper()}{kinds[1:]}. Reliability weights keep such answers from counting in a snapshot.",
            "warn",
        )
    return found


def _agreement(body: dict, say) -> None:
    figure = main_agreement(body)
    if missing := more_needed(figure):
        say(
            f"About {missing} more before agreement means anything",
            f"{figure['units'] if figure else 0} items were judged by several people; from {LEAST_SHARED} on, how far "
            "they agree is told. Ask for two people or more on each item.",
            "warn",
        )
    elif figure["value"] is None:
        say("Everybody always says the same", "Where nothing differs, agreement is not defined.", "warn")
    else:
        state, title, text = next(row[1:] for row in _BANDS if figure["value"] >= row[0])
        if more := narrower(figure):
            text += f" About {more:,} more items judged by several would bring the interval to ±{GOAL}."
        say(title, text, state)


def _pull(name: str, more: str, less: str, share: dict, say) -> None:
    if share["value"] is None or share["low"] is None or share["low"] <= 0.5 <= share["high"]:
        return
    which, value = (more, share["value"]) if share["value"] > 0.5 else (less, 1 - share["value"])
    if value < 0.55:
        return
    text = (
        "Sides are drawn and balanced, so this comes from people and not from the answers."
        if name == "left"
        else f"A model that only measures length would be right as often. It is over {share['n']:,} decided pairs."
    )
    say(f"The {which} answer wins {100 * value:.0f} % of the time", text, "warn" if value >= 0.6 else "")
