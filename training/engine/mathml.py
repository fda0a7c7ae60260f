"""Formulas for pages: the small part of TeX that our formulas use, as MathML. Needs no torch.

Commands: \\frac{}{} \\sqrt{} \\text{} \\op{name} \\big| and the Greek letters and signs of SIGNS; _ and ^ with one
token or a group. Anything else is an error, so a typing slip never reaches a page.
"""

import html
import re

SIGNS = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "eta": "η", "theta": "θ", "lambda": "λ",
    "mu": "μ", "pi": "π", "rho": "ρ", "sigma": "σ", "tau": "τ", "phi": "φ", "psi": "ψ", "L": "ℒ", "E": "𝔼", "D": "𝒟",
    "sum": "∑", "prod": "∏", "sim": "∼", "mid": "∣", "in": "∈", "le": "≤", "ge": "≥", "cdot": "·", "to": "→",
    "infty": "∞", "minus": "−", "pm": "±", "propto": "∝", "hat": "̂", "dots": "…", "succ": "≻",
}  # fmt: skip
OPERATORS = set("+-=()[]{},;:|/<>−∑∏∼∣∈≤≥·→±∝…≻")
TOKEN = re.compile(r"\\([A-Za-z]+)|([{}_^])|([0-9]+(?:\.[0-9]+)?)|([A-Za-z])|(\s+)|(.)")


def mathml(tex: str) -> str:
    """One display formula."""
    reading = _Reading(tex)
    body = reading.row(until=None)
    return f'<math xmlns="http://www.w3.org/1998/Math/MathML" display="block"><mrow>{body}</mrow></math>'


class _Reading:
    def __init__(self, tex: str):
        self.tokens = [match for match in TOKEN.finditer(tex) if not match.group(5)]
        self.at = 0

    def row(self, until: str | None) -> str:
        parts = []
        while self.at < len(self.tokens):
            if until and self.tokens[self.at].group(2) == until:
                self.at += 1
                return "".join(parts)
            parts.append(self.scripted())
        if until:
            raise ValueError("a group is not closed")
        return "".join(parts)

    def scripted(self) -> str:
        base, below, above = self.atom(), None, None
        while self.at < len(self.tokens) and self.tokens[self.at].group(2) in ("_", "^"):
            mark = self.tokens[self.at].group(2)
            self.at += 1
            if mark == "_":
                below = self.atom()
            else:
                above = self.atom()
        if below and above:
            return f"<msubsup>{base}{below}{above}</msubsup>"
        if below:
            return f"<msub>{base}{below}</msub>"
        return f"<msup>{base}{above}</msup>" if above else base

    def atom(self) -> str:
        token = self.tokens[self.at]
        command, mark, number, letter, _space, sign = token.groups()
        self.at += 1
        if command:
            return self.command(command)
        if mark == "{":
            return f"<mrow>{self.row(until='}')}</mrow>"
        if mark:
            raise ValueError(f"{mark} stands alone")
        if number:
            return f"<mn>{number}</mn>"
        return f"<mi>{letter}</mi>" if letter else f"<mo>{html.escape('−' if sign == '-' else sign)}</mo>"

    def command(self, name: str) -> str:
        if name == "frac":
            return f"<mfrac>{self.atom()}{self.atom()}</mfrac>"
        if name == "sqrt":
            return f"<msqrt>{self.atom()}</msqrt>"
        if name in ("text", "op"):
            words = self.words()
            return f"<mtext>{words}</mtext>" if name == "text" else f'<mi mathvariant="normal">{words}</mi>'
        if name not in SIGNS:
            raise ValueError(f"\\{name} is not one of the commands of training/engine/mathml.py")
        return f"<mo>{SIGNS[name]}</mo>" if SIGNS[name] in OPERATORS else f"<mi>{SIGNS[name]}</mi>"

    def words(self) -> str:
        """The raw text of a braced group."""
        first = self.tokens[self.at]
        if first.group(2) != "{":
            raise ValueError("words stand in braces")
        source, start = first.string, first.end()
        while self.tokens[self.at].group(2) != "}":
            self.at += 1
        end = self.tokens[self.at].start()
        self.at += 1
        return html.escape(source[start:end])
