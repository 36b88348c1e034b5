r"""Formulas: found before Markdown is parsed, so that `_`, `*` and `\\` in them survive; shown as MathML or as text.

What is a formula follows Pandoc's rule: `$` has no blank inside it and no digit behind it, so `$5 and $6` stays money;
`$$` is display math when it has its lines to itself and inline math within a line (as kramdown has it), and
`P@$$w0rd` stays a password. Code is never searched.
"""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

if TYPE_CHECKING:
    from collections.abc import Callable

NO_BREAK = "\u00a0"
WHOLE = "\u2060"
"""Stands before and behind a formula in a text (U+2060 WORD JOINER), so that `plain.shorten` does not cut it."""

_TOKENS = re.compile(
    r"""
    (?P<fence>^[ \t>]*(?:(?:[-*+]|\d+[.)])[ \t]+)?(?P<mark>`{3,}|~{3,})[^\n]*\n
      (?:(?:[^\n]*\n)*?[ \t>]*(?P=mark)[`~]*[ \t]*$|.*\Z))
  | (?P<code>(?<!`)(?P<ticks>`+)(?!`)(?:[^\n]|\n(?!\s*\n))+?(?<!`)(?P=ticks)(?!`))
  | (?P<url>https?://[^\s<>"'()\[\]\u0080-\U0010ffff]+)
  | (?P<comment><!--.*?(?:-->|\Z))
  | \\[\\$`]
  | ^[ \t>]*\$\$(?!\$)(?P<block>(?:[^$\n]|\\\$|\n(?![ \t>]*\n)|\$(?!\$))+?)\$\$(?!\$)[ \t]*$
  | (?<![A-Za-z0-9@\\$])\$\$(?![\s$])(?P<display>(?:[^$\n`]|\n(?!\s*\n))+?)(?<!\s)\$\$(?![0-9A-Za-z$])
  | (?<![A-Za-z0-9\\$])\$(?![\s$])(?P<inline>(?:\\.|[^$\\`\n]|\n(?!\s*\n))+?)(?<!\s)\$(?![0-9$])
    """,
    re.VERBOSE | re.MULTILINE | re.DOTALL,
)
_LITERAL = r"<pre[\s>].*?(?:</pre>|\Z)|<code[\s>].*?(?:</code>|\Z)|<!--.*?(?:-->|\Z)|<[^>]*>"
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
    element.set("alttext", " ".join(tex.split()))
    return ElementTree.tostring(element, encoding="unicode")


def _for_mathml(tex: str) -> str:
    """What the library does not know, said in what it knows."""
    tex = re.sub(r"\\(begin|end)\{aligned\}", r"\\\1{split}", tex)
    tex = re.sub(r"\\(begin|end)\{gather(?:ed|\*)?\}", r"\\\1{matrix}", tex)
    return re.sub(r"\\arg(?![A-Za-z])", r"\\operatorname{arg}", tex)


@lru_cache(maxsize=4096)
def plain(tex: str) -> str:
    r"""A formula as Unicode text: `\lambda_1 > 2/\eta` is `λ₁ > 2/η`. Its blanks do not break a line."""
    from pylatexenc.latexwalker import LatexWalkerError

    convert = _plain_converter()
    prepared = _BARE_ARGUMENT.sub(r"\1{\2}", _DELIMITER.sub(r"\1", tex))
    try:
        text = convert(prepared)
    except (LatexWalkerError, ValueError, IndexError, RecursionError):
        text = tex
    text = _SCRIPT.sub(lambda found: script(found[1], found[2] or found[3] or ""), text)
    text = _RELATION.sub(r" \1 ", re.sub(r"[{}]", "", text)).translate(_BRACES)
    text = re.sub(r"(?<=\S)\s*([×·±])\s*(?=\S)", r" \1 ", re.sub(r"‖\s*([^‖]*?)\s*‖", r"‖\1‖", text))
    text = re.sub(r"\b(ln|log|exp|max|min)\s+\(", r"\1(", text)
    text = re.sub(r"([([⌊⌈]) +| +([)\]⌋⌉;])", r"\1\2", unicodedata.normalize("NFC", text))
    return NO_BREAK.join(text.split()) or NO_BREAK.join(tex.split())


