"""Formulas as PNG, for emails: no inbox shows MathML, and hardly any shows SVG.

ziamath draws the MathML with the glyphs of STIX Two Math, as paths; resvg renders the paths. Neither needs a system
font, a file or the network. Import this module only when an email shows a formula: ziamath takes 0.2 s to load.
"""

from __future__ import annotations

import hashlib
import math
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import resvg_py
from ziamath import zmath  # the package does not declare its exports

from feeds.markup.math import Refused
from feeds.markup.math.tree import tree
from feeds.records import record

if TYPE_CHECKING:
    from collections.abc import Sequence
    from xml.etree.ElementTree import Element

    from feeds.markup.math.tree import Node

INK = "#1c2127"
GROUND = "#ffffff"
"""Opaque, so that the formula is readable where a client darkens only its own background."""

SIZE = 19.0
"""Font size in CSS pixels: STIX is a small face, and 19 goes well with a sans serif of 16."""

AIR = 8
WIDEST = 552
"""Width of the email's column, in CSS pixels."""

HIGHEST = 300
SMALLEST = 0.7
"""A wider formula is scaled down, but not below this fraction of its size."""

DENSITY = 2
_STYLE = f"{SIZE} {INK} {GROUND} {AIR} {WIDEST} {SMALLEST} {DENSITY}"

_DEAREST = 8_000
"""How many elements ziamath may have to measure: a few tenths of a second."""

_DRAWN = frozenset(
    """
    math mrow mi mo mn ms mtext mspace mfrac msqrt mroot mpadded mphantom menclose mfenced msub msup msubsup munder
    mover munderover mmultiscripts mprescripts none mtable mtr mtd mstyle
    """.split()  # noqa: SIM905  # no easier to read as thirty strings
)
"""For any other element, ziamath would write to the root logger."""

_STYLES = frozenset(("b", "i", "em", "code", "s", "u", "span"))
"""HTML within `<mtext>`."""

_ROWS = frozenset(("math", "mrow", "mtd", "mpadded", "mphantom", "mstyle", "menclose", "msqrt", "none"))


@record()
class Picture:
    """A PNG with `DENSITY` pixels per CSS pixel; `width` and `height` are in CSS pixels."""

    name: str
    data: bytes
    width: int
    height: int


@lru_cache(maxsize=256)
def draw(tex: str) -> Picture | None:
    """A display formula as an image; None if a sign is missing from the font or the image would be too large.

    The name depends only on the LaTeX and the style, the bytes also on the versions of ziamath and resvg.
    """
    try:
        node = tree(tex, display=True)
    except Refused:
        return None
    if not _drawable(node):
        return None
    prepared = _prepared(_element(node))
    try:
        formula = zmath.Math(prepared, size=SIZE, margin=0)
        box, svg = formula.node.bbox, formula.svgxml()
    except Exception:  # noqa: BLE001  # what is not as the library expects fails as TypeError, IndexError, RecursionError …
        return None
    width, height = box.xmax - box.xmin, box.ymax - box.ymin
    scale = min(1.0, (WIDEST - 2 * AIR) / width) if width > 0 else 0.0
    if not (scale >= SMALLEST and 0 < height * scale <= HIGHEST - 2 * AIR):  # written this way, it also rejects NaN
        return None
    if any((symbol.get("id") or "").endswith("_0") for symbol in svg.iter("symbol")):
        return None  # glyph 0 is the box for signs missing from the font
    return _painted(tex, svg, (box.xmin, -box.ymax, width, height), scale)


def _painted(tex: str, svg: Element, box: tuple[float, float, float, float], scale: float) -> Picture:
    """The drawing centred in whole CSS pixels, with a margin."""
    left, top, width, height = box
    columns, rows = math.ceil(width * scale) + 2 * AIR, math.ceil(height * scale) + 2 * AIR
    wide, high = columns / scale, rows / scale
    svg.attrib |= {
        "width": str(columns),
        "height": str(rows),
        "viewBox": f"{left - (wide - width) / 2:.3f} {top - (high - height) / 2:.3f} {wide:.3f} {high:.3f}",
    }
    data = resvg_py.svg_to_bytes(
        svg_string=ElementTree.tostring(svg, encoding="unicode"),
        background=GROUND,
        skip_system_fonts=True,
        width=columns * DENSITY,
        height=rows * DENSITY,
    )
    digest = hashlib.sha256(f"{_STYLE}\n{tex}".encode()).hexdigest()
    return Picture(f"formula-{digest[:12]}.png", bytes(data), columns, rows)


def _drawable(node: Node) -> bool:
    """Whether ziamath will finish soon: it measures the parts of a row twice, so their number doubles with each row
    inside a row.
    """
    cost, level = 0, [(node, 1)]
    while level and cost <= _DEAREST:
        cost += sum(times for _, times in level)
        level = [(child, times * (1 + (part.tag in _ROWS))) for part, times in level for child in part]
    return cost <= _DEAREST


def _element(node: Node) -> Element:
    """The tree as ziamath takes it; an element it does not know is a row."""
    element = ElementTree.Element(node.tag if node.tag in _DRAWN else "mrow", node.start.attributes)
    element.text = node.text + "".join(child.text for child in node if child.tag in _STYLES)
    element.extend([_element(child) for child in node if child.tag not in _STYLES])
    return element


def _prepared(element: Element) -> Element:
    """MathML as ziamath wants it: in our ink, rows with one part without their row, stretched signs left alone."""
    element.set("mathcolor", INK)
    for part in element.iter():
        for place, child in enumerate(list(part)):
            while child.tag == "mrow" and len(child) == 1 and child[0].tag != "mo" and not child.attrib:
                child = child[0]  # noqa: PLW2901  # one row less halves the work
            part[place] = child
        if part.tag == "mo" and part.text in _STILL:
            part.set("stretchy", "false")
        if part.tag == "mi" and part.text in _SPACED:
            part.tag = "mtext"
        if part.tag == "mo" and part.get("stretchy") == "false":
            part.text = _NARROW.get(part.text or "", part.text)
        elif part.tag == "mo":
            part.text = _WIDE.get(part.text or "", part.text)
        if part.tag == "mtable":
            part.set("rowspacing", "0.5em")  # the library's own value lets lines touch
            part.set("columnspacing", part.get("gaps") or "0.9em")
        if part.tag == "mrow":
            _signed(list(part))
    return element


def _signed(row: Sequence[Element]) -> None:
    """A minus after another sign belongs to what follows: = −x."""
    for before, sign in pairwise(row):
        if sign.tag == "mo" and sign.text in _SIGNS and before.tag == "mo" and before.text not in _CLOSING:
            sign.set("form", "prefix")


_SIGNS = frozenset("+-−±∓")
_CLOSING = frozenset(")]}|‖⟩⌉⌋!")
_STILL = frozenset("↑↓∑∏∐∫∬∭∮⋃⋂⋁⋀⨁⨂⨀")
"""Signs that TeX does not stretch; those with limits would not count for the height of brackets around them."""
_SPACED = frozenset("∂∇")
"""Letters that the library takes for operators."""
_NARROW = {"^": "ˆ", "~": "˜"}
_WIDE = {"^": "\u0302", "ˆ": "\u0302", "~": "\u0303", "\u0332": "_"}
"""Accents by the names under which the font has them in one width, and in several."""
