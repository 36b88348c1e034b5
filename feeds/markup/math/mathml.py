"""A formula as MathML that is readable even where it is not supported.

A reader without MathML shows only its text: newsboat turns 1/3 into 13 and a power into x2. So the signs a formula
needs on one line (`/ ^ _ √ ( )`) are put in as zero-size phantoms: MathML does not show them, other readers do.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING

from feeds.markup.math.tree import Refused, tree
from feeds.markup.sanitize import MATH, MATH_ATTRIBUTES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from feeds.markup.math.tree import Node

    Piece = tuple[str, int]  # MathML, and how many words it shows, our own signs among them

__all__ = ["Refused", "code", "mathml"]

_STYLES = frozenset(("b", "i", "em", "code", "s", "u"))
"""HTML within `<mtext>`."""
_KNOWN = MATH_ATTRIBUTES | {"style"}
_UNSIGNED = frozenset("′″‴*∗†")
_OPENING = frozenset("([{⟨⌈⌊∑∏∫−¬")
"""Signs that a cell of its own begins with."""


@lru_cache(maxsize=4096)
def mathml(tex: str, *, display: bool) -> str:
    """A formula as safe MathML with its LaTeX as `alttext`; `Refused` if it cannot be converted."""
    inner = "".join(shown for shown, _ in map(_written, tree(tex, display=display)))
    shape = ' display="block"' if display else ""
    return f'<math{shape} alttext="{_quoted(" ".join(tex.split()))}">{inner}</math>'


def code(tex: str) -> str:
    """What is shown of a formula that cannot be converted."""
    return f"<code>{_escaped(tex)}</code>"


def _written(node: Node) -> Piece:
    """An element with the signs, at every depth."""
    tag = node.tag
    if not node:
        text = _escaped(node.text)
        shown = f"<{tag}{_attributes(node)}>{text}</{tag}>" if tag in MATH or tag in _STYLES else text
        return shown, 1 if text else 0
    parts = [_written(child) for child in node]
    sign = _SIGNS.get(tag)
    if sign:
        parts = sign(node, parts)
    inner = "".join([shown for shown, _ in parts])
    words = sum([count for _, count in parts])
    return (f"<{tag}{_attributes(node)}>{inner}</{tag}>" if tag in MATH else inner), words


def _attributes(node: Node) -> str:
    return "".join([f' {name}="{_quoted(value)}"' for name, value in node.attributes.items() if name in _KNOWN])


def _fraction(node: Node, parts: list[Piece]) -> list[Piece]:
    over, under = parts
    return [_between("", over, " choose " if node.get("linethickness") == "0" else "/"), _between("", under, "")]


def _scripts(*signs: str) -> Callable[[Node, list[Piece]], list[Piece]]:
    def signed(node: Node, parts: list[Piece]) -> list[Piece]:
        if node.get("accent") or node.get("accentunder"):
            return parts
        scripts = zip(node[1:], signs, parts[1:], strict=True)
        return [parts[0], *(_script(child, sign, part) for child, sign, part in scripts)]

    return signed


def _script(node: Node, sign: str, part: Piece) -> Piece:
    bare = not part[1] or (node.tag == "mo" and node.text in _UNSIGNED)
    return part if bare else _between(sign, part, "")


def _square_root(_: Node, parts: list[Piece]) -> list[Piece]:
    many = sum(count for _, count in parts) > 1
    return [_sign("√(" if many else "√"), *parts, *([_sign(")")] if many else [])]


def _root(_: Node, parts: list[Piece]) -> list[Piece]:
    base, degree = parts
    return [_between("root of ", base, ""), _between(" of degree ", degree, "")]


def _rows(_: Node, rows: list[Piece]) -> list[Piece]:
    return [*(_closed(row, "; ", "</mtd></mtr>") for row in rows[:-1]), rows[-1]]


def _cells(row: Node, cells: list[Piece]) -> list[Piece]:
    """A comma between cells, unless the next one goes on with a sign: a = b."""
    return [
        _closed(cell, ", ", "</mtd>") if cell[1] and not _continues(after) else cell
        for cell, after in zip(cells, [*row[1:], None], strict=True)
    ]


def _continues(cell: Node | None) -> bool:
    while cell and cell.tag != "mo":
        cell = cell[0]
    return cell is None or (cell.tag == "mo" and cell.text not in _OPENING)


def _closed(piece: Piece, sign: str, end: str) -> Piece:
    """A sign at the end of a cell."""
    return piece[0].removesuffix(end) + _sign(sign)[0] + end, piece[1] + 1


_SIGNS: Mapping[str, Callable[[Node, list[Piece]], list[Piece]]] = {
    "mfrac": _fraction,
    "msqrt": _square_root,
    "mroot": _root,
    "mtable": _rows,
    "mtr": _cells,
    "msub": _scripts("_"),
    "msup": _scripts("^"),
    "msubsup": _scripts("_", "^"),
    "munder": _scripts("_"),
    "mover": _scripts("^"),
    "munderover": _scripts("_", "^"),
}


def _between(before: str, piece: Piece, after: str) -> Piece:
    """A piece in a row with signs, in brackets if it is more than one word."""
    shown, words = piece
    if words > 1:
        before, after = f"{before}(", f"){after}"
    if not before and not after:
        return piece
    first, last = (_sign(sign)[0] if sign else "" for sign in (before, after))
    return f"<mrow>{first}{shown}{last}</mrow>", words + bool(before) + bool(after)


@cache
def _sign(text: str) -> Piece:
    shown = text.replace(" ", "&nbsp;")
    return f'<mpadded width="0" height="0" depth="0"><mphantom><mtext>{shown}</mtext></mphantom></mpadded>', 1


def _escaped(text: str) -> str:
    """Text as the cleaner writes it."""
    if text.isalnum():
        return text
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace("\N{NO-BREAK SPACE}", "&nbsp;")


def _quoted(text: str) -> str:
    return _escaped(text).replace('"', "&quot;")
