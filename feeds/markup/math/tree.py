r"""LaTeX -> the tree of MathML elements that all writers walk. math-core is the one reader of LaTeX.

What it writes is known, since its version is pinned, so a few lines read it back: the standard library's parser takes
4 ms to load, and longer for a formula than all the rest. The tree is MathML without what readers do not show or must
not be given: operators without a sign, selectors of variants, styles.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING

from feeds.markup.math import Refused
from feeds.markup.math.latex import prepared
from feeds.markup.math.reasons import reason
from feeds.markup.sanitize import MATH, MATH_ATTRIBUTES, quoted
from feeds.text import expression

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

DEEPEST = 150
"""How deep elements may be nested: less than any XML parser reads, and than Python calls."""

_ENTITIES = {"&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'", "&amp;": "&"}
_APPLIED = expression('<mo(?: lspace="([^"]*)")?>(?:&ApplyFunction;|&InvisibleTimes;|\u2063)</mo>')
"""Operators without a sign: what a function is applied by, and the side of a pair of brackets that is left out."""
_DOTS = expression(r"(?:<mo[^<>]*+>\.</mo>){3}")
_VARIANTS = expression("[\ufe00\ufe01]")
"""Which of its two shapes a script letter has. A font that does not know it shows a box."""
_ALONE = expression("<mrow><mspace/>(<mi>.</mi>)</mrow>")
"""Spaced as a word, since with its variant it is more than a character."""
_ATTRIBUTE = expression(r'(?<![a-z])([a-z]++)="([^"]*+)"')
_SIDES = "left", "right", "center"
_ALIGNED = expression(rf"text-align: ?({'|'.join(_SIDES)})")


class Start:
    """What an element begins with, and how its tags are written: as the cleaner leaves them."""

    __slots__ = ("attributes", "end", "parts", "tag", "text", "written")

    def __init__(self, tag: str, attributes: dict[str, str], text: str = "") -> None:
        self.tag, self.attributes, self.text = tag, attributes, text
        said = "".join(f' {name}="{quoted(value)}"' for name, value in attributes.items() if name in _KNOWN)
        self.parts = _PARTS.get(tag, 0)
        known = tag in _TAGS
        self.written, self.end = (f"<{tag}{said}>", f"</{tag}>") if known else ("", "")


class Node(list["Node"]):
    """An element; its children are its items. `written` is what a writer made of a leaf."""

    __slots__ = ("start", "written")

    start: Start
    written: str | None

    @classmethod
    def of(cls, start: Start, children: Iterable[Node] = ()) -> Node:
        """A new element."""
        node = cls(children)
        node.start, node.written = start, None
        return node

    @property
    def tag(self) -> str:
        """Its name."""
        return self.start.tag

    @property
    def text(self) -> str:
        """What stands in it before its children."""
        return self.start.text

    def get(self, name: str) -> str:
        """An attribute, "" without it."""
        return self.start.attributes.get(name, "")


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
    if "&A" in mathml or "&I" in mathml or "\u2063" in mathml:
        mathml = _APPLIED.sub(lambda found: f'<mspace width="{found[1]}"/>' if found[1] else "", mathml)
    if ">.</mo>" in mathml:
        mathml = _DOTS.sub('<mo lspace="0" rspace="0.1667em">…</mo>', mathml)
    if "\ufe00" in mathml or "\ufe01" in mathml:
        mathml = _ALONE.sub(r"\1", _VARIANTS.sub("", mathml))
    return mathml


@cache
def _converter() -> tuple[Callable[..., str], type[Exception]]:
    from math_core import LatexError, LatexToMathML

    converter = LatexToMathML(fancy_error=False, allow_unreliable_rendering=True)
    return converter.convert_with_local_state, LatexError


def _parsed(mathml: str) -> Node:
    """The tree. Leaves are shared, and most of them end where they must, so their ends are not looked at."""
    root = node = Node.of(Start("", {}))
    parents = list[Node]()
    tables = list[Node]()
    for piece in mathml.replace("</mi>", "").replace("</mo>", "").replace("</mn>", "").split("<")[1:]:
        if piece[0] == "/":
            if node.start.parts and len(node) != node.start.parts:
                raise Refused("an argument of a command is empty")
            node = parents.pop()
            continue
        start, leaf = _begun(piece)
        if leaf is not None:
            node.append(leaf)
            continue
        child = Node()
        child.start, child.written = start, None
        node.append(child)
        parents.append(node)
        node = child
        if start.tag == "mtable":
            tables.append(node)
        if len(parents) > DEEPEST:
            raise Refused(f"it is nested deeper than {DEEPEST} levels")
    for table in tables:
        _align(table)
    return root[0]


@lru_cache(maxsize=4096)
def _begun(piece: str) -> tuple[Start, Node | None]:
    """How an element begins, and the element if that is all. Styles are for tables."""
    tag, _, text = piece.partition(">")
    name = tag.partition(" ")[0].rstrip("/")
    attributes = dict(_ATTRIBUTE.findall(tag))
    if name not in ("mtable", "mtd"):
        attributes.pop("style", "")
    if "&" in text:
        for entity, sign in _ENTITIES.items():
            text = text.replace(entity, sign)
    start = Start(name, attributes, text)
    return start, Node.of(start) if name in ("mi", "mo", "mn") or tag.endswith("/") else None


def _align(table: Node) -> None:
    """How columns stand, said on the table as well as on its cells: readers know either way."""
    if "width" in table.get("style"):  # numbered: a cell before the rows centres them, the one behind has the number
        for row in table:
            del row[0]
            if not row[-1]:
                del row[-1]
    table.start = Start("mtable", _said(table))
    for row in table:
        for cell in row:
            if "padding-left: 0" in cell.get("style") and cell and cell[0].tag == "mo":
                cell[0] = _unspaced(cell[0])
            cell.start = _CELLS[_side(cell)]


def _said(table: Node) -> dict[str, str]:
    """The attributes of a table, from the styles of its cells."""
    said = {name: table.get(name) for name in ("displaystyle", "scriptlevel") if table.get(name)}
    first = max(table, key=len, default=Node())
    rows = [[_side(cell) for cell in row] for row in table]
    sides = [_side(cell) for cell in first]
    if {*sides} - {"center"} and all(row == sides[: len(row)] for row in rows):
        said["columnalign"] = " ".join(sides)
    columns = ["border-right" in cell.get("style") for cell in first[:-1]]
    lines = ["border-top" in row[0].get("style") if row else False for row in table[1:]]
    for name, drawn in (("columnlines", columns), ("rowlines", lines)):
        if any(drawn):
            said[name] = " ".join("solid" if line else "none" for line in drawn)
    joined = ["padding-left: 0" in cell.get("style") for cell in first[1:]]
    said["gaps"] = " ".join("0.28em" if close else "0.9em" for close in joined)  # for our own pictures
    return said


def _side(cell: Node) -> str:
    found = _ALIGNED.search(cell.get("style"))
    return found[1] if found else "center"


def _unspaced(sign: Node) -> Node:
    """The sign that a column begins with: what is between two columns is room enough."""
    return Node.of(Start("mo", {**sign.start.attributes, "lspace": "0"}, sign.text))


_PARTS = {
    **dict.fromkeys(("mfrac", "mroot", "msub", "msup", "munder", "mover"), 2),
    **dict.fromkeys(("msubsup", "munderover"), 3),
}
"""How many children an element must have; for an empty `operatorname{}` math-core writes none."""
_TAGS = MATH | {"b", "i", "em", "code", "s", "u"}
"""HTML stands within `<mtext>`."""
_KNOWN = MATH_ATTRIBUTES | {"style", "dir"}
_CELLS = {
    "left": Start("mtd", {"style": "text-align:left"}),
    "right": Start("mtd", {"style": "text-align:right", "dir": "rtl"}),  # Chromium follows the direction alone
    "center": Start("mtd", {}),
}
