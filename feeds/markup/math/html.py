r"""Formulas as HTML with letters, `<sub>`, `<sup>`, `<i>` and `<b>`, for emails: no inbox shows MathML.

If HTML has no form for a part (braces over a sum, signs struck out), the answer is None and the LaTeX source is shown.
"""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape
from itertools import groupby

from feeds.markup.math import Refused
from feeds.markup.math.faces import face
from feeds.markup.math.linear import Form, Lost, written
from feeds.markup.math.tree import tree


@lru_cache(maxsize=1024)
def html_math(tex: str, rows: str = "; ") -> str | None:
    """A formula as HTML, or None if HTML cannot express it; `rows` is put between the rows of an array."""
    try:
        text = written(tree(tex, display=False), Form(_escaped, _letters, _script, rows, exact=True))
    except (Refused, Lost):
        return None
    return re.sub(r"</([ib])><\1>", "", text) or None


def _letters(text: str, upright: bool) -> str:
    """Letters in their style: bold and italic from HTML."""
    if "\u0338" in text:  # struck out
        raise Lost
    faces = [(face(char), char) for char in text]
    upright = upright or len(text) > 1
    styles = [(found.bold, found.italic or (not upright and _slants(char))) for found, char in faces]
    shown = ""
    for (bold, italic), run in groupby(zip(styles, faces, strict=True), lambda pair: pair[0]):
        part = _escaped("".join(found.plain for _, (found, _) in run))
        part = f"<i>{part}</i>" if italic else part
        shown += f"<b>{part}</b>" if bold else part
    return shown


def _slants(char: str) -> bool:
    """Whether TeX sets a letter in italics: Latin ones and small Greek ones."""
    return (char.isascii() or "α" <= char <= "ϖ") and char.isalpha()


def _script(place: str, inner: str) -> str:
    return f"<{place}>{inner}</{place}>"


def _escaped(text: str) -> str:
    return escape(text, quote=False)
