"""Removes characters from posts that no output may contain, and reports their lines."""

from __future__ import annotations

from feeds.errors import Problem
from feeds.text import FORBIDDEN


def printable(text: str, path: str, first_line: int) -> tuple[str, list[Problem]]:
    """The text without forbidden characters, and a note for each line that contained some."""
    if not FORBIDDEN.search(text):
        return text, []
    problems = []
    for number, line in enumerate(text.split("\n"), first_line):
        if found := FORBIDDEN.findall(line):
            names = ", ".join(sorted({f"U+{ord(char):04X}" for char in found}))
            message = f"invisible control character {names} removed; delete it here"
            problems.append(Problem(path, number, message, "note", code="character-removed"))
    return FORBIDDEN.sub("", text), problems
