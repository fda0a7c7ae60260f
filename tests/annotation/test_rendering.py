"""Rendering: what reads well, and what must do nothing."""

import time
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotation import formulas
from annotation.rendering import PLAIN_ABOVE, render

HARMLESS_TAGS = {
    *("p", "br", "hr", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "em", "strong", "s", "code", "pre"),
    *("a", "div", "table", "thead", "tbody", "tr", "th", "td"),
    *formulas.TAGS,
}
FORMULA_ATTRIBUTES = {
    *("display", "stretchy", "fence", "form", "accent", "displaystyle", "scriptlevel", "mathvariant", "width"),
}
HARMLESS_ATTRIBUTES = {"href", "rel", "target", "tabindex", "start", "class", "data-plain"}


class Walk(HTMLParser):
    """Every tag and attribute that a browser would see."""

    def __init__(self, html: str):
        super().__init__()
        self.seen: list[tuple[str, dict]] = []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.seen.append((tag, dict(attributes)))


def assert_harmless(html: str):
    for tag, attributes in Walk(html).seen:
        assert tag in HARMLESS_TAGS, html
        assert set(attributes) <= (FORMULA_ATTRIBUTES if tag in formulas.TAGS else HARMLESS_ATTRIBUTES), html
        if tag == "a":
            assert attributes.get("href", "https:").lower().startswith(("http:", "https:", "mailto:")), html
            assert attributes["rel"] == "noopener noreferrer nofollow"
        if "class" in attributes:
            assert attributes["class"] in {"scroll-x", ""}


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("one\ntwo", "<p>one<br>\ntwo</p>\n"),
        ("**bold** *it* ~~no~~ `x<y`", "<p><strong>bold</strong> <em>it</em> <s>no</s> <code>x&lt;y</code></p>\n"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n"),
        ("3. a", '<ol start="3">\n<li>a</li>\n</ol>\n'),
        ("```python\nx = 1\n```", '<pre tabindex="0"><code>x = 1\n</code></pre>\n'),
        ("> said", "<blockquote>\n<p>said</p>\n</blockquote>\n"),
        ("5 < 6 & 7 > 2", "<p>5 &lt; 6 &amp; 7 &gt; 2</p>\n"),
    ],
)
def test_markdown(text, html):
    assert render(text) == html


def test_tables_scroll_on_their_own():
    html = render("| a | b |\n|---|---|\n| 1 | 2 |")
    assert html.startswith('<div class="scroll-x" tabindex="0"><table>')
    assert "<td>2</td>" in html


def test_links_open_elsewhere_and_say_nothing_of_us():
    html = render("[site](https://example.org/a?b=1)")
    assert 'href="https://example.org/a?b=1"' in html
    assert 'rel="noopener noreferrer nofollow"' in html
    assert 'target="_blank"' in html


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("# a\n## b\n# c", ["h3", "h4", "h3"]),
        ("### a\n##### b", ["h3", "h4"]),
        ("###### a", ["h3"]),
        ("# a\n## b\n### c\n#### d\n##### e", ["h3", "h4", "h5", "h6", "h6"]),
    ],
)
def test_headings_stay_below_the_pages_own_and_skip_no_level(text, levels):
    assert [tag for tag, _ in Walk(render(text)).seen] == levels


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("![a cat](https://spy.example/x.png)", "[image: a cat]"),
        ("![](https://spy.example/x.png)", "[image]"),
        ("![<img onerror=x>](x)", "[image: &lt;img onerror=x&gt;]"),
        ("![a][1]\n\n[1]: https://spy.example/y.png", "[image: a]"),
    ],
)
def test_no_image_is_loaded(text, shown):
    html = render(text)
    assert shown in html
    assert "spy.example" not in html
    assert "<img" not in html


HOSTILE = [
    r"$\text{<img src=x onerror=alert(1)>}$",
    r"$\text{</mtext></math><script>alert(1)</script>}$",
    r"$\href{javascript:alert(1)}{x}$ $\style{position:fixed}{x}$ $\class{dock}{x}$ $\id{vote}{x}$",
    r"\[ \unicode{x3C}script\unicode{x3E} \]",
    "$$ <math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)> $$",
    r"\begin{align} \color{red\" onclick=alert(1)} x \end{align}",
    r"\( \hspace{3em\" style=\"x} \mathchoice{<a href=//evil>}{}{}{} \)",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    "<style>*{display:none}</style>",
    '<a href="javascript:alert(1)">x</a>',
    '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
    "<form action=//evil><input name=csrfmiddlewaretoken autofocus onfocus=alert(1)>",
    "<base href=//evil/>",
    "<meta http-equiv=refresh content='0;url=//evil'>",
    "<div hx-get=/accounts/logout/ hx-trigger=load>x</div>",
    "</div></section></main><h1>Fake page</h1>",
    '<p id="vote" data-act="undo" popover class="dock">x</p>',
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](vbscript:msgbox(1))",
    "[x](//evil.example/same-scheme)",
    "[x](/accounts/logout/)",
    '[x](https://ok "onmouseover=alert(1)")',
    "[x](<https://ok\" onclick='alert(1)'>)",
    "<javascript:alert(1)>",
    "<https://ok/\"onmouseover=alert(1)>",
    "```\"><script>alert(1)</script>\nx\n```",
    "```x onload=alert(1)\ny\n```",
    "`</code><script>alert(1)</script>`",
    "| <script>alert(1)</script> |\n|---|\n| <img src=x onerror=alert(1)> |",
    "<!--><script>alert(1)</script>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
    "{{ 7|add:7 }}{% debug %}${7*7}",
    "\x00<scr\x00ipt>alert(1)</script>",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_only_text(text):
    html = render(text)
    assert_harmless(html)
    assert "onerror=" not in html.replace("onerror=alert(1)&gt;", "").replace("onerror=x&gt;", "")


def test_relative_addresses_are_not_links():
    assert "href" not in render("[x](/accounts/logout/)")
    assert "href" not in render("[x](//evil.example)")


def test_direction_overrides_are_shown_not_obeyed():
    html = render("access = 'user\u202e ⁦// check'")
    assert "\u202e" not in html
    assert "[U+202E]" in html


def test_right_to_left_text_stays_itself():
    assert "שלום\u200f עולם" in render("שלום\u200f עולם")


def test_huge_text_is_shown_whole_and_plain():
    text = "<b>x</b> " * (PLAIN_ABOVE // 8)
    html = render(text)
    assert html.count("&lt;b&gt;") == text.count("<b>")
    assert_harmless(html)


@pytest.mark.parametrize(
    "unit", ["[", "![", "*", "**a ", "`", "<", "> ", "- ", "[a](", "|", "&", "\\", "_a", "[x][", "a\n|-|\n|"]
)
def test_no_text_takes_long(unit):
    text = (unit * PLAIN_ABOVE)[:PLAIN_ABOVE]
    began = time.process_time()
    assert_harmless(render(text))
    assert time.process_time() - began < 4


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["<", ">", '"', "'", "script", "img", " onerror=", "](", "[", "!", "`", "```\n", "\n", "|", "-", "\t",
             "javascript:", "data:", "&#", ";", "x", "\\", "<!--", "-->", "\x00", "https://a", ")"]
        ),
        max_size=40,
    ).map("".join)
)  # fmt: skip
def test_no_mixture_of_markup_is_harmful(text):
    assert_harmless(render(text))
