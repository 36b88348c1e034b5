r"""Formulas as HTML with letters, `<sub>`, `<sup>`, `<i>` and `<b>`, for emails: no inbox shows MathML.

It starts from the MathML, so that both show the same formula. If HTML has no form for a part (braces over a sum,
signs struck out), the answer is None and the LaTeX source is shown instead. Spaces follow TeX's classes of signs.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING

from feeds.markup.math.find import converted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from xml.etree.ElementTree import Element

DEEPEST = 60
"""How deep MathML may be nested: far more than people write, far less than Python's recursion limit."""

_RELATIONS = frozenset("=<>≤≥⩽⩾≈≠≡∼~≪≫∈∉∋⊂⊆⊃⊇→←↔⇒⇐⇔⟶⟹⟺↦∝≃≅≜≔∣⊨⊢⊥∥≺≻⪯⪰")
_BINARY = frozenset("+−-±∓×·⋅∗*∘⊕⊗⊙∪∩∧∨∖")
_OPENING = frozenset("([{⟨⌈⌊")
_CLOSING = frozenset(")]}⟩⌉⌋!%")
_PUNCTUATION = frozenset(",;:")
_LARGE = frozenset("∑∏∫∬∭∮⋃⋂⨁⨂∐")
_PRIMES = frozenset("′″‴")
_SAME = str.maketrans({"~": "∼", "-": "−", "⋅": "·", "∗": "*", "∣": "|", "¯": "‾"})
_ACCENTS = {
    **dict.fromkeys("^ˆ\u0302", "\u0302"),
    **dict.fromkeys("~˜∼\u0303", "\u0303"),
    **dict.fromkeys("¯‾_―\u0305", "\u0305"),
    **dict.fromkeys("˙.\u0307", "\u0307"),
    **dict.fromkeys("¨\u0308", "\u0308"),
    **dict.fromkeys("→⃗\u20d7", "\u20d7"),
    **dict.fromkeys("ˇ\u030c", "\u030c"),
}
_STRUCK_OUT = frozenset("⧸̸")
_BRACES = frozenset("⏞⏟⎴⎵⏜⏝︷︸")
_LETTER_VARIANTS = {"double-struck": "DOUBLE-STRUCK", "script": "SCRIPT", "fraktur": "FRAKTUR"}
_NAMED = {"ℂ": "C", "ℍ": "H", "ℕ": "N", "ℙ": "P", "ℚ": "Q", "ℝ": "R", "ℤ": "Z"}


class _Lost(Exception):  # not an error: an answer
    """HTML cannot express this part."""


@dataclass(frozen=True, slots=True)
class _Sign:
    """A piece of a formula: `kind` decides what may be next to it; `single` says that it needs no brackets."""

    html: str
    kind: str = "letter"
    single: bool = True


@lru_cache(maxsize=1024)
def html_math(tex: str, rows: str = "; ") -> str | None:
    """A formula as HTML, or None if HTML cannot express it; `rows` is put between the rows of an array."""
    element = converted(tex, "inline")
    if element is None or depth(element) > DEEPEST:
        return None
    try:
        text = _row(_signs(element, rows), scripted=False).strip()
    except (_Lost, IndexError, ValueError):  # scripts without a base, or one too few
        return None
    return re.sub(r"</([ib])><\1>", "", text) or None


def depth(element: Element) -> int:
    """The depth of an element, found without recursion."""
    deepest, level = 0, [element]
    while level:
        deepest += 1
        level = [child for part in level for child in part]
    return deepest


def _row(signs: Sequence[_Sign], *, scripted: bool) -> str:
    """Signs side by side; a script has spaces only between words."""
    parts: list[str] = []
    before = ""
    for place, sign in enumerate(signs):
        after = signs[place + 1].kind if place + 1 < len(signs) else ""
        html, kind = sign.html, sign.kind
        if kind == "binary" and before in ("", "relation", "binary", "opening", "punctuation", "space", "large"):
            kind = "prefix"
        if kind == "fraction" and (before in _MULTIPLIED or after in _FACTORS):
            html = f"({html})"
        parts.append(" " if _spaced(before, kind, scripted=scripted) else "")
        parts.append(html)
        before = kind
    return re.sub(r" {2,}", " ", "".join(parts))


_FACTORS = frozenset(("letter", "word", "opening", "large", "fraction"))
_MULTIPLIED = frozenset(("letter", "word", "closing", "fraction"))
"""What multiplies a fraction next to it, so that 1/2 becomes (1/2)."""


def _spaced(before: str, kind: str, *, scripted: bool) -> bool:
    if not before or "space" in (before, kind):
        return False
    if scripted:
        return before == "word" and kind in ("letter", "word")
    if "relation" in (before, kind) or "binary" in (before, kind) or before == "punctuation":
        return kind not in ("closing", "punctuation") and before != "opening"
    if before in ("word", "large"):
        return kind in _FACTORS - {"opening"} or (before == "large" and kind == "opening") or kind == "prefix"
    return kind in ("word", "large") and before in ("letter", "closing", "fraction")