_UPPER = str.maketrans("0123456789+-−=()aeioxnijkmTt", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ᵃᵉⁱᵒˣⁿⁱʲᵏᵐᵀᵗ")
_LOWER = str.maketrans("0123456789+-−=()aeoxhklmnpstijruv", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₒₓₕₖₗₘₙₚₛₜᵢⱼᵣᵤᵥ")
_SCRIPT = re.compile(r"([_^])(?:\{([^{}]*)\}|(\S))")
_RELATION = re.compile(r"\s*([=≤≥≈≠<>→∈≪≫∼≡←⇒⇔∝])\s*")
_DELIMITER = re.compile(r"\\(?:left|right|[bB]igg?[lrm]?)(?![A-Za-z])\s*(?:\.|(\\?\S))?")
_BARE_ARGUMENT = re.compile(r"([_^])(\\[A-Za-z]+\{[^{}]*\})")
_BRACES = str.maketrans("\ue000\ue001", "{}")
"""Braces that are meant to be seen travel as private characters, those that only group are dropped."""
_ACCENTS = {
    **dict.fromkeys(("hat", "widehat"), "\u0302"),
    **dict.fromkeys(("tilde", "widetilde"), "\u0303"),
    **dict.fromkeys(("bar", "overline"), "\u0305"),
    "dot": "\u0307",
    "ddot": "\u0308",
    "vec": "\u20d7",
    "check": "\u030c",
}
_WORDS = {
    "top": "⊤",
    "intercal": "ᵀ",
    "|": "‖",
    "{": "\ue000",
    "}": "\ue001",
    "lbrace": "\ue000",
    "rbrace": "\ue001",
    "quad": " ",
    "qquad": " ",
    ",": " ",
    ";": " ",
    ":": " ",
    "!": "",
    "\\": "; ",
    "ne": "≠",
    "Pr": "Pr",
    "arg": "arg ",
    "argmax": "arg max",
    "argmin": "arg min",
    "softmax": "softmax",
    "limits": "",
    "displaystyle": "",
    "nonumber": "",
}
_ROWS = ("aligned", "gathered", "split", "align", "align*", "gather", "gather*", "cases", "equation", "equation*")


def script(sign: str, inner: str) -> str:
    """A script in its Unicode form when every character has one, else `_x`, `^(x + 1)`."""
    inner = inner.strip()
    if inner == "⊤":
        return "ᵀ"
    table = _LOWER if sign == "_" else _UPPER
    if inner and all(ord(char) in table for char in inner):
        return inner.translate(table)
    return f"{sign}{inner}" if len(inner) <= 1 or inner.isalnum() else f"{sign}({inner})"


@lru_cache(maxsize=1)
def _plain_converter() -> Callable[[str], str]:
    from pylatexenc import latex2text, latexwalker, macrospec

    def text_of(node: Any, converter: Any) -> str:
        return str(converter.nodelist_to_text([node])).strip() if node else ""

    def fraction(node: Any, l2tobj: Any) -> str:
        over, under = (_grouped(text_of(arg, l2tobj)) for arg in node.nodeargs[-2:])
        return f"{over}/{under}"

    def binomial(node: Any, l2tobj: Any) -> str:
        over, under = (_bare(text_of(arg, l2tobj)) for arg in node.nodeargs[-2:])
        return f"({over} choose {under})"

    def root(node: Any, l2tobj: Any) -> str:
        degree = text_of(node.nodeoptarg, l2tobj).strip("[]")
        return f"{script('^', degree) if degree else ''}√{_grouped(text_of(node.nodeargs[-1], l2tobj))}"

    def accent(mark: str) -> Callable[[Any, Any], str]:
        return lambda node, l2tobj: "".join(f"{char}{mark}" for char in _bare(text_of(node.nodeargs[-1], l2tobj)))

    def last(node: Any, l2tobj: Any) -> str:
        return text_of(node.nodeargs[-1], l2tobj)

    def rows(node: Any, l2tobj: Any) -> str:
        return str(l2tobj.nodelist_to_text(node.nodelist)).replace("&", " ")

    spec = latex2text.MacroTextSpec
    texts = latex2text.get_default_latex_context_db()
    texts.add_context_category(
        "feeds",
        prepend=True,
        macros=[
            *(spec(name, simplify_repl=fraction) for name in ("frac", "dfrac", "tfrac", "cfrac")),
            *(spec(name, simplify_repl=binomial) for name in ("binom", "dbinom", "tbinom")),
            *(spec(name, simplify_repl=accent(mark)) for name, mark in _ACCENTS.items()),
            *(spec(name, simplify_repl=text) for name, text in _WORDS.items()),
            spec("sqrt", simplify_repl=root),
            spec("href", simplify_repl=last),
        ],
        environments=[latex2text.EnvironmentTextSpec(name, simplify_repl=rows) for name in _ROWS],
    )
    walker = latexwalker.get_default_latex_context_db()
    two = ("dfrac", "tfrac", "cfrac", "binom", "dbinom", "tbinom", "href")
    walker.add_context_category(
        "feeds",
        prepend=True,
        macros=[
            *(macrospec.std_macro(name, False, 2) for name in two),  # no optional argument, two others
            *(macrospec.std_macro(name, False, 1) for name in _ACCENTS),
        ],
    )
    converter = latex2text.LatexNodes2Text(
        latex_context=texts,
        math_mode="text",
        strict_latex_spaces="based-on-source",
        keep_braced_groups=True,
        keep_braced_groups_minlen=0,
    )
    return lambda tex: str(converter.latex_to_text(tex, latex_context=walker))


def _bare(text: str) -> str:
    """A group without its braces."""
    return text.strip().removeprefix("{").removesuffix("}").strip()


def _grouped(text: str) -> str:
    """Brackets around what would read wrong without them: (a + b)/2, not a + b/2."""
    inner = re.sub(r"([∂∇])\s+", r"\1", _bare(text))
    return inner if re.fullmatch(r"[\w.∂∇]*", re.sub(r"[_^]\{?\w\}?", "", inner)) else f"({inner})"
