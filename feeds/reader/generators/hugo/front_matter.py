"""Where Hugo finds front matter: after any blanks, from three signs or a brace on, which need no line of their own."""

from __future__ import annotations

import re
from typing import NamedTuple

from feeds.reader import frontmatter
from feeds.text import expression

_BLANKS = " \t\n\v\f\r"
_FENCE = expression(r"---(?:-*[ \t]*$)?|\+\+\+(?:\+*[ \t]*$)?", re.MULTILINE)
_TOKEN = expression(r'"(?:[^"\\]++|\\.?+)*+(?:"|\Z)|[{}]', re.DOTALL)


class _Split(NamedTuple):
    """Where a text has its front matter: what is between the fences, and where it and the last fence end."""

    begin: int
    inside: str
    end: int


def parse(text: str, path: str) -> frontmatter.FrontMatter:
    """The front matter of a file's text. What stands behind it on its last line belongs to the text, which then begins
    on that line. Raises `FrontMatterError`; `NoFrontMatter` when all of it is text.
    """
    begin, inside, end = _split(text)
    above, last = text.count("\n", 0, begin), text.count("\n", 0, end) + 1
    body_line = last if behind(text, last) else last + 1
    return frontmatter.parse_inside(text[begin], inside, path, body_line=body_line - above, lenient=True).moved(above)


def behind(text: str, line: int) -> str:
    """What stands behind the front matter on its last line, if that is this line."""
    try:
        end = _split(text).end
    except frontmatter.NoFrontMatter:
        return ""
    if text.count("\n", 0, end) + 1 != line:
        return ""
    rest = text[end:].partition("\n")[0]
    return rest if rest.strip() else ""


def _split(text: str) -> _Split:
    begin = len(text) - len(text.lstrip(_BLANKS))
    closed = False
    if fence := _FENCE.match(text, begin):
        closing = text.find(f"\n{fence[0][:3]}", fence.end())
        closed, end = closing >= 0, closing + 4
        inside = text[fence.end() : closing]
        while text.startswith(fence[0][0], end):  # a longer fence is one all the same
            end += 1
    elif text.startswith("{", begin) and not text.startswith("{{", begin):
        end = _end_of_json(text, begin)
        closed, inside = end > 0, text[begin:end]
    else:
        message = "has no front matter; start the file with `---`, then `title:` and `date:`, then `---`"
        raise frontmatter.NoFrontMatter(1, message, code=frontmatter.missing(text))
    if not closed:
        sign = text[begin : begin + 3] if fence else "}"
        message = f"opens front matter that is never closed; add a line `{sign}` after its last key"
        raise frontmatter.NoFrontMatter(1, message, code="front-matter-fence")
    return _Split(begin, inside, end)


def _end_of_json(text: str, begin: int) -> int:  # scanner
    """The place behind the brace that closes the one at `begin`, 0 when none does. Braces in strings are text."""
    depth = 0
    for token in _TOKEN.finditer(text, begin):
        depth += {"{": 1, "}": -1}.get(token[0], 0)
        if not depth and token[0] == "}":
            return token.end()
    return 0
