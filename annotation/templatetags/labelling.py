"""The labelling page's own words and marks."""

import json
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.timesince import timesince

from annotation.queues import title_of
from annotation.selectors.labelling import LETTERS

register = template.Library()
WIDTH = 600


register.filter("queue_title", title_of)


@register.filter
def as_json(value) -> str:
    """For a data attribute; the template escapes it."""
    return json.dumps(value or {})


@register.filter
def letter(place: int) -> str:
    """The letter of a place that counts from 0."""
    return LETTERS[place]


@register.filter
def minutes(milliseconds: int | None) -> int:
    return round((milliseconds or 0) / 60_000)


@register.filter
def seconds(milliseconds: int | None) -> int:
    return round((milliseconds or 0) / 1000)


@register.filter
def tidy(seconds: float) -> str:
    """Seconds with one decimal where that is still a difference."""
    return f"{seconds:.1f}" if seconds < 10 else f"{seconds:.0f}"


@register.filter
def ago(moment: datetime) -> str:
    """How long ago in words, by its largest unit."""
    if timezone.now() - moment < timedelta(minutes=1):
        return "just now"
    return f"{timesince(moment, depth=1)} ago"


@register.simple_tag
def duration(milliseconds: int | None) -> str:
    """Hours and minutes, or seconds below a minute; units in quiet ink."""
    whole = round((milliseconds or 0) / 1000)
    if whole < 60:
        return format_html('{}<span class="unit">s</span>', whole)
    hours, rest = divmod(whole // 60, 60)
    if not hours:
        return format_html('{}<span class="unit">min</span>', rest)
    return format_html('{}<span class="unit">h</span> {}<span class="unit">min</span>', hours, rest)


@register.simple_tag
def label_address(project, queue: str = "label", change: str = "") -> str:
    """The labelling page of a queue; with `change`, opened on an answer given in the open sitting."""
    asked = ({"queue": queue} if queue != "label" else {}) | ({"change": change} if change else {})
    address = reverse("annotation:label", args=[project.slug])
    return f"{address}?{urlencode(asked)}" if asked else address


@register.inclusion_tag("components/ruler.html")
def ruler(marks: list[str], goal: int) -> dict:
    """Progress as ticks on a rule: what is done, what was put aside, where one is now. It grows beyond the goal."""
    count = max(goal, len(marks) + 1)
    ticks = []
    for place in range(count + 1):
        kind = "now" if place == len(marks) else "" if place > len(marks) else _mark(marks[place])
        tall = kind == "now" or place % 10 == 0
        top = 0 if kind == "now" else 7.6 if tall else 12.8
        ticks.append({"x": f"{place * WIDTH / count:.1f}", "y": top, "kind": kind})
    return {"ticks": ticks, "width": WIDTH}


def _mark(mark: str) -> str:
    return "put-aside" if mark == "aside" else "done"
