"""What KaTeX makes of formulas, and what two MathML formulas have in common: their words, letters and parts.

KaTeX was written by others, is what most of these blogs show their formulas with, and knows LaTeX well: it is the
oracle for ours. What it writes in its own way is listed here and counts as equal; all else is a difference.
"""

from __future__ import annotations

import json
import re
import subprocess
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

HERE = Path(__file__).parent
MODULE = HERE / "node_modules" / "katex"

_STYLES = {
    "bold": "bold",
    "italic": "italic",
    "bold-italic": "bold italic",
    "double-struck": "double-struck",
    "script": "script",
    "bold-script": "bold script",
    "fraktur": "fraktur",
    "bold-fraktur": "bold fraktur",
    "sans-serif": "sans-serif",
    "bold-sans-serif": "sans-serif bold",
    "sans-serif-italic": "sans-serif italic",
    "sans-serif-bold-italic": "sans-serif bold italic",
    "monospace": "monospace",
    "normal": "",
}
"""MathML's `mathvariant` in the words of Unicode's names."""
_IN_TEXT = {"b": "bold", "strong": "bold", "i": "italic", "em": "italic", "code": "monospace"}
"""HTML that gives a style to the text of `mtext`."""

_SAME = str.maketrans({
    "∣": "|",  # KaTeX writes a bar as the sign for "divides"
    "∥": "‖",
    "▿": "▽",  # AMS has small triangles, KaTeX one size
    "▵": "△",
    "▴": "▲",
    "▾": "▼",
    "▹": "▷",
    "◃": "◁",
    "◻": "□",
    "⟂": "⊥",
    "╱": "⟋",  # KaTeX draws diagonals with signs for boxes
    "╲": "⟍",
    "⨝": "⋈",
    "϶": "∍",
    "∶": ":",  # the sign of ratios is what a colon is between two sides
    "‾": "¯",  # accents: as a letter, as an accent, or to be put above a letter
    "ˉ": "¯",
    "\u0332": "¯",
    "^": "ˆ",
    "\u0302": "ˆ",
    "\u030c": "ˇ",
    "~": "˜",
    "ˊ": "´",
    "ˋ": "`",
    "\u20d7": "→",
    "”": '"',
    "’": "′",
    "\u0301": "´",
    "\u0300": "`",
    "\u0308": "¨",
    "\u0303": "˜",
    "Ⓡ": "®",
    **dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΧ", "ABEZHIKMNOPTX", strict=True)),  # TeX has no letters of their own for these
})  # fmt: skip
_SPELLINGS = {
    "...": "…",  # math-core writes three dots, KaTeX one sign
    "···": "⋯",
    "\u20db": "…",
    "\u20dc": "….",
    "″": "′′",
    "‴": "′′′",
    "⁗": "′′′′",
    "∷": "::",
    "≔": ":=",
    "≕": "=:",
    "⩴": "::=",
    "∹": "−:",
    "≰": "≦̸",  # KaTeX's fonts have one sign for several that are negated
    "⩽̸": "≦̸",
    "≱": "≧̸",
    "⩾̸": "≧̸",
    "⊈": "⫅̸",
    "⊉": "⫆̸",
}
"""Ways to write the same."""
_INVISIBLE = re.compile("[\\s\u200b-\u200d\u2061-\u2064\ufe00-\ufe0f]")
"""Spaces, the invisible signs of function application and the like, and selectors of a letter's form."""
_LEAVES = ("mi", "mn", "mo", "mtext", "ms")
_PARTS = {"mfrac": "fractions", "msqrt": "roots", "mroot": "roots", "mtr": "rows"}
_WITH_SCRIPTS = ("msub", "msup", "msubsup", "munder", "mover", "munderover", "mroot", "mmultiscripts")
_MOVING = set("∏∐∑⋀⋁⋂⋃⨀⨁⨂⨃⨄⨅⨆⨇⨈⨉⫼⫿")
"""MathML's dictionary of operators says so of these."""
_LETTER_LIKE = {"ℎ": ("h", "italic"), "ℏ": ("ℏ", ""), "ℓ": ("ℓ", ""), "℘": ("℘", "")}
ANY = "any"
"""The style of a letter that Unicode does not have so, or that KaTeX takes for an operator."""


@dataclass(frozen=True)
class Made:
    """A formula without its looks."""

    words: str
    letters: tuple[tuple[str, str], ...]
    """Each letter and digit, with its style."""
    parts: tuple[tuple[str, int], ...]
    """How many fractions, roots, rows and limits there are."""


