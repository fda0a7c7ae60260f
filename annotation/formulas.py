"""LaTeX as MathML that is safe to put into a page: only known elements and attributes, every text escaped. Pure.

The converter takes whatever it is given, so its tree is walked and written anew here. What it cannot read, or reads
into something that is no formula, comes back as None and is shown as it was written.
"""

import re
from functools import cache
from html import escape, unescape

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

LONGEST = 2_000  # characters of one formula
TAGS = {
    *("math", "mrow", "mi", "mn", "mo", "mtext", "mspace", "mfrac", "msqrt", "mroot", "msup", "msub", "msubsup"),
    *("mover", "munder", "munderover", "mtable", "mtr", "mtd", "mphantom", "menclose", "mstyle"),
}
_ATTRIBUTES = {"display", "stretchy", "fence", "form", "accent", "displaystyle", "scriptlevel", "mathvariant", "width"}
ATTRIBUTES = dict.fromkeys(TAGS, _ATTRIBUTES)
_VALUE = re.compile(r"[a-z-]{1,30}|-?\d{1,3}(\.\d{1,4})?(em|ex)?")
_CHILDREN = {
    **dict.fromkeys(("mfrac", "mroot", "msup", "msub", "mover", "munder"), 2),
    **dict.fromkeys(("msubsup", "munderover"), 3),
}
_ALIGNED = re.compile(r"\\(begin|end)\{(?:aligned|align|split|gathered|gather\*?|eqnarray\*?)\}")
# What a dollar sign may hold to be a formula and not a price: an operator, a command, or a single letter.
_FORMULA = re.compile(r"[\\^_={}<>+*/|]|^[A-Za-z]'{0,2}$|^[A-Za-z]\([\w, ]+\)$|^\d+$")
_ENDS = {"$$": "$$", "\\[": "\\]", "\\(": "\\)", "$": "$"}
_BEGIN = re.compile(r"\\begin\{(equation|align|gather|eqnarray|multline)(\*?)\}")


def mathml(latex: str, *, display: bool) -> str | None:
    """The formula, or None where it does not read."""
    latex = latex.strip()
    if not latex or len(latex) > LONGEST:
        return None
    source = _ALIGNED.sub(r"\\\1{align*}", latex)
    source = re.sub(r"\\(begin|end)\{(equation|multline)\*?\}", "", source)
    try:
        return _written(_converter()(source, display="block" if display else "inline"))
    except Exception:  # whatever the converter falls over, the text is shown as it is
        return None


@cache
def _converter():
    """Loaded with the first formula: its tables of symbols take a while."""
    from latex2mathml.converter import convert_to_element

    return convert_to_element


def _written(element) -> str:
    """The element as text. Raises ValueError for what is no formula."""
    if element.tag not in TAGS:
        raise ValueError(element.tag)
    children = [_written(child) for child in element]
    if len(children) != _CHILDREN.get(element.tag, len(children)):
        raise ValueError(f"{element.tag} of {len(children)}")
    text = unescape(element.text or "")
    if element.tag != "mtext" and (text.startswith("\\") or text == "&"):
        raise ValueError(text)  # a command nobody knows
    attributes = "".join(
        f' {name}="{value}"'
        for name, value in element.attrib.items()
        if name in _ATTRIBUTES and _VALUE.fullmatch(str(value))
    )
    return f"<{element.tag}{attributes}>{escape(text)}{''.join(children)}</{element.tag}>"


def formulas(parser: MarkdownIt) -> None:
    """Teach a markdown parser `$…$`, `$$…$$`, `\\(…\\)`, `\\[…\\]` and bare environments."""
    parser.inline.ruler.before("escape", "formula", _inline)
    parser.block.ruler.before("fence", "formula", _block, {"alt": ["paragraph", "blockquote", "list"]})
    parser.add_render_rule("formula", lambda _self, tokens, index, *_: tokens[index].content)


def _inline(state: StateInline, silent: bool) -> bool:
    opening = next((mark for mark in _ENDS if state.src.startswith(mark, state.pos)), None)
    if opening is None:
        return False
    start = state.pos + len(opening)
    end = _end_of(state.src, start, _ENDS[opening], state.posMax)
    latex = state.src[start:end]
    if end < 0 or (opening == "$" and not _is_formula(latex, state.src[end + 1 : end + 2])):
        return False
    written = mathml(latex, display=opening in ("$$", "\\["))
    whole = state.src[state.pos : end + len(_ENDS[opening])]
    if not silent:
        state.push("formula", "", 0).content = written or escape(whole)
    state.pos += len(whole)
    return True


def _end_of(text: str, start: int, mark: str, most: int) -> int:
    """Where the closing mark stands, not one that is escaped; -1 if nowhere near."""
    at = text.find(mark, start, min(most, start + LONGEST + 2))
    while at > start and mark.startswith("$") and text[at - 1] == "\\":
        at = text.find(mark, at + 1, min(most, start + LONGEST + 2))
    return at if at > start else -1


def _is_formula(latex: str, after: str) -> bool:
    """Prices are none: a formula touches its dollar signs and no digit follows it."""
    tight = latex == latex.strip() and not after.isdigit() and "\n\n" not in latex
    return tight and bool(_FORMULA.search(latex))


def _block(state: StateBlock, first: int, last: int, silent: bool) -> bool:
    """A display formula that begins a line and ends one."""
    start = state.bMarks[first] + state.tShift[first]
    if state.is_code_block(first) or not state.src.startswith(("$$", "\\[", "\\begin{"), start):
        return False
    text = state.src[start : state.eMarks[last - 1]]
    environment = _BEGIN.match(text)
    if environment:
        closing, inside = f"\\end{{{environment[1]}{environment[2]}}}", 0
    elif text[:2] in _ENDS:
        closing, inside = _ENDS[text[:2]], 2
    else:
        return False
    end = _end_of(text, max(inside, 1), closing, len(text))
    line_end = text.find("\n", end)
    if end < 0 or text[end + len(closing) : len(text) if line_end < 0 else line_end].strip():
        return False
    whole = text[: end + len(closing)]
    lines = whole.count("\n")
    if lines and state.level:
        return False  # its lines begin with the marks of a quote or a list
    if silent:
        return True
    written = mathml(whole if environment else whole[2:end], display=True)
    token = state.push("formula", "", 0)
    shown = written or f"<p>{escape(whole)}</p>"
    token.content = f'<div class="scroll-x">{shown}</div>\n' if len(whole) > 60 and written else f"{shown}\n"
    token.block, token.map = True, [first, first + lines + 1]
    state.line = first + lines + 1
    return True
