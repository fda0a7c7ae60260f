"""Templates under a strict policy: nothing inline, nothing evaluated, nothing from elsewhere, nothing unescaped."""

import re

import pytest

from tests.repo import tree

FORBIDDEN = {
    "an inline script": r"<script(?![^>]*\bsrc=)[^>]*>(?!\s*</script>)",
    "an inline style": r"<style[\s>]|\sstyle\s*=",
    "an event handler": r"<[a-z][^>]*\son[a-z]+\s*=",
    "an address of another host": r"(?:src|href|action)\s*=\s*[\"'](?:https?:)?//",
    "htmx that evaluates": r"hx-on|hx-vals\s*=\s*[\"']js:|hx-vars|hx-trigger\s*=\s*[\"'][^\"']*\[",
    "javascript: in an address": r"javascript:",
    "text that is not escaped": r"\|\s*safe\b|\{%\s*autoescape\s+off|\|\s*safeseq",
}
ALLOWED = {"inline data": re.compile(r'<script[^>]*type="application/json"')}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_template_holds(what):
    pattern = re.compile(FORBIDDEN[what], re.IGNORECASE)
    found = [
        f"{name}: {match.group()[:80]}"
        for name in tree.having(".html")
        for match in pattern.finditer(tree.text(name))
        if not ALLOWED["inline data"].match(match.group())
    ]
    assert not found


def test_no_code_marks_text_as_safe_but_the_sanitiser():
    """`mark_safe` and `format_html` of a format that is not a literal are where scripts get in."""
    pattern = re.compile(r"\bmark_safe\(|\bSafeString\(|\bsafestring\b")
    found = [name for name in tree.having(".py") if name.split("/")[0] in tree.APPS and pattern.search(tree.text(name))]
    assert set(found) <= SANITISERS, found


SANITISERS = {
    "annotation/rendering.py",  # markdown through an allow-list
    "annotation/templatetags/prose.py",
    "evaluation/rendering.py",
}


def test_scripts_evaluate_nothing():
    pattern = re.compile(r"\beval\(|new Function\(|\.innerHTML\s*=|\.outerHTML\s*=|insertAdjacentHTML|document\.write")
    found = [
        f"{name}: {match.group()}"
        for name in tree.having(".js")
        if not name.startswith("static/vendor/")
        for match in pattern.finditer(tree.text(name))
    ]
    assert not found
