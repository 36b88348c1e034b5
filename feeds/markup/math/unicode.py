r"""Formulas as Unicode text, for emails, summaries and plain text: `\lambda_1 > 2/\eta` is `λ₁ > 2/η`.

pylatexenc knows the symbols; this module adds the meaning it would lose: grouping of fractions, degrees of roots,
accents, rows, and visible braces.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from feeds.markup.math.fast import symbols

if TYPE_CHECKING:
    from collections.abc import Callable

NO_BREAK = "\u00a0"
WHOLE = "\u2060"
"""Put before and after a formula in a text (U+2060 WORD JOINER), so that `text.shorten` does not cut it."""

_UPPER = str.maketrans("0123456789+-−=()aeioxnijkmTt", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ᵃᵉⁱᵒˣⁿⁱʲᵏᵐᵀᵗ")
_LOWER = str.maketrans("0123456789+-−=()aeoxhklmnpstijruv", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₒₓₕₖₗₘₙₚₛₜᵢⱼᵣᵤᵥ")
_SCRIPT = re.compile(r"([_^])(?:\{([^{}]*)\}|(\S))")
_RELATION = re.compile(r"(?:(?<!\s)\s++)?([=≤≥≈≠<>→∈≪≫∼≡←⇒⇔∝])\s*")
_DELIMITER = re.compile(r"\\(?:left|right|[bB]igg?[lrm]?)(?![A-Za-z])\s*(?:\.|(\\?\S))?")
_BARE_ARGUMENT = re.compile(r"([_^])(\\[dtc]?frac\s*[0-9A-Za-z]\s*[0-9A-Za-z]|\\[A-Za-z]+(?:\{[^{}]*\})+)")
_LONGEST = 2_000
_DEEPEST = 10
"""Each level of braces doubles pylatexenc's work, and nobody reads a deeper formula as text."""
_BRACES = str.maketrans("\ue000\ue001", "{}")
"""Visible braces are passed as private characters, those that only group are dropped."""
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
    "today": "today",  # the library would read the clock
    "maketitle": "",
}
_PIECE = r"[A-Za-z0-9+*/=()<>,.|:_^ ]|-(?!-)|\\[A-Za-z]++"
_EVERYDAY = rf"(?:{_PIECE}|[\[\]]|\{{(?:{_PIECE})*+\}})++"
_LOST_BLANK = r"([{}]|\\[A-Za-z]+) +(?=[\\{}])"
"""pylatexenc drops spaces that have their own node."""
_TEXTS = {"sim": "∼", "mid": "|", "ast": "∗"}
_OTHERWISE = frozenset(("prime", "bullet", "gets"))
"""Symbols that pylatexenc and latex2mathml show differently."""
_TWO_ARGUMENTS = ("dfrac", "tfrac", "cfrac", "binom", "dbinom", "tbinom", "href")
_ROWS = ("aligned", "gathered", "split", "align", "align*", "gather", "gather*", "cases", "equation", "equation*")


@lru_cache(maxsize=4096)
def plain(tex: str) -> str:
    """A formula as Unicode text. Its spaces do not break a line."""
    prepared = _BARE_ARGUMENT.sub(r"\1{\2}", _DELIMITER.sub(r"\1", tex))
    text = None
    if len(tex) <= _LONGEST and _depth(tex) <= _DEEPEST:
        text = direct_text(prepared) or _by_library(prepared)
    text = tex if text is None else text
    text = _SCRIPT.sub(lambda found: script(found[1], found[2] or found[3] or ""), text)
    text = _RELATION.sub(r" \1 ", re.sub(r"[{}]", "", text)).translate(_BRACES)
    text = re.sub(r"‖([^‖]*+)‖", lambda norm: f"‖{norm[1].strip()}‖", text)
    text = re.sub(r"(?<=\S)\s*([×·±])\s*(?=\S)", r" \1 ", text)
    text = re.sub(r"\b(ln|log|exp|max|min)\s+\(", r"\1(", text)
    text = re.sub(r"([([⌊⌈]) +|(?<! ) +([)\]⌋⌉;])", r"\1\2", unicodedata.normalize("NFC", text))
    return NO_BREAK.join(text.split()) or NO_BREAK.join(tex.split())


def _by_library(tex: str) -> str | None:
    """pylatexenc's result; None if it fails."""
    convert = _converter()
    try:
        return convert(tex)
    except Exception:  # noqa: BLE001  # arguments that are not where a macro expects them fail in every way
        return None


