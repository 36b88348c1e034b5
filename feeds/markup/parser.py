"""HTML -> its tags and its text, in one pass, whatever the HTML is.

The parser of the standard library takes the square of the length for tags that never end, raises for declarations it
does not know, and reads what is left open differently in each version of Python. Here, as in a browser, what is never
closed extends to the end.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from feeds.text import expression, unescaped

if TYPE_CHECKING:
    from collections.abc import Mapping

MARKUP = expression(
    r"""<(?:
        !--(?: -?(?=>) | (?:[^-]++|-(?!-!?>))*+ (?:--!?(?=>))?+ )
      | (?: [!?] | /(?![a-zA-Z]) ) [^>]*+  # a declaration, or what browsers take for a comment
      | /(?P<ended>[a-zA-Z][^\t\n\r\f />]*+) [^>]*+
      | (?P<started>[a-zA-Z][^\t\n\r\f />]*+)
        (?P<attributes>(?: [^>=/]++ | /(?!>) | =\s*+(?: "[^"]*+"?+ | '[^']*+'?+ | [^\s"'>][^\s>]*+ )?+ )*+)
        (?P<closed>/?+)
    )(?: > | (?P<open>\Z) )""",
    re.VERBOSE,
)
"""A tag, a comment or a declaration; `open` if nothing closes it, `closed` if it has no content."""

_ATTRIBUTE = expression(r"""([^\s/=]++)(?:\s*+=\s*+(?:"([^"]*+)"?|'([^']*+)'?|([^\s]*+)))?+""")
_RAW = {name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE) for name in ("script", "style")}
"""Elements that hold no tags, and how they end."""


class Parser:
    """Calls a method for each tag and each text. HTML may come in pieces; what is not complete waits for more."""

    def __init__(self) -> None:
        self._held = self._raw = ""

    def handle_starttag(self, tag: str, attrs: Mapping[str, str]) -> None:
        """An element begins."""
        raise NotImplementedError

    def handle_endtag(self, tag: str) -> None:
        """An element ends."""
        raise NotImplementedError

    def handle_data(self, data: str) -> None:
        """Text between tags."""
        raise NotImplementedError

    def close(self) -> None:
        """No more pieces follow."""
        self.feed("", last=True)

    def feed(self, html: str, *, last: bool = False) -> None:
        """Read a piece, and what waits for it."""
        html, place = self._held + html, 0
        while found := self._next(html, place):
            if found.lastgroup == "open":
                break
            self._tell(html[place : found.start()])
            place = found.end()
            if self._raw:
                self._raw, place = "", found.start()
            elif found["ended"]:
                self.handle_endtag(found["ended"].lower())
            elif found["started"]:
                self._start(found["started"].lower(), found)
        if last:
            self._tell(html[place : found.start() if found else None])
        self._held = "" if last else html[place:]

    def _next(self, html: str, place: int) -> re.Match[str] | None:
        return (_RAW[self._raw] if self._raw else MARKUP).search(html, place)

    def _start(self, tag: str, found: re.Match[str]) -> None:
        self.handle_starttag(tag, _attributes(found["attributes"]) if found["attributes"] else {})
        if found["closed"]:
            self.handle_endtag(tag)
        elif tag in _RAW:
            self._raw = tag

    def _tell(self, text: str) -> None:
        if text:
            self.handle_data(text if self._raw else unescaped(text))


def _attributes(text: str) -> dict[str, str]:
    """The attributes of a tag, the first of each name."""
    found: dict[str, str] = {}
    for name, *values in _ATTRIBUTE.findall(text):
        found.setdefault(name.lower(), unescaped("".join(values), attribute=True))
    return found
