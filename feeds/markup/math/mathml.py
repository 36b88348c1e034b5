"""A formula as MathML that is readable even where it is not supported.

A reader without MathML shows only its text: newsboat turns 1/3 into 13 and a power into x2. So the signs a formula
needs on one line (`/ ^ _ √ ( )`) are put in as zero-size phantoms: MathML does not show them, other readers do.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING

from feeds.markup.math import Refused
from feeds.markup.sanitize import escaped, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from feeds.markup.math.tree import Node

__all__ = ["Refused", "code", "mathml"]

_UNSIGNED = frozenset(f"<mo>{sign}</mo>" for sign in "′″‴*∗†")
_THIN = "0.1667em"
"""Room around the name of a function: log p, not logp."""
_BRACKETS = {0: frozenset("([{⟨⌈⌊|‖∑∏∫−¬"), -1: frozenset(")]}⟩⌉⌋|‖!′")}
"""Signs that a cell of its own begins or ends with."""


@lru_cache(maxsize=4096)
def mathml(tex: str, *, display: bool) -> str:
    """A formula as safe MathML with its LaTeX as `alttext`; `Refused` if it cannot be converted."""
    inner = "".join([part.written or _written(part) for part in _reader()(tex, display=display)])
    shape = ' display="block"' if display else ""
    return f'<math{shape} alttext="{quoted(" ".join(tex.split()))}">{inner}</math>'


@cache
def _reader() -> Callable[..., Node]:
    from feeds.markup.math.tree import tree  # a site without formulas does not load it

    return tree


def code(tex: str) -> str:
    """What is shown of a formula that cannot be converted."""
    return f"<code>{escaped(tex)}</code>"


def _written(node: Node) -> str:
    """An element with the signs, at every depth."""
    start = node.start
    if not node:
        blank = _sign(" ") if start.tag == "mspace" and node.get("width") == _THIN else ""
        node.written = f"{start.written}{escaped(start.text)}{start.end}{blank}"
        return node.written
    parts = [child.written or _written(child) for child in node]
    sign = _SIGNS.get(start.tag)
    if sign:
        parts = sign(node, parts)
    return f"{start.written}{''.join(parts)}{start.end}"


def _fraction(node: Node, parts: list[str]) -> list[str]:
    over, under = parts
    return [_between("", over, " choose " if node.get("linethickness") == "0" else "/"), _between("", under, "")]


def _scripts(*signs: str) -> Callable[[Node, list[str]], list[str]]:
    def signed(node: Node, parts: list[str]) -> list[str]:
        if node.get("accent") or node.get("accentunder"):
            return parts
        scripts = zip(signs, parts[1:], strict=True)
        return [parts[0], *[_between(sign, part, "") if part not in _UNSIGNED else part for sign, part in scripts]]

    return signed


def _square_root(_: Node, parts: list[str]) -> list[str]:
    if _words("".join(parts)) > 1:
        return [_sign("√("), *parts, _sign(")")]
    return [_sign("√"), *parts]


def _root(_: Node, parts: list[str]) -> list[str]:
    base, degree = parts
    return [_between("root of ", base, ""), _between(" of degree ", degree, "")]


def _rows(_: Node, rows: list[str]) -> list[str]:
    return [*(_closed(row, "; ", "</mtd></mtr>") for row in rows[:-1]), rows[-1]]


def _cells(row: Node, cells: list[str]) -> list[str]:
    """A comma between cells, unless one goes on where another ends: a = b."""
    return [
        _closed(cell, ", ", "</mtd>") if _words(cell) and not (_goes_on(before, -1) or _goes_on(after, 0)) else cell
        for cell, before, after in zip(cells, row, [*row[1:], None], strict=True)
    ]


def _goes_on(cell: Node | None, place: int) -> bool:
    """Whether a cell begins (0) or ends (-1) with a sign that belongs to both sides; so does one that is not there."""
    while cell and cell.tag != "mo":
        cell = cell[place]
    return cell is None or (cell.tag == "mo" and cell.text not in _BRACKETS[place])


def _cell(cell: Node, parts: list[str]) -> list[str]:
    """What stands to the right is written from the left all the same."""
    return ['<mrow dir="ltr">', *parts, "</mrow>"] if cell.get("dir") else parts


def _closed(cell: str, sign: str, end: str) -> str:
    """A sign at the end of a cell."""
    return f"{cell.removesuffix(end)}{_sign(sign)}{end}"


_SIGNS: Mapping[str, Callable[[Node, list[str]], list[str]]] = {
    "mfrac": _fraction,
    "msqrt": _square_root,
    "mroot": _root,
    "mtable": _rows,
    "mtr": _cells,
    "mtd": _cell,
    "msub": _scripts("_"),
    "msup": _scripts("^"),
    "msubsup": _scripts("_", "^"),
    "munder": _scripts("_"),
    "mover": _scripts("^"),
    "munderover": _scripts("_", "^"),
}


def _between(before: str, part: str, after: str) -> str:
    """A part in a row with signs, in brackets if it is more than one word."""
    if len(part) < _SHORT:
        return _word(before, part, after)
    return _row(before, part, after)


def _row(before: str, part: str, after: str) -> str:
    words = _words(part)
    if words > 1:
        before, after = f"{before}(", f"){after}"
    if not words or (not before and not after):
        return part
    first, last = (_sign(sign) if sign else "" for sign in (before, after))
    return f"<mrow>{first}{part}{last}</mrow>"


_SHORT = 40
_word = lru_cache(maxsize=1024)(_row)


def _words(part: str) -> int:
    """How many words a part shows, our own signs among them."""
    return part.count("</mi>") + part.count("</mn>") + part.count("</mo>") + part.count("</mtext>")


@cache
def _sign(text: str) -> str:
    shown = text.replace(" ", "&nbsp;")
    return f'<mpadded width="0" height="0" depth="0"><mphantom><mtext>{shown}</mtext></mphantom></mpadded>'
