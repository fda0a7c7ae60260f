"""How figures of a comparison are written: percentages, Elo points, places in a plot."""

from django import template

register = template.Library()
MINUS = "\N{MINUS SIGN}"


@register.filter
def x(axis, value) -> str:
    """The pixel of `value` on `axis`."""
    return f"{axis.x(float(value)):.1f}"


@register.filter
def percent(share) -> str:
    """0.583 as “58”; the sign follows in quiet ink."""
    return "–" if share is None else f"{100 * share:.0f}"


@register.filter
def hundredfold(share) -> float:
    return 100 * share


@register.filter
def points(value) -> str:
    """Elo points with their sign, 0 without."""
    number = round(value)
    return f"{MINUS}{-number}" if number < 0 else f"+{number}" if number else "0"


@register.filter
def plain_points(value) -> str:
    number = round(value)
    return f"{MINUS}{-number}" if number < 0 else str(number)


@register.filter
def side_of(rate) -> str:
    """The side an interval that leaves out one half has decided for, else nothing."""
    return ("a" if rate.rate > 0.5 else "b") if rate.decided else ""


@register.filter
def at(mapping, key):
    """`mapping[key]`, for templates."""
    return mapping.get(key)


@register.filter
def score(value) -> str:
    return "–" if value is None else f"{value:.2f}".replace("-", MINUS)


@register.filter
def pair(rows, name):
    """The value beside `name` in (name, value) rows, None if it is not there."""
    return dict(rows).get(name)
