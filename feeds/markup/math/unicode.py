r"""Formulas as Unicode text, for emails, summaries and plain text: `\lambda_1 > 2/\eta` is `λ₁ > 2/η`."""

from __future__ import annotations

import unicodedata
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from feeds.markup.math import Refused

if TYPE_CHECKING:
    from feeds.markup.math.linear import Form

NO_BREAK = "\u00a0"
WHOLE = "\u2060"
"""Put before and after a formula in a text (U+2060 WORD JOINER), so that `text.shorten` does not cut it."""

_UPPER = str.maketrans("0123456789+-−=()aeioxnijkmTt", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ᵃᵉⁱᵒˣⁿⁱʲᵏᵐᵀᵗ")
_LOWER = str.maketrans("0123456789+-−=()aeoxhklmnpstijruv", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₒₓₕₖₗₘₙₚₛₜᵢⱼᵣᵤᵥ")


@lru_cache(maxsize=4096)
def plain(tex: str) -> str:
    """A formula as Unicode text; as its source if it cannot be converted. Its spaces do not break a line."""
    from feeds.markup.math.linear import written  # a site without formulas in its summaries does not load it
    from feeds.markup.math.tree import tree

    try:
        text = unicodedata.normalize("NFC", written(tree(tex, display=False), _form()))
    except Refused:
        text = ""
    return NO_BREAK.join(text.split()) or NO_BREAK.join(tex.split())


def script(sign: str, inner: str) -> str:
    """A script in its Unicode form if every character has one, else `_x`, `^(x + 1)`."""
    inner = inner.strip()
    if inner == "⊤":
        return "ᵀ"
    table = _LOWER if sign == "_" else _UPPER
    if inner and all(ord(char) in table for char in inner):
        return inner.translate(table)
    return f"{sign}{inner}" if len(inner) <= 1 or inner.isalnum() else f"{sign}({inner})"


def _script(place: str, inner: str) -> str:
    return script("_" if place == "sub" else "^", inner)


@cache
def _form() -> Form:
    from feeds.markup.math import faces
    from feeds.markup.math.linear import Form

    return Form(str, lambda text, _: faces.plain(text), _script, "; ", exact=False)
