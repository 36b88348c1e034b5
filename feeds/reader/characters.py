"""Removes characters from posts that no output may contain, and reports their lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feeds.errors import Problem
from feeds.text import FORBIDDEN

if TYPE_CHECKING:
    import re


def printable(
    text: str, path: str, first_line: int, forbidden: re.Pattern[str] = FORBIDDEN
) -> tuple[str, list[Problem]]:
    """The text without forbidden characters, and a warning for each line that contained some."""
    if not forbidden.search(text):
        return text, []
    problems = []
    for number, line in enumerate(text.split("\n"), first_line):
        if found := forbidden.findall(line):
            names = ", ".join(sorted({f"U+{ord(char):04X}" for char in found}))
            message = f"invisible control character {names} removed; delete it here"
            problems.append(Problem(path, number, message, "warning", code="character-removed"))
    return forbidden.sub("", text), problems
