"""Colours: written in one file, readable in both themes."""

import re

import pytest

from tests.repo import tree

TOKENS = "static/css/tokens.css"
COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b|\b(?:rgba?|hsla?|oklch|oklab|lab|lch|hwb)\(", re.IGNORECASE)
# Text on ground, as the pages pair them.
GROUNDS = ("paper", "surface", "fill")
PAIRS = (
    [(ink, ground) for ink in ("ink", "ink-2", "ink-3", "accent", "ok", "warn", "bad") for ground in GROUNDS]
    + [(f"{side}-ink", ground) for side in "ab" for ground in (*GROUNDS, f"{side}-wash")]
    + [(state, f"{state}-wash") for state in ("ok", "warn", "bad")]
    + [
        ("ink", wash)
        for wash in ("accent-wash", "ok-wash", "warn-wash", "bad-wash", "a-wash", "b-wash", "a-mark", "b-mark")
    ]
    + [("on-accent", "accent-fill"), ("on-accent", "accent-hover"), ("accent", "accent-wash"), ("ink", "overlay")]
    + [("on-side", "a-fill"), ("on-side", "b-fill"), ("on-accent", "bad-fill")]
)


def test_colours_stand_in_one_file_only():
    found = []
    for name in tree.having(".css"):
        if name != TOKENS:
            rules = re.sub(r"/\*.*?\*/|url\([^)]*\)", "", tree.text(name), flags=re.DOTALL)
            for line in rules.splitlines():
                _, _, value = line.partition(":")
                found += [f"{name}: {line.strip()[:100]}" for _ in COLOUR.findall(value)]
    assert not found


def themes() -> dict[str, tuple[str, str]]:
    rows = re.findall(r"--([\w-]+):\s*light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)", tree.text(TOKENS))
    return {name: (light, dark) for name, light, dark in rows}


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_the_measure_itself():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)  # WCAG's well-known near miss


@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_is_readable_in_both_themes(text, ground):
    tokens = themes()
    for theme in (0, 1):
        assert contrast(tokens[text][theme], tokens[ground][theme]) >= 4.5, ("light", "dark")[theme]


@pytest.mark.parametrize("graphic", ["line-control", *(f"data-{n}" for n in range(1, 7)), "a", "b", "accent"])
def test_graphics_can_be_seen_in_both_themes(graphic):
    tokens = themes()
    for theme in (0, 1):
        for ground in ("paper", "surface"):
            assert contrast(tokens[graphic][theme], tokens[ground][theme]) >= 3
