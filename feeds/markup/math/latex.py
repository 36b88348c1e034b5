"""LaTeX as the one reader takes it: no deeper than its stack, no characters that XML forbids."""

from __future__ import annotations

import re

from feeds.text import allowed

LONGEST = 10_000
DEEPEST = 100
_NEST = re.compile(r"\\(?:left|right|begin|end)(?![A-Za-z])|\\[A-Za-z]+|\\.|[{}_^]|[^\\{}_^\s]", re.DOTALL)


class Refused(Exception):  # not an error: an answer
    """A formula that is not converted, with the reason in the words of a message to its author."""


def prepared(tex: str) -> str:
    """LaTeX for the reader; `Refused` if it is longer or deeper than people write."""
    if len(tex) > LONGEST:
        raise Refused(f"it is longer than {LONGEST:,} characters")
    depth = chain = 0
    for found in _NEST.finditer(tex):
        sign = found[0]
        if sign in ("{", r"\left", r"\begin"):
            depth += 1
        elif sign in ("}", r"\right", r"\end"):
            depth -= 1
        chain = chain + 1 if sign[0] in "\\_^" else 0
        if depth + chain > DEEPEST:
            raise Refused(f"it is nested deeper than {DEEPEST} levels")
    return allowed(tex)
