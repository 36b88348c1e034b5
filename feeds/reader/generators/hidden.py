"""Text inside tags that nobody, or almost nobody, gets to see: comments, and what a password locks.

Where the generator would fail, more is hidden rather than less: the missing end may have been meant to come late.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from feeds.text import expression

if TYPE_CHECKING:
    from collections.abc import Callable

_LOCK = expression(
    r"encrypt | (?:^|[-_/.]) (?:enc|secret|private|protect(?:ed)?|password|locked) (?:$|[-_/.])",
    re.VERBOSE | re.IGNORECASE,
)
"""hugo-encryptor, fixit-encryptor, hugo_enc, `secret` of hugoArticleEncryptor, `enc` and `encrypt` of Hexo's themes,
`encrypted` of Jekyll's.
"""
_OPAQUE = ("comment", "raw")
"""Inside these, no tag counts except their own."""
_ALONE = expression(r"/\s*[>%]\}\}\Z")


def locks(name: str) -> bool:
    """Whether the site shows the content of this tag only to those who know a password, or to its author."""
    return bool(_LOCK.search(name))


def hides(name: str) -> bool:
    """Whether nobody reads the content of this tag on the site: a comment, or a lock. Hugo ignores case."""
    return name.lower() == "comment" or locks(name)


def alone(tag: str) -> bool:
    """Whether it is a shortcode without content, `{{< x />}}`."""
    return bool(_ALONE.search(tag))


def end(name: str, place: int, following: Callable[[int], tuple[re.Match[str], int] | None]) -> int | None:
    """Where the text hidden by the tag `name` from `place` on ends, None if it never does.

    `following` finds the next token and the place after it. All locks that start inside must end too, in any order; in
    a comment, and in raw text, only its own kind starts or ends.
    """
    opaque, depth = (name, 1) if _opaque(name) else ("", 0)
    begun = Counter() if opaque else Counter([name])
    while token := following(place):
        found, place = token
        other, step = found["name"] or "", -1 if found["end"] else 1
        if not other or alone(found[0]):
            continue
        if opaque:
            depth += step if other == opaque else 0
            opaque = opaque if depth else ""
        elif step < 0:
            if (more := begun.pop(other, 0) - 1) > 0:
                begun[other] = more
        elif _opaque(other):
            opaque, depth = other, 1
        elif locks(other):
            begun[other] += 1
        if not opaque and not begun:
            return place
    return None


def _opaque(name: str) -> bool:
    return name.lower() in _OPAQUE