def direct_text(tex: str) -> str | None:
    """pylatexenc's result for letters, signs, scripts and symbols, much faster; None for anything else."""
    if tex != tex.strip() or not re.fullmatch(_EVERYDAY, tex):
        return None
    known = symbols()
    names = set(re.findall(r"\\([A-Za-z]+)", tex))
    if not names <= known.keys() - _OTHERWISE:
        return None
    closed = re.sub(_LOST_BLANK, r"\1", tex)
    return re.sub(r"\\([A-Za-z]+)", lambda found: _TEXTS.get(found[1]) or known[found[1]][1], closed)


def _depth(tex: str) -> int:
    depth = deepest = 0
    for char in tex:
        depth += {"{": 1, "}": -1}.get(char, 0)
        deepest = max(deepest, depth)
    return deepest


def script(sign: str, inner: str) -> str:
    """A script in its Unicode form if every character has one, else `_x`, `^(x + 1)`."""
    inner = inner.strip()
    if inner == "⊤":
        return "ᵀ"
    table = _LOWER if sign == "_" else _UPPER
    if inner and all(ord(char) in table for char in inner):
        return inner.translate(table)
    return f"{sign}{inner}" if len(inner) <= 1 or inner.isalnum() else f"{sign}({inner})"


@lru_cache(maxsize=1)
def _converter() -> Callable[[str], str]:
    """pylatexenc with our macros; made once, since its tables are large."""
    from pylatexenc import latex2text, latexwalker, macrospec

    text, takes = latex2text.MacroTextSpec, macrospec.std_macro
    texts = latex2text.get_default_latex_context_db()
    replaced = {
        **dict.fromkeys(("frac", "dfrac", "tfrac", "cfrac"), _fraction),
        **dict.fromkeys(("binom", "dbinom", "tbinom"), _binomial),
        **{name: _accent(mark) for name, mark in _ACCENTS.items()},
        **_WORDS,
        "sqrt": _root,
        "href": _last,
    }
    rows = [latex2text.EnvironmentTextSpec(name, simplify_repl=_rows) for name in _ROWS]
    macros = [text(name, simplify_repl=shown) for name, shown in replaced.items()]
    texts.add_context_category("feeds", prepend=True, macros=macros, environments=rows)
    walker = latexwalker.get_default_latex_context_db()
    arguments = [takes(name, False, 2) for name in _TWO_ARGUMENTS] + [takes(name, False, 1) for name in _ACCENTS]
    walker.add_context_category("feeds", prepend=True, macros=arguments)
    converter = latex2text.LatexNodes2Text(
        latex_context=texts,
        math_mode="text",
        strict_latex_spaces="based-on-source",
        keep_braced_groups=True,
        keep_braced_groups_minlen=0,
    )
    return lambda tex: str(converter.latex_to_text(tex, latex_context=walker))


def _text(node: Any, l2tobj: Any) -> str:
    return str(l2tobj.nodelist_to_text([node])).strip() if node else ""


def _fraction(node: Any, l2tobj: Any) -> str:
    over, under = (_grouped(_text(part, l2tobj)) for part in node.nodeargs[-2:])
    return f"{over}/{under}"


def _binomial(node: Any, l2tobj: Any) -> str:
    over, under = (_bare(_text(part, l2tobj)) for part in node.nodeargs[-2:])
    return f"({over} choose {under})"


def _root(node: Any, l2tobj: Any) -> str:
    degree = _text(node.nodeoptarg, l2tobj).strip("[]")
    return f"{script('^', degree) if degree else ''}√{_grouped(_text(node.nodeargs[-1], l2tobj))}"


def _accent(mark: str) -> Callable[[Any, Any], str]:
    return lambda node, l2tobj: "".join(f"{char}{mark}" for char in _bare(_text(node.nodeargs[-1], l2tobj)))


def _last(node: Any, l2tobj: Any) -> str:
    return _text(node.nodeargs[-1], l2tobj)


def _rows(node: Any, l2tobj: Any) -> str:
    return str(l2tobj.nodelist_to_text(node.nodelist)).replace("&", " ")


def _bare(text: str) -> str:
    """A group without its braces."""
    return text.strip().removeprefix("{").removesuffix("}").strip()


def _grouped(text: str) -> str:
    """Brackets around what would be misread without them: (a + b)/2, not a + b/2."""
    inner = re.sub(r"([∂∇])\s+", r"\1", _bare(text))
    return inner if re.fullmatch(r"[\w.∂∇]*", re.sub(r"[_^]\{?\w\}?", "", inner)) else f"({inner})"
