r"""Formulas: found before Markdown is parsed, so that `_`, `*` and `\\` in them survive; shown as MathML.

What is a formula follows Pandoc's rule: `$` has no blank inside it and no digit behind it, so `$5 and $6` stays money;
`$$` is display math when it has its lines to itself and inline math within a line (as kramdown has it), and
`P@$$w0rd` stays a password. Code is never searched.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from feeds.markup.linear import readable
from feeds.reader.tags import FENCE, FLAGS, SPAN

if TYPE_CHECKING:
    from collections.abc import Callable
    from xml.etree.ElementTree import Element

_TOKENS = re.compile(
    rf"""
    {FENCE}
  | {SPAN}
  | (?P<url>https?://[^\s<>"'()\[\]\u0080-\U0010ffff]+)
  | (?P<comment><!--.*?(?:-->|\Z))
  | \\[\\$`]
  | ^[ \t>]*\$\$(?!\$)(?P<block>(?:[^$\\\n]|\\.|\n(?![ \t>]*\n)|\$(?!\$))+?)\$\$(?!\$)[ \t]*$
  | (?<![A-Za-z0-9@\\$])\$\$(?![\s$])(?P<display>(?:[^$\n`]|\n(?!\s*\n))+?)(?<!\s)\$\$(?![0-9A-Za-z$])
  | (?<![A-Za-z0-9\\$])\$(?![\s$])(?P<inline>(?:\\.|[^$\\`\n]|\n(?!\s*\n))+?)(?<!\s)\$(?![0-9$])
    """,
    FLAGS,
)
_LITERAL = r"<pre[\s>].*?(?:</pre>|\Z)|<code[\s>].*?(?:</code>|\Z)|<!--.*?(?:-->|\Z)|<[^<>]*+>"
_LONGEST = 10_000
_MACROS = re.compile(r"\\(?:def|let|newcommand|renewcommand|providecommand|DeclareMathOperator)\b")


@dataclass(frozen=True, slots=True)
class Formula:
    """LaTeX without its dollars, whether it stands on its own, its source as written, and its line in the text."""

    tex: str
    display: bool
    source: str
    line: int


@dataclass(frozen=True, slots=True)
class Protected:
    """A Markdown text whose formulas are replaced by `mark`, number, `mark`; `mark` occurs nowhere else in it."""

    text: str
    mark: str
    formulas: tuple[Formula, ...]

    def restore(self, rendered: str, show: Callable[[Formula], str]) -> str:
        """The HTML with each formula shown by `show`; inside code and tags it stands as it was written."""
        if not self.formulas:
            return rendered
        numbered = rf"{self.mark}(\d+){self.mark}"

        def replace(found: re.Match[str]) -> str:
            if found[1]:  # inside a tag, a comment or code: no formula after all
                return re.sub(numbered, lambda inner: html.escape(self.formulas[int(inner[1])].source), found[1])
            return show(self.formulas[int(found[2])])

        return re.sub(rf"({_LITERAL})|{numbered}", replace, rendered, flags=re.DOTALL | re.IGNORECASE)


def protect(text: str) -> Protected:
    """Find the formulas of a Markdown text and put marks in their place."""
    if "$" not in text:
        return Protected(text, "", ())
    mark = next(char for char in map(chr, range(0xE000, 0xF8FF)) if char not in text)
    formulas: list[Formula] = []

    def replace(found: re.Match[str]) -> str:
        kind = found.lastgroup if found.lastgroup in ("block", "display", "inline") else None
        if not kind:
            return found[0]
        lead = found[0][: found[0].index("$")]
        tex = re.sub(r"\n[ \t>]*", "\n", found[kind]).strip()
        if wrapped := re.fullmatch(r"\\[(\[](.*)\\[)\]]", tex, re.DOTALL):  # `$\(x\)$` says it twice
            tex = wrapped[1].strip()
        if re.search(r"\\\*|\\_\{|\\{4}", tex):  # spelt to survive a generator that parses Markdown first
            tex = re.sub(r"\\([*_])", r"\1", tex).replace(r"\\\\", r"\\")
        source = found[0][len(lead) :]
        formulas.append(Formula(tex, kind == "block", source, text.count("\n", 0, found.start()) + 1))
        return f"{lead}{mark}{len(formulas) - 1}{mark}"

    return Protected(_TOKENS.sub(replace, text), mark, tuple(formulas))


def convertible(tex: str) -> bool:
    """Whether `mathml` can show it."""
    return _mathml(tex, "inline") is not None


def mathml(formula: Formula) -> str:
    """A formula as MathML with its LaTeX as `alttext`; one that cannot be converted as its LaTeX in code."""
    found = _mathml(formula.tex, "block" if formula.display else "inline")
    return found or f"<code>{html.escape(formula.tex)}</code>"


@lru_cache(maxsize=4096)
def _mathml(tex: str, display: str) -> str | None:
    element = converted(tex, display)
    if element is None:
        return None
    readable(element)
    element.set("alttext", " ".join(tex.split()))
    return ElementTree.tostring(element, encoding="unicode")


def converted(tex: str, display: str) -> Element | None:
    """A formula as the MathML element its writers start from, a new one each time; None if that cannot be.

    `display` is "inline" or "block".
    """
    from latex2mathml.converter import convert_to_element  # slow to import; few sites need it

    if len(tex) > _LONGEST or _MACROS.search(tex):  # macros can double themselves without end
        return None
    try:
        element = convert_to_element(_for_mathml(tex), display=display)
    except Exception:  # noqa: BLE001  # it raises IndexError, KeyError, RecursionError and its own, without a common base
        return None
    for part in element.iter():
        # The library writes character references into text and expects nobody to escape them again.
        part.text = html.unescape(part.text) if part.text else part.text
        if part.tag in ("mi", "mo", "mtext") and (part.text or "").startswith("\\"):
            return None  # an unknown command, left as it was
    return element


def _for_mathml(tex: str) -> str:
    """What the library does not know, said in what it knows."""
    tex = re.sub(r"\\(begin|end)\{aligned\}", r"\\\1{split}", tex)
    tex = re.sub(r"\\(begin|end)\{gather(?:ed|\*)?\}", r"\\\1{matrix}", tex)
    tex = re.sub(r"\\tag\*?\{([^{}]*)\}", r"\\qquad\\text{(\1)}", tex)
    tex = tex.replace("\N{MINUS SIGN}", "-")
    return re.sub(r"\\arg(?![A-Za-z])", r"\\operatorname{arg}", tex)
