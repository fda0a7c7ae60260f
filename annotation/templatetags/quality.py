"""How figures of quality are written: a value, its interval in quiet ink, what it is over; and where people stand."""

from datetime import date

from django import template
from django.utils.html import format_html

from annotation.interfaces import INTERFACES
from annotation.quality.report import LEAST_SHARED
from annotation.shares import LEAST

register = template.Library()
MINUS = "\N{MINUS SIGN}"
WIDTH, HEIGHT, PAD = 420, 140, 30
_STEPS = {
    1: [""],
    2: ["slightly ", "clearly "],
    3: ["slightly ", "", "much "],
    4: ["barely ", "slightly ", "", "much "],
}


@register.filter
def percent(value) -> str:
    return "–" if value is None else f"{100 * value:.0f}"


@register.simple_tag
def in_percent(told: dict | None, least: int = LEAST):
    """`53 % [49, 57]`, or how many there are of how many are needed."""
    if not told or told.get("value") is None:
        return _not_yet(told.get("n", 0) if told else 0, least)
    value = format_html('{}<span class="unit">%</span>', percent(told["value"]))
    if told.get("low") is None:
        return value
    return format_html('{} <span class="ci">[{}, {}]</span>', value, percent(told["low"]), percent(told["high"]))


@register.simple_tag
def coefficient(told: dict | None, least: int = LEAST_SHARED):
    """`0.58 [0.53, 0.63]`, or what is missing."""
    if not told or told.get("value") is None:
        if told and told.get("units", 0) >= least:
            return format_html('<span class="muted">not defined</span>')
        return _not_yet(told.get("units", 0) if told else 0, least)
    value = decimal(told["value"])
    if told.get("low") is None:
        return value
    return format_html('{} <span class="ci">[{}, {}]</span>', value, decimal(told["low"]), decimal(told["high"]))


@register.filter
def decimal(value) -> str:
    return "–" if value is None else f"{value:.2f}".replace("-", MINUS)


def _not_yet(n: int, least: int):
    return format_html('<span class="muted">{}</span>', f"{n} of {least}" if n else "–")


@register.inclusion_tag("annotation/quality/week_plot.html")
def week_plot(weeks: list[dict]) -> dict:
    """Agreement by week: dots with whiskers from -0.2 to 1, a line through those that are shown."""
    low, high, room = -0.2, 1.0, WIDTH - 2 * PAD
    step = room / max(len(weeks) - 1, 1)

    def y(value: float) -> float:
        return round(10 + (HEIGHT - 36) * (1 - (min(max(value, low), high) - low) / (high - low)), 1)

    dots = []
    for place, row in enumerate(weeks):
        told = row["alpha"]
        x = round(PAD + (place * step if len(weeks) > 1 else room / 2), 1)
        day = date.fromisoformat(row["week"])
        dot = {"x": x, "week": f"{day.day} {day:%b}", "label": place % max(1, len(weeks) // 8) == 0, "told": told}
        if told["value"] is not None:
            dot["y"] = y(told["value"])
            if told["low"] is not None:
                dot |= {"top": y(told["high"]), "foot": y(told["low"])}
        dots.append(dot)
    shown = [dot for dot in dots if "y" in dot]
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "left": PAD,
        "right": WIDTH - PAD,
        "floor": HEIGHT - 8,
        "ticks": [(y(value), text) for value, text in ((0.0, "0"), (0.5, "0.5"), (1.0, "1"))],
        "dots": dots,
        "line": " ".join(f"{dot['x']},{dot['y']}" for dot in shown),
        "said": f"Agreement in {len(shown)} of {len(weeks)} weeks, the figures are in the table below",
    }


@register.inclusion_tag("annotation/quality/stand_plot.html")
def stand_plot(voices) -> dict | None:
    """Where everybody stands on one pair: first much better on the left, second on the right."""
    graded = [voice for voice in voices if voice.strength is not None and voice.scale]
    if not graded:
        return {"dots": []}
    reach = max(voice.scale // 2 for voice in graded)
    stacked: dict[float, int] = {}
    dots = []
    for voice in graded:
        place = round(-voice.strength / max(1, voice.scale // 2) * reach)
        x = round(160 + 140 * place / reach, 1)
        level = stacked[x] = stacked.get(x, -1) + 1
        side = "a" if voice.strength > 0 else "b" if voice.strength < 0 else ""
        dots.append({"x": x, "y": 30 - 11 * level, "side": side})
    said = ", ".join(f"{voice.who}: {verdict(voice)}" for voice in graded)
    return {"dots": dots, "said": said, "ticks": [round(160 + 140 * n / reach, 1) for n in range(-reach, reach + 1)]}


@register.filter
def verdict(judgment) -> str:
    """What a judgment says, in true order, in words."""
    if judgment.outcome != "answer":
        reason = f" ({judgment.reason})" if judgment.reason else ""
        return {"both_bad": "Both bad", "skip": "Skipped", "broken": "Flagged"}.get(judgment.outcome, "") + reason
    if judgment.strength is None:
        return _other(judgment)
    if not judgment.strength:
        return "Tie"
    which = "First" if judgment.strength > 0 else "Second"
    steps = _STEPS.get((judgment.scale or 2) // 2, _STEPS[1])
    return f"{which} is {steps[min(abs(judgment.strength), len(steps)) - 1]}better"


def _other(judgment) -> str:
    """In the interface's own words, with A for the first in true order."""
    way, value = INTERFACES.get(judgment.item.interface), judgment.value or {}
    try:
        return way.sentence("answer", way.shown_value(value, range(len(judgment.shown_order) or 1)))
    except (AttributeError, KeyError, IndexError, TypeError, ValueError):  # imported values need not be whole
        return "Answered"


@register.inclusion_tag("annotation/quality/spread.html")
def spread_plot(told: dict, truth: float, least: float = 0, most: float = 1) -> dict:
    """A dot with its whisker on a scale from `least` to `most`, and the line of truth; wide enough for a narrow one."""

    def at(number: float | None) -> float | None:
        return None if number is None else round(6 + 308 * (min(max(number, least), most) - least) / (most - least), 1)

    low, high = told.get("low"), told.get("high")
    said = decimal(told["value"]) + (f", interval {decimal(low)} to {decimal(high)}" if low is not None else "")
    return {"value": at(told["value"]), "low": at(low), "high": at(high), "truth": at(truth), "said": said}
