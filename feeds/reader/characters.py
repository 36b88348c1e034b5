"""Removes characters from posts that no output may contain, and reports their lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feeds.errors import Problem
from feeds.text import FORBIDDEN, TURNS, expression

if TYPE_CHECKING:
    import re

    from feeds.errors import Severity

_TURNING = expression(f"[{TURNS}]")


def printable(
    text: str, path: str, first_line: int, forbidden: re.Pattern[str] = FORBIDDEN
) -> tuple[str, list[Problem]]:
    """The text without forbidden characters, and a note for each line that contained some, or a warning where they make
    it show other words than there are.
    """
    if not forbidden.search(text):
        return text, []
    problems = []
    for number, line in enumerate(text.split("\n"), first_line):
        if found := forbidden.findall(line):
            names = ", ".join(sorted({f"U+{ord(char):04X}" for char in found}))
            message = f"contains invisible characters ({names}), which were removed; delete them here"
            severity: Severity = "warning" if _TURNING.search("".join(found)) else "note"
            problems.append(Problem(path, number, message, severity, code="character-removed"))
    return forbidden.sub("", text), problems
