"""`{{ text|prose }}`: somebody else's words, rendered and harmless."""

from django import template

from annotation.rendering import render

register = template.Library()


@register.filter(name="prose")
def prose(text: str):
    return render(text or "")
