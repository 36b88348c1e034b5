"""What a text encloses in tags and shows to nobody, or to few: comments, and what a password locks.

Where the generator would fail, more is hidden than less: the end that is missing may have been meant to come late.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_LOCK = re.compile(
    r"encrypt | (?:^|[-_/.]) enc (?:$|[-_/.]) | ^(?:secret|private|protect(?:ed)?|password|locked)$",
    re.VERBOSE | re.IGNORECASE,
)
"""hugo-encryptor, fixit-encryptor, hugo_enc, `secret` of hugoArticleEncryptor, `enc` and `encrypt` of Hexo's themes,
`encrypted` of Jekyll's.
"""
_OPAQUE = ("comment", "raw")
"""In these no tag is one, but for their own."""
_ALONE = re.compile(r"/\s*[>%]\}\}\Z")


def locks(name: str) -> bool:
    """Whether the site shows what a tag of this name encloses to those who know a password, or to its author alone."""
    return bool(_LOCK.search(name))


def hides(name: str) -> bool:
    """Whether nobody reads on the site what a tag of this name encloses: a comment, or a lock. Hugo takes any case."""
    return name.lower() == "comment" or locks(name)


def alone(tag: str) -> bool:
    """Whether it is a shortcode that encloses nothing, `{{< x />}}`."""
    return bool(_ALONE.search(tag))


def end(name: str, place: int, following: Callable[[int], tuple[re.Match[str], int] | None]) -> int | None:
    """Where it ends what the tag `name` hides from `place` on, None when it never does.

    `following` finds the next token and the place behind it. All locks that begin within must end too, in whatever
    order; in a comment, and in raw text, nothing begins or ends but the like.
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
