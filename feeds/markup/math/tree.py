"""LaTeX -> the tree of MathML elements that all writers walk. math-core is the one reader of LaTeX.

What it writes is known, since its version is pinned, so a few lines read it back: the standard library's parser takes
4 ms to load and half as long again for each formula. The tree is MathML without what readers do not show, or must not
be given: invisible operators, selectors of variants, styles.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from feeds.markup.math.latex import Refused, prepared
from feeds.markup.math.reasons import reason

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Node", "Refused", "tree"]

DEEPEST = 150
"""How deep elements may be nested: less than any XML parser reads, and than Python calls."""

_ENTITIES = {"&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'", "&amp;": "&"}
_APPLIED = re.compile('<mo(?: lspace="([^"]*)")?>(?:&ApplyFunction;|&InvisibleTimes;|\u2063)</mo>')
"""Operators without a sign: what a function is applied by, and the side of a pair of brackets that is left out."""
_DOTS = re.compile(r"(?:<mo[^<>]*+>\.</mo>){3}")
_VARIANTS = re.compile("[\ufe00-\ufe0f]")
"""Which of its shapes a letter has. A font that does not know it shows a box."""
_ALONE = re.compile("<mrow><mspace/>(<mi>.</mi>)</mrow>")
"""Spaced as a word, since with its variant it is more than a character."""
_ATTRIBUTE = re.compile(r'([a-z]+)="([^"]*)"')
_OTHER = "style", "class", "id"
_ALIGNED = re.compile(r"text-align: ?(left|right|center)")
_GAPS = (("padding-left: 0;", "0em"), ("padding-left:1em;", "1em"))
"""Between a column and the one before it."""


class Node(list["Node"]):
    """An element; its children are its items."""

    __slots__ = ("attributes", "tag", "text")

    def __init__(self, tag: str, attributes: dict[str, str], text: str = "") -> None:
        super().__init__()
        self.tag, self.attributes, self.text = tag, attributes, text

    def get(self, name: str) -> str:
        """An attribute, "" without it."""
        return self.attributes.get(name, "")


@lru_cache(maxsize=256)
def tree(tex: str, *, display: bool) -> Node:
    """The `<math>` of a formula, not to be changed; `Refused` if it cannot be converted."""
    return _parsed(_converted(prepared(tex, display=display), display=display))


def _converted(tex: str, *, display: bool) -> str:
    convert, error = _converter()
    try:
        mathml = convert(tex, displaystyle=display)
    except error as said:
        raise Refused(reason(str(said))) from None
    if ">.</mo>" in mathml:
        mathml = _DOTS.sub('<mo lspace="0" rspace="0.1667em">…</mo>', mathml)
    if not mathml.isascii():
        mathml = _ALONE.sub(r"\1", _VARIANTS.sub("", mathml))
    return _APPLIED.sub(_space, mathml)


@cache
def _converter() -> tuple[Callable[..., str], type[Exception]]:
    from math_core import LatexError, LatexToMathML

    converter = LatexToMathML(fancy_error=False, allow_unreliable_rendering=True)
    return converter.convert_with_local_state, LatexError


def _space(found: re.Match[str]) -> str:
    return f'<mspace width="{found[1]}"/>' if found[1] else ""


def _parsed(mathml: str) -> Node:
    root = Node("", {})
    opened = [root]
    tables = list[Node]()
    for piece in mathml.split("<")[1:]:
        start, _, text = piece.partition(">")
        if start[0] == "/":
            opened.pop()
            continue
        tag, attributes, empty = _start(start)
        node = Node(tag, attributes, _unescaped(text) if "&" in text else text)
        opened[-1].append(node)
        if tag == "mtable":
            tables.append(node)
        if not empty:
            opened.append(node)
            if len(opened) > DEEPEST:
                raise Refused(f"it is nested deeper than {DEEPEST} levels")
    for table in tables:
        _align(table)
    return root[0]


@lru_cache(maxsize=1024)
def _start(start: str) -> tuple[str, dict[str, str], bool]:
    """Name and attributes of an element, and whether it ends at once."""
    tag = start.partition(" ")[0].rstrip("/")
    attributes = dict(_ATTRIBUTE.findall(start))
    if tag not in ("mtable", "mtd"):
        attributes = {name: value for name, value in attributes.items() if name not in _OTHER}
    return tag, attributes, start.endswith("/")


def _unescaped(text: str) -> str:
    for entity, sign in _ENTITIES.items():
        text = text.replace(entity, sign)
    return text


def _align(table: Node) -> None:
    """How columns stand, said on the table as well as on its cells: readers know either way."""
    if "width" in table.get("style"):  # numbered: a cell before the rows centres them, the one behind has the number
        for row in table:
            del row[0]
            if not row[-1]:
                del row[-1]
    rows = [[_side(cell) for cell in row] for row in table]
    sides = max(rows, key=len, default=[])
    first = max(table, key=len, default=())
    gaps = [next((gap for said, gap in _GAPS if said in cell.get("style")), "0.8em") for cell in first[1:]]
    table.attributes = {name: table.get(name) for name in ("displaystyle", "scriptlevel") if table.get(name)}
    if {*sides} - {"center"} and all(row == sides[: len(row)] for row in rows):
        table.attributes["columnalign"] = " ".join(sides)
    if {*gaps} - {"0.8em"}:
        table.attributes["columnspacing"] = " ".join(gaps)
    for row, places in zip(table, rows, strict=True):
        for cell, side in zip(row, places, strict=True):
            cell.attributes = {} if side == "center" else {"style": f"text-align:{side}"}


def _side(cell: Node) -> str:
    found = _ALIGNED.search(cell.get("style"))
    return found[1] if found else "center"
