"""Code for emails and pages: a few lines of it, coloured by Pygments with short class names.

Gmail's apps drop `white-space: pre`, so significant spaces are no-break spaces and lines end in `<br>`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING

from feeds.markup.math.unicode import NO_BREAK

if TYPE_CHECKING:
    from pygments.lexer import Lexer
    from pygments.token import _TokenType

LINES = 12
WIDEST = 1_000
"""Characters per line: no email needs a file packed into one line, and no lexer gets it."""

_CLASSES = {
    ("Comment", "Preproc"): "k",
    ("Comment", "PreprocFile"): "s",
    ("Comment",): "c",
    ("Keyword",): "k",
    ("Operator", "Word"): "k",
    ("Literal", "String"): "s",
    ("Literal", "Number"): "n",
    ("Name", "Function"): "f",
    ("Name", "Class"): "f",
}
"""The classes that the style sheets colour. For a Pygments type, its longest known prefix counts."""


def block(code: str, language: str) -> str:
    """`<pre class="code">`, at most `LINES` lines and "…"; `language` is the first word of a fence, or ""."""
    lines = code.expandtabs(4).strip("\n").split("\n")
    text = "\n".join(line.rstrip()[:WIDEST] for line in lines[:LINES])
    html = "".join(
        f'<span class="{name}">{piece}</span>' if name else piece for name, piece in _pieces(text, language.lower())
    )
    more = "<br>…" if len(lines) > LINES else ""
    return f'<pre class="code">{html}{more}</pre>'


def _pieces(text: str, language: str) -> list[tuple[str, str]]:
    """The text as HTML in pieces, each with its class."""
    lexer = _lexer(language) if language else None
    tokens = list(lexer.get_tokens(text)) if lexer else []
    kept = re.sub(r"(?m)^ +| +(?= )", lambda found: NO_BREAK * len(found[0]), text)
    if "".join(value for _, value in tokens) != text:  # unknown, or a lexer that changes what it reads
        return [("", _html(kept))]
    pieces: list[tuple[str, str]] = []
    place = 0
    for kind, value in tokens:
        name = _class(kind) if value.strip() or not pieces else pieces[-1][0]
        html = _html(kept[place : place + len(value)])
        place += len(value)
        if pieces and pieces[-1][0] == name:
            pieces[-1] = name, pieces[-1][1] + html
        else:
            pieces.append((name, html))
    return pieces


def _html(text: str) -> str:
    return escape(text, quote=False).replace("\n", "<br>")


def _class(kind: _TokenType) -> str:
    names = tuple(kind)
    return next((_CLASSES[names[:end]] for end in range(len(names), 0, -1) if names[:end] in _CLASSES), "")


@lru_cache(maxsize=64)
def _lexer(language: str) -> Lexer | None:
    """By name, only among Pygments' own: other installed lexers must not change the output. Nothing is guessed."""
    from pygments.lexers import find_lexer_class, get_all_lexers

    for name, aliases, _, _ in get_all_lexers(plugins=False):
        if language in aliases:
            found = find_lexer_class(name)
            return found(stripnl=False, ensurenl=False) if found else None
    return None
