"""MathML that is readable even where it is not supported.

A reader without MathML shows only its text: newsboat turns 1/3 into 13 and a power into x2. So the signs a formula
needs on one line (`/ ^ _ √ ( )`) are put in as zero-size phantoms: MathML does not show them, other readers do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_NOWHERE = {"width": "0", "height": "0", "depth": "0"}
_TOKENS = ("mi", "mn", "mo", "mtext", "ms")
_PRIMES = "′″‴*∗†"


def readable(element: Element) -> None:
    """Inserts the signs, at every depth."""
    for child in list(element):
        readable(child)
    children = list(element)
    if element.tag in _RULES and len(children) == _SHAPES.get(element.tag, len(children)):
        _RULES[element.tag](element, children)


def _fraction(element: Element, children: list[Element]) -> None:
    over, under = children
    _around(element, over, "", "/")
    _around(element, under, "", "")


def _scripts(element: Element, children: list[Element]) -> None:
    for sign, child in zip(_SIGNS[element.tag], children[1:], strict=True):
        if not child.text or child.text not in _PRIMES:
            _around(element, child, sign, "")


def _square_root(element: Element, _: list[Element]) -> None:
    many = len(_words(element)) > 1
    element.insert(0, _sign("√(" if many else "√"))
    if many:
        element.append(_sign(")"))


def _root(element: Element, children: list[Element]) -> None:
    base, index = children
    _around(element, base, "root of ", "")
    _around(element, index, " of degree ", "")


def _rows(_: Element, rows: list[Element]) -> None:
    for row in rows[:-1]:
        row[-1].append(_sign("; "))


def _cells(_: Element, cells: list[Element]) -> None:
    for cell in cells[:-1]:
        cell.append(_sign(", "))


_SIGNS = {"msup": ("^",), "msub": ("_",), "msubsup": ("_", "^"), "munder": ("_",), "munderover": ("_", "^")}
_SHAPES = {"mfrac": 2, "mroot": 2, **{tag: len(signs) + 1 for tag, signs in _SIGNS.items()}}
"""The number of parts that MathML gives an element; the library sometimes makes others, which are left alone."""

_RULES: Mapping[str, Callable[[Element, list[Element]], None]] = {
    "mfrac": _fraction,
    "msqrt": _square_root,
    "mroot": _root,
    "mtable": _rows,
    "mtr": _cells,
    **dict.fromkeys(_SIGNS, _scripts),
}


def _around(parent: Element, child: Element, before: str, after: str) -> None:
    """The child in a row with signs, in brackets if it is more than one word."""
    many = len(_words(child)) > 1
    first, last = before + ("(" if many else ""), (")" if many else "") + after
    if not first and not last:
        return
    row = Element("mrow")
    if first:
        row.append(_sign(first))
    place = list(parent).index(child)
    parent.remove(child)
    row.append(child)
    if last:
        row.append(_sign(last))
    parent.insert(place, row)


def _words(element: Element) -> list[str]:
    """The texts of a formula, including our own signs: with any of those, it is more than a word."""
    return [part.text for part in element.iter() if part.tag in _TOKENS and part.text]


def _sign(text: str) -> Element:
    nowhere = Element("mpadded", _NOWHERE)
    word = SubElement(SubElement(nowhere, "mphantom"), "mtext")
    word.text = text.replace(" ", "\N{NO-BREAK SPACE}")
    return nowhere
