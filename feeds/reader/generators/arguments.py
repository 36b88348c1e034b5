"""A generator's tag taken apart: what stands behind its name are words, quoted or not, and `name=value`."""

from __future__ import annotations

import re
from dataclasses import field
from typing import TYPE_CHECKING

from feeds.records import record
from feeds.text import expression

if TYPE_CHECKING:
    from collections.abc import Mapping

_LONGEST = 2_000  # characters that are looked at
_NAME = expression(r"([\w-]++)\s*+=\s*+(?=\S)")
_QUOTED = {
    '"': re.compile(r'"((?:[^"\\]++|\\.?+)*+)("?+)', re.DOTALL),
    "'": re.compile(r"'((?:[^'\\]++|\\.?+)*+)('?+)", re.DOTALL),
    "`": re.compile(r"`([^`]*+)(`?+)"),
}
_BARE = expression(r"([^\s\"']++)")


@record()
class Tag:
    """A tag taken apart: arguments as written in `source`, `words` in their order, `named` ones, the text it encloses.

    `indent` is what the following lines of a block in its place begin with, None when there is text before it on its
    line; `alone`: nor is there any behind it. `html`: it stands inside HTML, which no Markdown reaches. `followed` says
    that a line of text comes right behind it, `lines` how many it is away from its beginning.
    """

    name: str
    line: int = 0
    source: str = ""
    words: tuple[str, ...] = ()
    named: Mapping[str, str] = field(default_factory=dict)
    indent: str | None = None
    alone: bool = False
    html: bool = False
    inner: str = ""
    followed: bool = False
    lines: int = 0

    @property
    def inline(self) -> bool:
        """Whether it stands within a line, with all it encloses."""
        return not self.alone and "\n" not in self.inner


def arguments(text: str) -> tuple[tuple[str, ...], dict[str, str]]:  # scanner
    """The words, and the values by their names. A quote that is never closed is nothing."""
    words, named = list[str](), dict[str, str]()
    text, place = text[:_LONGEST], 0
    quoted = dict(_QUOTED)

    def value(begin: int) -> re.Match[str] | None:
        sign = text[begin : begin + 1]
        if sign in quoted:
            found = quoted[sign].match(text, begin)
            if found and found[2]:
                return found
            del quoted[sign]  # from here on none is closed
        return _BARE.match(text, begin)

    while place < len(text):
        name = _NAME.match(text, place)
        found = value(name.end()) if name else None
        if name and found:
            named[name[1]] = _unescaped(found[1])
        elif found := value(place):
            words.append(_unescaped(found[1]))
        place = found.end() if found else place + 1
    return tuple(words), named


def _unescaped(text: str) -> str:
    return re.sub(r"\\([\"'\\])", r"\1", text)