def by_katex(formulas: list[tuple[str, bool]]) -> list[Made | None]:
    """What KaTeX makes of each, in one process; None where it does not know the LaTeX."""
    done = subprocess.run(
        ["node", "katex.mjs"],
        input=json.dumps([[tex, display, {}] for tex, display in formulas]),
        cwd=HERE,
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    found: list[str | None] = json.loads(done.stdout)
    return [
        # In a line KaTeX writes limits as scripts itself, so that those which are limits were asked for.
        made(re.sub(r"(?s)^.*?<math[^>]*>(.*</math>).*$", r'<math display="block">\1', one)) if one else None
        for one in found
    ]


def made(mathml: str) -> Made:
    """What is shown of a formula. Limits that a browser moves beside a sum, as in a fraction, are none."""
    reading = _Reading()
    root = ElementTree.fromstring(mathml.replace("&ApplyFunction;", "").replace("&nbsp;", " "))
    reading.read(root, display=root.get("display") == "block")
    text = "".join(reading.words)
    for one, other in _SPELLINGS.items():
        text = text.replace(unicodedata.normalize("NFD", one), unicodedata.normalize("NFD", other))
    return Made(text, tuple(reading.letters), tuple(reading.parts.items()))


def same_letters(one: Made, other: Made) -> bool:
    """Whether letters have the same style, where it can be seen."""
    return len(one.letters) == len(other.letters) and all(
        letter == match and (style == own or ANY in (style, own))
        for (letter, style), (match, own) in zip(one.letters, other.letters, strict=True)
    )


class _Reading:
    def __init__(self) -> None:
        self.words: list[str] = []
        self.letters: list[tuple[str, str]] = []
        self.broken = False
        self.parts = {"fractions": 0, "roots": 0, "rows": 0, "limits": 0}

    def read(self, element: ElementTree.Element, *, display: bool) -> None:
        tag = element.tag
        if tag in ("annotation", "mphantom"):
            return
        if tag in _LEAVES and not any(child.tag in _LEAVES or len(child) for child in element):
            for char, style in _leaf(element):
                self.words.append(char)
                if char.isalnum():
                    self.letters.append((char, style))
            return
        display = {"true": True, "false": False}.get(element.get("displaystyle", ""), display and tag != "mtable")
        if part := _PARTS.get(tag):
            self.parts[part] += 1
        elif tag == "mspace" and element.get("linebreak") == "newline":  # KaTeX's way to end a row outside of a table
            self.parts["rows"] += 1 if self.broken else 2
            self.broken = True
        elif tag in ("munder", "mover", "munderover") and not (not display and _moves(element)):
            self.parts["limits"] += sum(bool(_INVISIBLE.sub("", "".join(child.itertext()))) for child in element[1:])
        for place, child in enumerate(element):
            inner = tag == "mfrac" or (place and tag in _WITH_SCRIPTS)
            self.read(child, display=display and not inner)


def _moves(limits: ElementTree.Element) -> bool:
    """Whether the limits of a sign stand beside it in a line of text."""
    base = next((part for part in limits[0].iter() if part.tag in _LEAVES), limits[0])
    said = base.get("movablelimits")
    word = _INVISIBLE.sub("", "".join(limits[0].itertext()))
    name = len(word) > 1 and word.isalpha() and limits.get("accent") != "true"
    return name or said == "true" or (said is None and word in _MOVING)


def _leaf(leaf: ElementTree.Element) -> list[tuple[str, str]]:
    given = leaf.get("mathvariant")
    text = "".join(leaf.itertext())
    plain = _INVISIBLE.sub("", unicodedata.normalize("NFD", text))
    alone = leaf.tag == "mi" and sum(not unicodedata.combining(char) for char in plain) == 1
    style = _STYLES[given] if given else "italic" if alone and _has_italic(plain[0]) else ""
    for child in leaf.iter():
        style = _IN_TEXT.get(child.tag, "sans-serif" if "sans" in child.get("class", "") else style)
    found = []
    for char in _INVISIBLE.sub("", unicodedata.normalize("NFD", text)):
        letter, own = _letter(char)
        if not own and (leaf.tag == "mo" or (style and leaf.tag != "mtext" and (letter, style) not in _styled())):
            own = ANY
        found.append((letter.translate(_SAME), own or style))
    return found


@cache
def _styled() -> frozenset[tuple[str, str]]:
    """All letters that Unicode has in a style."""
    return frozenset(_letter(chr(code)) for code in (*range(0x2100, 0x2150), *range(0x1D400, 0x1D800)))


def _has_italic(char: str) -> bool:
    return char != "ϰ" and ("A" <= char <= "z" or "Α" <= char <= "ϵ")


@cache
def _letter(char: str) -> tuple[str, str]:
    """A mathematical letter as a plain letter and its style."""
    if char in _LETTER_LIKE:
        return _LETTER_LIKE[char]
    name = unicodedata.name(char, "")
    if name.startswith(("MATHEMATICAL ", "SCRIPT ", "BLACK-LETTER ", "DOUBLE-STRUCK ")):
        style = re.match(
            r"(?:MATHEMATICAL )?((?:SANS-SERIF|BOLD|ITALIC|SCRIPT|FRAKTUR|BLACK-LETTER|DOUBLE-STRUCK|MONOSPACE|\s)+)",
            name,
        )
        kind, _, code = unicodedata.decomposition(char).partition("> ")
        if style and kind == "<font":
            return chr(int(code, 16)), style[1].strip().lower().replace("black-letter", "fraktur")
    return char, ""
