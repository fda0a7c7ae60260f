"""Marks in rendered answers keep the HTML whole and its text as it was."""

from html import unescape

import nh3
from hypothesis import given
from hypothesis import strategies as st

from evaluation.marking import marked


def both(first, second):
    return marked([("a", first), ("b", second)])


def test_words_of_one_side_are_marked():
    left, right = both("<p>Put the lid on loosely.</p>", "<p>Put the lid on tightly.</p>")
    assert left == '<p>Put the lid on <mark data-side="a">loosely</mark>.</p>'
    assert right == '<p>Put the lid on <mark data-side="b">tightly</mark>.</p>'


def test_a_mark_never_reaches_over_a_tag():
    left, _ = both("<p>one <strong>two three</strong> four</p><ul><li>five</li></ul>", "<p>other</p>")
    assert left == (
        '<p><mark data-side="a">one</mark> <strong><mark data-side="a">two three</mark></strong>'
        ' <mark data-side="a">four</mark></p><ul><li><mark data-side="a">five</mark></li></ul>'
    )


def test_text_stays_escaped_and_attributes_untouched():
    html = '<p><a href="https://example.org/?a=1&amp;b=2" rel="nofollow">a &lt;script&gt; here</a></p>'
    left, right = both(html, "<p>plain</p>")
    assert '<a href="https://example.org/?a=1&amp;b=2" rel="nofollow">' in left
    assert "<script" not in left
    assert "&lt;script&gt;" in left
    assert right == '<p><mark data-side="b">plain</mark></p>'


TAGS = st.sampled_from(["p", "em", "strong", "li", "code"])
HTML = st.lists(st.tuples(TAGS, st.text(max_size=30)), max_size=6).map(
    lambda parts: nh3.clean("".join(f"<{tag}>{text}</{tag}>" for tag, text in parts))
)


@given(HTML, HTML)
def test_without_the_marks_it_is_what_it_was(first, second):
    for before, after in zip((first, second), both(first, second), strict=True):
        bare = after.replace('<mark data-side="a">', "").replace('<mark data-side="b">', "").replace("</mark>", "")
        assert unescape(bare).replace("\xa0", " ") == unescape(before).replace("\xa0", " ")


def test_an_empty_side_is_nothing_to_mark():
    assert both("", "<p>all</p>") == ["", '<p><mark data-side="b">all</mark></p>']