def _signs(element: Element, rows: str) -> list[_Sign]:
    """What an element shows, a row as its pieces."""
    shape = _SHAPES.get(element.tag)
    if not shape:
        raise _Lost
    return list(shape(element, rows))


def _children(element: Element, rows: str) -> Iterator[_Sign]:
    parts = list(element)
    signs = [sign for part in parts for sign in _signs(part, rows)]
    upright = [part.get("mathvariant") == "normal" for part in parts]
    if len(parts) > 1 and all(upright):  # \mathrm{softmax} arrives letter by letter
        yield _Sign("".join(sign.html for sign in signs), "word")
    elif len(parts) == 1 and element.tag == "mrow" and parts[0].tag == "mo":  # 1{,}000: braces remove the space
        yield from (replace(sign, kind="letter") if sign.kind in ("punctuation", "binary") else sign for sign in signs)
    else:
        yield from signs


def _token(element: Element, _: str) -> Iterator[_Sign]:
    text = " ".join((element.text or "").split())
    if not text:
        return
    shown = text.translate(_SAME)
    for kinds, kind in _KINDS:
        if text in kinds:
            yield _Sign(escape(shown, quote=False), kind)
            return
    if len(text) > 1 and text.isalpha():
        yield _Sign(escape(text, quote=False), "word")
        return
    yield _Sign(_letter(shown, element.get("mathvariant", ""), italic=element.tag == "mi"))


_KINDS = (
    (_RELATIONS, "relation"),
    (_BINARY, "binary"),
    (_OPENING, "opening"),
    (_CLOSING, "closing"),
    (_PUNCTUATION, "punctuation"),
    (_LARGE, "large"),
)


def _letter(text: str, variant: str, *, italic: bool) -> str:
    """A letter in its style: bold and italic from HTML, other styles from Unicode."""
    if variant in _LETTER_VARIANTS:
        return _styled(text, _LETTER_VARIANTS[variant])
    if text in _STRUCK_OUT:
        raise _Lost
    bold = "bold" in variant
    plain = unicodedata.normalize("NFKC", text)
    if unicodedata.name(text[0], "").startswith("MATHEMATICAL BOLD") and plain.isalnum():
        text, bold, italic = plain, True, "ITALIC" in unicodedata.name(text[0])  # few inbox fonts have 𝐱
    slanted = "italic" in variant or (italic and not bold and variant != "normal" and _slants(text))
    shown = escape(text, quote=False)
    shown = f"<i>{shown}</i>" if slanted or (bold and italic and "italic" in variant) else shown
    return f"<b>{shown}</b>" if bold else shown


def _slants(text: str) -> bool:
    """Whether TeX sets a letter in italics: Latin ones and small Greek ones."""
    return len(text) == 1 and (text.isascii() or "α" <= text <= "ϖ") and text.isalpha()


def _styled(text: str, style: str) -> str:
    for char, letter in _NAMED.items():
        if style == "DOUBLE-STRUCK" and text == letter:
            return char
    name = unicodedata.name(text[0], "").removeprefix("LATIN ").replace(" LETTER ", " ")
    try:
        return unicodedata.lookup(f"MATHEMATICAL {style} {name}")  # 𝔼, 𝟙
    except KeyError:
        return escape(text, quote=False)


def _words(element: Element, _: str) -> Iterator[_Sign]:
    text = re.sub(r"[ \t\n\r\u00a0]+", " ", element.text or "")
    if text.strip():
        kind = "space" if text[0] == " " or text[-1] == " " else "word"
        yield _Sign(escape(text, quote=False), kind)


def _space(element: Element, _: str) -> Iterator[_Sign]:
    if element.get("linebreak") == "newline":
        raise _Lost
    if not element.get("width", "").startswith(("-", "0em")):
        yield _Sign(" ", "space")


def _scripts(element: Element, rows: str) -> Iterator[_Sign]:
    base, *scripts = list(element)
    signs = _signs(base, rows)
    if any(part.text in _BRACES for part in (base, *scripts)):
        raise _Lost
    last = signs[-1] if signs else _Sign("", "letter")
    if last.kind == "fraction" or (base.tag == "msqrt" and scripts):
        signs = [_Sign(f"({_row(signs, scripted=False)})")]
        last = signs[-1]
    html = last.html
    for name, script in zip(_NAMES[element.tag], scripts, strict=True):
        inner = _row(_signs(script, rows), scripted=True).strip()
        raised = name == "sup" and inner and set(inner) <= _PRIMES
        html += inner if raised else f"<{name}>{inner}</{name}>" if inner else ""
    yield from signs[:-1]
    yield replace(last, html=html, kind="letter" if last.kind in ("closing", "opening", "binary") else last.kind)


