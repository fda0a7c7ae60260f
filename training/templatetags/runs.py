"""How templates say states, durations, sizes and values (training/words.py)."""

import json

from django import template
from django.utils.html import format_html

from training import catalogue, words
from training.states import RunState

register = template.Library()


@register.inclusion_tag("training/pill.html")
def pill(run) -> dict:
    """The state of a run: icon, word, colour."""
    colour, icon, word = words.PILLS[RunState(run.state)]
    return {"colour": colour, "icon": icon, "word": word}


@register.filter
def duration(seconds) -> str:
    return words.duration(seconds)


@register.filter
def short(value) -> str:
    return words.short(value)


@register.filter
def size(count) -> str:
    """Bytes, the unit in quiet ink."""
    number, unit = words.size(count)
    return format_html('{}<span class="unit">{}</span>', number, unit)


@register.filter
def scaled(value) -> str:
    number, prefix = words.scaled(value)
    return format_html('{}<span class="unit">{}</span>', number, prefix) if prefix else number


@register.filter
def jsonattr(value) -> str:
    """JSON for a data attribute; the template escapes it."""
    return json.dumps(value)


@register.filter
def percent(share) -> str:
    return format_html('{}<span class="unit">%</span>', f"{100 * (share or 0):.1f}")


@register.filter
def optgroups(widget, field):
    """The options of a select, grouped, so that templates write them without the widget's own markup."""
    value = field.value()
    chosen = [str(getattr(value, "pk", value))] if value is not None else [""]
    return widget.optgroups(field.html_name, chosen)


@register.filter
def visible(text: str) -> str:
    """A token with its white space shown."""
    return text.replace("\n", "⏎").replace("\t", "⇥").replace(" ", "·") or "∅"


@register.filter
def lookup(mapping, key):
    return mapping.get(key) if mapping else None


@register.filter
def method_title(name: str) -> str:
    entry = catalogue.method(name)
    return entry["title"] if entry else name


@register.filter
def failure(run) -> str:
    """What a failed run failed on, and where."""
    said = words.FAILURES.get(run.error_kind, "The run failed")
    return f"{said}, at step {run.step:,}" if run.step else said
