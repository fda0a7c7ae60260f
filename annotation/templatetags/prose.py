"""`{{ text|prose }}`: somebody else's words, rendered and harmless."""

from django import template
from django.utils.safestring import mark_safe

from annotation.rendering import render

register = template.Library()


@register.filter(name="prose")
def prose(text: str):
    return mark_safe(render(text or ""))  # noqa: S308 (the sanitiser's own output)
