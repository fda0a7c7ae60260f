"""LaTeX in texts: read as MathML where it reads, shown as it was written where it does not, never anything else."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotation.formulas import mathml
from annotation.rendering import render
from tests.annotation.test_rendering import assert_harmless

LATEX = st.text(alphabet="$\\{}[]()^_&<>\"'ab1 \n=-+|", max_size=60)
COMMANDS = ["\\frac", "\\text", "\\href", "\\style", "\\begin{align}", "\\end{align}", "\\left", "\\right", "$", "$$"]


@pytest.mark.parametrize(
    ("text", "has"),
    [
        ("Let $x^2$ be", "<msup><mi>x</mi><mn>2</mn></msup>"),
        (r"so \(a+b\).", "<mi>a</mi><mo>+</mo><mi>b</mi>"),
        ("$$\nx\n= y\n- 3\n$$", '<math display="block">'),
        (r"\[ \frac{a}{b} \]", "<mfrac>"),
        (r"\begin{align} a &= b \\ c &= d \end{align}", "<mtr>"),
        (r"$$\begin{aligned} a &= b \\ c &= d \end{aligned}$$", "<mtr>"),
        (r"\begin{equation} a = b \end{equation}", '<math display="block">'),
        (r"> $$x^2$$", "<blockquote>\n<math"),
        (r"- \(x\)", "<li><math"),
        ("| a |\n|---|\n| $x^2$ |", "<td><math"),
        ("$n$ and $f(x)$ and $12$", "<mn>12</mn>"),
    ],
)
def test_formulas_are_read(text, has):
    html = render(text)
    assert has in html
    assert "$" not in html
    assert_harmless(html)


@pytest.mark.parametrize(
    "text",
    ["$5 and $10", "It costs $5, or 10$ more", r"\$5\$", "US$ 3", "$", "$$", r"$\frac{a$", r"$\foo{x}$", r"$\left( x$",
     "$ x $",
     "`$x^2$`", "```\n$$x^2$$\n```", r"\(", r"\[ x", "$$\nx\n\ny", "$" + "x^" * 1500 + "1$", "$" + "{" * 900 + "=$"],
)  # fmt: skip
def test_what_is_no_formula_is_text(text):
    html = render(text)
    assert "<math" not in html
    assert_harmless(html)


def test_a_broken_formula_is_shown_as_it_was_written():
    assert render(r"See $\frac{a$.") == "<p>See $\\frac{a$.</p>\n"
    assert render("\\[\n\\foo <b>\n\\]") == "<p>\\[\n\\foo &lt;b&gt;\n\\]</p>\n"


def test_a_long_formula_scrolls_in_its_own_box():
    assert render("$$" + "x + " * 30 + "1$$").startswith('<div class="scroll-x" tabindex="0"><math display="block">')


def test_nothing_of_the_sites_own_comes_out_of_a_formula():
    assert mathml(r"\style{a}{x}\class{b}{y}\href{https://x}{z}\color{red}w", display=False) == (
        '<math display="inline"><mrow><mrow><mi>x</mi></mrow><mrow><mi>y</mi></mrow>'
        "<mrow><mrow><mi>z</mi></mrow></mrow>"
        "<mstyle><mi>w</mi></mstyle></mrow></math>"
    )


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(LATEX, st.sampled_from(COMMANDS)), max_size=8).map("".join))
def test_whatever_is_written_is_harmless(text):
    assert_harmless(render(text))
    assert_harmless(render(f"${text}$"))


def test_a_text_full_of_beginnings_is_quick():
    for text in ("$" * 50_000, "\\begin{align}\n" * 4_000, "\\[ " * 15_000, "$x^" * 15_000, "$$\n" * 15_000):
        begin = time.perf_counter()
        render(text)
        assert time.perf_counter() - begin < 5


@pytest.mark.parametrize("text", ["12.", "12)", "-", "*", "7."])
def test_a_list_that_is_nothing_but_its_marker_is_text(text):
    assert render(text) == f"<p>{text}</p>\n"


def test_other_lists_stay_lists():
    assert render("1. a\n2. b").startswith("<ol>")
    assert render("12. a") == '<ol start="12">\n<li>a</li>\n</ol>\n'
    assert render("- a\n-") == "<ul>\n<li>a</li>\n<li></li>\n</ul>\n"
