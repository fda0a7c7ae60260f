"""Small figures as SVG whose numbers are attributes: bars, a line, an interval. No inline style anywhere."""

from django import template

register = template.Library()

WIDTH, HEIGHT = 140, 32


@register.inclusion_tag("components/spark_bars.html")
def spark_bars(values) -> dict:
    """Counts side by side, the last one marked as today's."""
    values = list(values)
    top = max([*values, 1])
    step = WIDTH / max(len(values), 1)
    bars = [
        {
            "x": round(place * step, 1),
            "width": round(step - 4, 1),
            "height": (height := round(max(HEIGHT * value / top, 1), 1)),
            "y": round(HEIGHT - height, 1),
            "today": place == len(values) - 1,
        }
        for place, value in enumerate(values)
    ]
    return {"bars": bars}


@register.inclusion_tag("components/spark_line.html")
def spark_line(values) -> dict:
    values = [float(value) for value in values]
    low, high = min(values, default=0), max(values, default=1)
    span = (high - low) or 1
    step = WIDTH / max(len(values) - 1, 1)
    points = [(round(place * step, 1), round(29 - 26 * (value - low) / span, 1)) for place, value in enumerate(values)]
    return {"points": " ".join(f"{x},{y}" for x, y in points), "last": points[-1] if points else None}


@register.inclusion_tag("components/interval_dot.html")
def interval_dot(value, low, high, truth=0.5, least=0.3, most=0.9) -> dict:
    """A dot with its whisker on a scale from `least` to `most`, and the line of truth."""

    def at(number: float) -> float:
        return round(4 + (WIDTH - 8) * (min(max(number, least), most) - least) / (most - least), 1)

    said = f"{value:.2f}" + (f", interval {low:.2f} to {high:.2f}" if low is not None else "")
    return {
        "value": at(value),
        "low": at(low) if low is not None else None,
        "high": at(high) if high is not None else None,
        "truth": at(truth),
        "said": said,
    }


@register.inclusion_tag("components/histogram.html")
def histogram(told: dict, label: str) -> dict:
    """Two counts a bin, side by side: chosen and rejected lengths of a card."""
    width, height = 480, 120
    chosen, rejected, edges = told["chosen"], told["rejected"], told["bins"]
    used = max((place for place, counts in enumerate(zip(chosen, rejected, strict=True)) if any(counts)), default=0)
    edges = edges[: max(used + 2, 6)]  # empty bins at the long end would only take the room of the others
    top = max([*chosen, *rejected, 1])
    step = width / len(edges)
    columns = []
    for place, edge in enumerate(edges):
        bars = [
            {
                "which": which,
                "count": count,
                "x": round(place * step + 2 + shift, 1),
                "y": round(height - height * count / top, 1),
                "width": round(step / 2 - 3, 1),
                "height": round(height * count / top, 1),
            }
            for which, count, shift in (("chosen", chosen[place], 0), ("rejected", rejected[place], step / 2 - 1))
        ]
        following = f"to {edges[place + 1] - 1:,}" if place + 1 < len(edges) else "and more"
        columns.append(
            {"bars": bars, "edge": f"{edge:,}", "words": f"{edge:,} {following}", "x": round(place * step + 2)}
        )
    return {"columns": columns, "label": label, "one": not any(rejected)}


@register.filter
def share_text(told: dict, digits: int = 0) -> str:
    """`69 % [67, 71]` of a share as a card holds it."""
    value = f"{100 * told['value']:.{digits}f} %"
    if told.get("low") is None:
        return value
    return f"{value} [{100 * told['low']:.{digits}f}, {100 * told['high']:.{digits}f}]"


@register.filter
def grouped(number):
    """1,234,567: digits in threes; nothing for nothing."""
    return "" if number in (None, "") else f"{number:,}"


@register.filter
def lookup(mapping: dict, key):
    """A value by a key that is a variable."""
    return mapping.get(key, "")
