"""Where Hugo finds front matter: after any blanks, from three signs or a brace on, which need no line of their own."""

from __future__ import annotations

import re
from dataclasses import replace

from feeds.errors import Problem
from feeds.reader import frontmatter

_BLANKS = " \t\n\v\f\r"
_FENCE = re.compile(r"---(?:-*[ \t]*$)?|\+\+\+(?:\+*[ \t]*$)?", re.MULTILINE)
_TOKEN = re.compile(r'"(?:[^"\\]++|\\.?+)*+(?:"|\Z)|[{}]', re.DOTALL)


def parse(text: str, path: str) -> frontmatter.FrontMatter:
    """The front matter of a file's text. Raises `FrontMatterError`; `NoFrontMatter` when all of it is text."""
    begin = len(text) - len(text.lstrip(_BLANKS))
    fence = _FENCE.match(text, begin)
    if fence:
        closing = text.find(f"\n{fence[0][:3]}", fence.end())
        inside, end = text[fence.end() : closing], closing + 4
    elif text.startswith("{", begin) and not text.startswith("{{", begin):
        end = _end_of_json(text, begin)
        inside = text[begin:end]
    else:
        message = "has no front matter; start the file with `---`, then `title:` and `date:`, then `---`"
        raise frontmatter.NoFrontMatter(1, message, code=frontmatter.missing(text))
    if end <= begin + 1 or (fence and closing < 0):
        message = f"opens front matter that is never closed; add a line `{'---' if fence else '}'}` after its last key"
        raise frontmatter.NoFrontMatter(1, message, code="front-matter-fence")
    line_end = text.find("\n", end)
    rest = text[end : line_end if line_end >= 0 else len(text)].lstrip("-+" if fence else "")
    lines = text.count("\n", 0, end) + 1
    above = text.count("\n", 0, begin)
    front = frontmatter.parse_inside(text[begin], inside, path, body_line=lines + 1 - above, lenient=True).moved(above)
    if not rest.strip():
        return front
    message = "has text behind the front matter on its last line, which is not shown; write it on the next line"
    return replace(
        front, problems=(*front.problems, Problem(path, lines, message, "warning", code="front-matter-fence"))
    )


def _end_of_json(text: str, begin: int) -> int:  # scanner
    """The place behind the brace that closes the one at `begin`, 0 when none does. Braces in strings are text."""
    depth = 0
    for token in _TOKEN.finditer(text, begin):
        depth += {"{": 1, "}": -1}.get(token[0], 0)
        if not depth and token[0] == "}":
            return token.end()
    return 0
