"""Other people's and models' words as harmless HTML: markdown, code, formulas, nothing that acts or loads. Pure.

Two walls. markdown-it makes only its own tags, since raw HTML is off; nh3 then lets through an allow-list, in case the
first wall has a hole. No image is ever loaded (it would tell its host who reads what): its description is shown in
its place. Characters that reverse the direction of writing are shown as their names.
"""

import re
from functools import lru_cache
from html import escape

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

from annotation import formulas

PLAIN_ABOVE = 60_000  # characters; longer text is shown whole, but as it stands
TOP_HEADING = 3  # a page's own headings end at h2

_TAGS = {
    *("p", "br", "hr", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "em", "strong", "s", "code", "pre"),
    *("a", "div", "table", "thead", "tbody", "tr", "th", "td"),
    *formulas.TAGS,
}
_ABROAD = re.compile("(https?://|mailto:)", re.IGNORECASE)
# Overrides make "evil" read "live" and can make code read as what it is not.
_OVERRIDES = re.compile("[\u202d\u202e]")
# Control characters a browser drops or shows as boxes; tab, newline and return stay.
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def _image(_self, tokens: list[Token], index: int, _options, _env) -> str:
    words = tokens[index].content.strip()
    return escape(f"[image: {words}]" if words else "[image]")


def _attribute(_tag: str, name: str, value: str) -> str | None:
    """Titles and languages go; links lead abroad or nowhere, never to a page of ours."""
    if name in ("title", "lang") or (name == "href" and not _ABROAD.match(value)):
        return None
    return value


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True, "linkify": False, "maxNesting": 20})
    parser.enable(["table", "strikethrough"])
    formulas.formulas(parser)
    parser.add_render_rule("image", _image)
    parser.add_render_rule("table_open", lambda *_: '<div class="scroll-x"><table>')
    parser.add_render_rule("table_close", lambda *_: "</table></div>")
    return parser


_markdown = _parser()


def _level_headings(tokens: list[Token]) -> None:
    """Headings start below the page's own and never skip a level, whatever the text does."""
    headings = [token for token in tokens if token.type in ("heading_open", "heading_close")]
    least = min((int(token.tag[1]) for token in headings), default=1)
    before = TOP_HEADING - 1
    for token in headings:
        if token.type == "heading_open":
            before = min(before + 1, TOP_HEADING + int(token.tag[1]) - least, 6)
        token.tag = f"h{before}"


_BARE = ["list_item_open", "list_item_close"]
_LISTS = ("ordered_list_open", "bullet_list_open")


def _keep_bare_markers(tokens: list[Token]) -> list[Token]:
    """A list that is nothing but its marker is no list: the reply “12.” says twelve."""
    kept, at = [], 0
    while at < len(tokens):
        types = [token.type for token in tokens[at + 1 : at + 3]]
        if tokens[at].type in _LISTS and types == _BARE and tokens[at + 3].nesting == -1:
            words = Token("text", "", 0, content=f"{tokens[at + 1].info}{tokens[at + 1].markup}")
            inline = Token("inline", "", 0, content=words.content, children=[words])
            kept += [Token("paragraph_open", "p", 1, block=True), inline, Token("paragraph_close", "p", -1, block=True)]
            at += 4
        else:
            kept.append(tokens[at])
            at += 1
    return kept


def render(text: str) -> str:
    """`text` as HTML that is safe to put into any page."""
    text = _CONTROLS.sub("", text)
    text = _OVERRIDES.sub(lambda found: f"[U+{ord(found[0]):04X}]", text)
    if len(text) > PLAIN_ABOVE:
        return f'<pre tabindex="0" data-plain>{escape(text)}</pre>'
    return _rendered(text)


@lru_cache(maxsize=2048)
def _rendered(text: str) -> str:
    tokens = _keep_bare_markers(_markdown.parse(text))
    _level_headings(tokens)
    html = _markdown.renderer.render(tokens, _markdown.options, {})
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes={"a": {"href"}, "ol": {"start"}, **formulas.ATTRIBUTES},
        attribute_filter=_attribute,
        allowed_classes={"div": {"scroll-x"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={
            "a": {"target": "_blank"},
            "pre": {"tabindex": "0"},
            "div": {"tabindex": "0"},
        },
    )
