r"""Formulas in plain text: "Sorting in $O(n \log n)$ time" is "Sorting in O(n log n) time"."""

from __future__ import annotations

import re

from feeds.markup.math.find import protect
from feeds.markup.math.unicode import NO_BREAK, plain
from feeds.rendered import Syntax

_SYNTAX = Syntax(flavor="html")
"""No generator takes titles for Markdown, so MathJax finds in them what it looks for by itself."""


def formulas_as_text(text: str) -> str:
    """Plain text with its formulas in Unicode."""
    found = protect(text, _SYNTAX)
    if not found.formulas:
        return text

    def shown(mark: re.Match[str]) -> str:
        formula = found.formulas[int(mark[1])]
        words = plain(formula.tex).replace(NO_BREAK, " ")
        return formula.source if "\\" in words else words  # it could not be converted

    words = re.sub(rf"{found.mark}(\d++){found.mark}", shown, found.text)
    return words if words.strip() else text  # a title must be something
