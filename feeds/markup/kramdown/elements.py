"""HTML as kramdown finds it: an element goes to its closing tag, blank lines or not, and may ask for Markdown in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from feeds.markup.kramdown.nodes import Node
from feeds.markup.kramdown.patterns import CLOSE, CLOSE_HERE, COMMENT, END_OF_LINE, MODELS, SPANS, TAG, TAG_HERE, VOID
from feeds.text import expression

if TYPE_CHECKING:
    from collections.abc import Callable

    from feeds.markup.kramdown.nodes import Found

_BEGINS = expression(r"<(?=[A-Za-z_/?]|!--)")
_TAG, _CLOSE = expression(TAG), expression(CLOSE)
_MARKDOWN = expression(
    r"(?<![\w.:-])markdown\s*+(?:=\s*+(?:\"(?P<one>[^\"]*+)\"|'(?P<two>[^']*+)'|(?P<three>\w++)))?+", re.IGNORECASE
)
_MODES = {"0": "raw", "span": "span", "block": "block"}
_DEEPEST = 100
"""Elements in each other; what is deeper is not counted."""


class Elements:
    """Reads one element and all in it. `within` reads Markdown in it: see `Blocks`."""

    def __init__(
        self,
        source: str,
        place: int,
        found: Found,
        missing: set[str],
        within: Callable[[int, str], tuple[list[Node], int, bool]],
    ) -> None:
        self.source, self.place, self.found, self.missing, self.within = source, place, found, missing, within
        self.root = Node("html")
        self.above: list[tuple[str, Node]] = []

    def ends(self, name: str) -> int:
        """The place after the closing tag that stands here, 0 if none of this name does."""
        found = CLOSE_HERE.match(self.source, self.place)
        return found.end() if found and found["ended"].lower() == name and name not in SPANS else 0

    def block(self) -> Node | None:
        """The comment or the element that begins here, None if that is for a paragraph."""
        if self.source.startswith("<!--", self.place):
            if end := self._comment():
                text, self.place = self.source[self.place : end], end
                self._rest_of_line()
                return Node("raw", text=text)
            return None
        found = TAG_HERE.match(self.source, self.place)
        if not found or found["name"].lower() in SPANS:
            return None
        model = MODELS.get(found["name"].lower(), "raw") if self.found.reads_html else "raw"
        self._element(found, model)
        while self.above:
            self._raw()
        self._rest_of_line()
        self._say("\n")
        return self.root

    def _rest_of_line(self) -> None:
        if blank := END_OF_LINE.match(self.source, self.place):
            self.place = blank.end()

    def _comment(self) -> int:
        """Where the comment that begins here ends, 0 if it never does."""
        if "-->" in self.missing:
            return 0
        found = COMMENT.match(self.source, self.place)
        if not found:
            self.missing.add("-->")
        return found.end() if found else 0

    def _say(self, text: str) -> None:
        """HTML at this place of the element that is open."""
        inner = (self.above[-1][1] if self.above else self.root).children
        if inner and inner[-1].kind == "raw":
            inner[-1].text += text
        else:
            inner.append(Node("raw", text=text))

    def _element(self, found: re.Match[str], model: str) -> None:
        """A tag, and what follows it up to its end, unless that is plain HTML: then the element stays open."""
        name, tag = found["name"].lower(), found[0].lstrip()
        self.place = found.end()
        if said := _MARKDOWN.search(found["attributes"] or ""):
            tag = tag.replace(said[0], "", 1)
            value = said["one"] or said["two"] or said["three"] or ""
            model = MODELS.get(name, "raw") if value == "1" else _MODES.get(value, model)
        self._say(tag)
        if found["closed"] or name in VOID:
            return
        if name in ("script", "style"):
            self._until(name, raw=True)
        elif model == "block":
            self._rest_of_line()
            nodes, self.place, _ = self.within(self.place, name)
            (self.above[-1][1] if self.above else self.root).children += nodes
            self._say(f"</{name}>")
        elif model == "span":
            self._until(name, raw=False)
        elif len(self.above) < _DEEPEST:
            inner = Node("html")
            (self.above[-1][1] if self.above else self.root).children.append(inner)
            self.above.append((name, inner))

    def _until(self, name: str, *, raw: bool) -> None:
        """The text up to a closing tag, or all of it: HTML, or Markdown of a line."""
        end = (
            None
            if f"</{name}" in self.missing
            else re.compile(rf"</{re.escape(name)}\s*+>", re.IGNORECASE).search(self.source, self.place)
        )
        if not end:
            self.missing.add(f"</{name}")
        text = self.source[self.place : end.start() if end else None]
        self.place = end.end() if end else len(self.source)
        if raw:
            self._say(text)
        else:
            (self.above[-1][1] if self.above else self.root).children.append(Node("p", words=text.strip(), bare=True))
        self._say(f"</{name}>")

    def _raw(self) -> None:
        """Go on in plain HTML to the next tag; what only looks like one is text."""
        found = _BEGINS.search(self.source, self.place)
        self._say(self.source[self.place : found.start() if found else None])
        if not found:
            self.place = len(self.source)
            while self.above:
                self._close()
            return
        self.place = found.start()
        if self.source.startswith("<!--", self.place) and (end := self._comment()):
            self._say(self.source[self.place : end])
            self.place = end
        elif tag := _TAG.match(self.source, self.place):
            self._element(tag, "raw")
        elif (close := _CLOSE.match(self.source, self.place)) and close["ended"].lower() == self.above[-1][0]:
            self.place = close.end()
            self._close()
        elif close:
            self._say(f"&lt;{close[0][1:]}")
            self.place = close.end()
        else:
            self._say("&lt;")
            self.place += 1

    def _close(self) -> None:
        name, _ = self.above.pop()
        self._say(f"</{name}>")
