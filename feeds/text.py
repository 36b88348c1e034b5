"""Characters no output may hold.

XML 1.0 section 2.2 forbids most control characters, so one U+0008 in one post makes a whole feed unreadable; one from
U+0080 to U+009F makes Gmail clip a mail. They are invisible, and twenty of four thousand real posts hold some.
"""

from __future__ import annotations

import re

from feeds.errors import Problem

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


def printable(text: str, path: str, first_line: int) -> tuple[str, list[Problem]]:
    """The text without forbidden characters, and a warning for each line that held some."""
    if not _FORBIDDEN.search(text):
        return text, []
    problems = []
    for number, line in enumerate(text.split("\n"), first_line):
        if found := _FORBIDDEN.findall(line):
            names = ", ".join(sorted({f"U+{ord(char):04X}" for char in found}))
            message = f"invisible control character {names} removed; delete it here"
            problems.append(Problem(path, number, message, "warning"))
    return _FORBIDDEN.sub("", text), problems