def _over(element: Element, rows: str) -> Iterator[_Sign]:
    """A sign above a letter is an accent, otherwise a script."""
    base, sign = list(element)
    mark = _ACCENTS.get((sign.text or "").strip()) if sign.tag == "mo" and not len(sign) else None
    if mark is None or (element.tag == "munder" and mark != "\u0305"):
        yield from _scripts(element, rows)
        return
    if element.tag == "munder":
        raise _Lost
    letters, script, rest = _row(_signs(base, rows), scripted=True).partition("<su")
    if not re.sub(r"<[^<>]*>", "", letters).isalnum():
        raise _Lost
    marked = re.sub(r"<[^<>]*+>|(\w)", lambda found: found[0] + (mark if found[1] else ""), letters)
    yield _Sign(marked + script + rest)


def _fraction(element: Element, rows: str) -> Iterator[_Sign]:
    if element.get("linethickness") in ("0", "0px", "0em"):
        raise _Lost
    over, under = (_signs(part, rows) for part in element)
    yield _Sign(f"{_operand(over, product=True)}/{_operand(under, product=False)}", "fraction", single=False)


def _operand(signs: Sequence[_Sign], *, product: bool) -> str:
    """One side of a fraction, in brackets where it would be misread without them: (a + b)/c, a/(bc)."""
    html = _row(signs, scripted=False).strip()
    kinds = [sign.kind for sign in signs]
    safe = {"letter", "word", "opening", "closing"} if product else {"letter"}
    alone = len(signs) == 1 and signs[0].single and kinds[0] in ("letter", "word")
    small = len(signs) == 2 and signs[0].html in ("∂", "∇", "<i>d</i>", "d", "−")  # noqa: PLR2004
    inner = {kind for level, kind in _levels(kinds) if level == 0}
    call = not product and kinds[:1] == ["letter"] and kinds[1:2] == ["opening"] and len(_outside(kinds)) == 1
    return html if alone or small or call or (product and inner <= safe and bool(kinds)) else f"({html})"


def _levels(kinds: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Each kind with the number of brackets around it."""
    level = 0
    for kind in kinds:
        level -= kind == "closing"
        yield max(level, 0), kind
        level += kind == "opening"


def _outside(kinds: Sequence[str]) -> list[str]:
    return [kind for level, kind in _levels(kinds) if level == 0 and kind not in ("opening", "closing")]


def _root(element: Element, rows: str) -> Iterator[_Sign]:
    base = list(element)[:1] if element.tag == "mroot" else list(element)
    signs = [sign for part in base for sign in _signs(part, rows)]
    degree = _row(_signs(element[1], rows), scripted=True) if element.tag == "mroot" else ""
    html = _row(signs, scripted=False).strip()
    alone = len(signs) == 1 and signs[0].single
    before = f"<sup>{degree}</sup>" if degree else ""
    yield _Sign(f"{before}√{html if alone else f'({html})'}")


def _table(element: Element, rows: str) -> Iterator[_Sign]:
    lines = []
    for line in element:
        html = ""
        for cell in line:
            signs = _signs(cell, rows)
            shown = _row(signs, scripted=False).strip()
            related = signs and signs[0].kind in ("relation", "binary")
            html += (" " if related or not html else ", ") + shown if shown else ""
        lines.append(html.strip())
    yield _Sign(rows.join(line for line in lines if line), single=False)


def _enclosed(element: Element, rows: str) -> Iterator[_Sign]:
    if element.get("notation") != "box":  # a frame is decoration, a stroke is not
        raise _Lost
    yield from _children(element, rows)


def _nothing(_: Element, __: str) -> Iterator[_Sign]:
    yield from ()


_NAMES = {
    "msub": ("sub",),
    "munder": ("sub",),
    "msup": ("sup",),
    "mover": ("sup",),
    "msubsup": ("sub", "sup"),
    "munderover": ("sub", "sup"),
}
_SHAPES: Mapping[str, Callable[[Element, str], Iterator[_Sign]]] = {
    **dict.fromkeys(("math", "mrow", "mstyle", "mpadded", "mtd"), _children),
    **dict.fromkeys(("mi", "mo", "mn"), _token),
    **dict.fromkeys(("mtext", "ms"), _words),
    **dict.fromkeys(("msub", "msup", "msubsup", "munderover"), _scripts),
    **dict.fromkeys(("mover", "munder"), _over),
    **dict.fromkeys(("msqrt", "mroot"), _root),
    **dict.fromkeys(("mphantom", "none"), _nothing),
    "menclose": _enclosed,
    "mfrac": _fraction,
    "mspace": _space,
    "mtable": _table,
}
