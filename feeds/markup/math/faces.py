"""Letters in the faces of mathematics: 𝐱 is bold x, and few fonts outside mathematics have it."""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import NamedTuple

KEPT = frozenset("ℝℕℤℚℂ𝔼ℓℏℵ℘ℜℑ")
"""Every font has these, or one to fall back on; ℓ to ℑ are signs of their own."""


class Face(NamedTuple):
    """A letter in the face of its text, and what it has lost."""

    plain: str
    bold: bool = False
    italic: bool = False


@cache
def face(char: str) -> Face:
    """A character as every font has it."""
    if char in KEPT or char.isascii():
        return Face(char)
    name = unicodedata.name(char, "")
    if not name.startswith(("MATHEMATICAL ", "SCRIPT ", "BLACK-LETTER ", "DOUBLE-STRUCK ", "PLANCK CONSTANT")):
        return Face(char)
    plain = unicodedata.normalize("NFKC", char)
    if not plain.isalnum():
        return Face(char)
    bold = "BOLD" in name or "DOUBLE-STRUCK" in name
    return Face(plain, bold, "ITALIC" in name or "SCRIPT" in name or "PLANCK" in name)


def plain(text: str) -> str:
    """A text in plain letters, but for those every font has."""
    return text if text.isascii() else "".join(face(char).plain for char in text)
