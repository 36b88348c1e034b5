"""HTML without the tags that would nest it without end.

By HTML's own rules a cleaner looks through all open elements at each tag, begins an unclosed `<b>` again in each
paragraph, and puts what stands between the cells of a table before it, one by one. So it takes the square of the length
where elements are never closed. Nobody sees the two hundredth level of anything.
"""

from __future__ import annotations

from collections import Counter

from feeds.markup.parser import MARKUP

_FEW = 1_000
"""A text with fewer tags is never slow, and hardly any has more."""

_DEEPEST, _STYLES, _MISPLACED = 200, 10, 1_000
"""Elements inside each other, unclosed ones of style, and those in a table outside its cells."""

_VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr")
)
_STYLE = frozenset(("a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"))
_ROWS = frozenset(("table", "tbody", "tfoot", "thead", "tr"))
_TABLE = _ROWS | {"caption", "colgroup", "td", "th"}
_WALLS = _TABLE | {"applet", "button", "marquee", "math", "object", "svg", "template"}
"""An end tag inside these ends nothing outside, unless it is one of a table."""

_ENDED = {
    **{name: (name,) for name in ("p", "li", "tr")},
    **dict.fromkeys(("dd", "dt"), ("dd", "dt")),
    **dict.fromkeys(("td", "th"), ("td", "th")),
}
"""What an element ends when it begins, if there is nothing between them but these:"""
_PASSED = _STYLE | {"address", "div", "p", "span", "td", "th"}


def shallow(html: str) -> str:
    """The HTML, without the start tags beyond any depth that people write, and without their end tags."""
    if html.count("<") <= _FEW:
        return html
    parts, place, elements = list[str](), 0, _Elements()
    for found in MARKUP.finditer(html):
        if found["ended"]:
            kept = elements.end(found["ended"].lower())
        else:
            kept = not found["started"] or elements.begin(found["started"].lower(), closed=bool(found["closed"]))
        if not kept:
            parts.append(html[place : found.start()])
            place = found.end()
    return "".join([*parts, html[place:]]) if parts else html


class _Elements:
    """The elements that are open, by HTML's rules or more."""

    def __init__(self) -> None:
        self._open: list[str] = []
        self._styles: list[str] = []  # these a browser begins again where something else ended them
        self._dropped: Counter[str] = Counter()
        self._misplaced = 0

    def begin(self, name: str, *, closed: bool) -> bool:
        """Whether a start tag may stay."""
        self._end_like(name)
        if name not in _TABLE and not self._placed():
            return False
        if name in _VOID or (closed and not {"math", "svg"}.isdisjoint(self._open)):
            return True
        if len(self._open) >= _DEEPEST or (name in _STYLE and len(self._styles) >= _STYLES):
            self._dropped[name] += 1
            return False
        self._open.append(name)
        if name in _STYLE:
            self._styles.append(name)
        return True

    def end(self, name: str) -> bool:
        """Whether an end tag may stay."""
        if self._dropped[name]:
            self._dropped[name] -= 1
            return False
        if name in self._styles:
            self._styles.reverse()
            self._styles.remove(name)
            self._styles.reverse()
        for place in range(len(self._open) - 1, -1, -1):
            if self._open[place] == name:
                del self._open[place : place + 1 if name in _STYLE else None]  # what is in a style goes on without it
                return True
            if self._open[place] in _WALLS and name not in _TABLE:
                break
        return name not in ("p", "br") or self._placed()  # these two begin something

    def _placed(self) -> bool:
        """Whether something may stand here: not between the cells of a table, once there is much of it."""
        self._misplaced += self._open[-1:] != [] and self._open[-1] in _ROWS
        return self._misplaced <= _MISPLACED

    def _end_like(self, name: str) -> None:
        if name == "a" and "a" in self._styles:
            self.end("a")
        for place in range(len(self._open) - 1, -1, -1) if name in _ENDED else ():
            if self._open[place] in _ENDED[name]:
                del self._open[place:]
            elif self._open[place] in _PASSED:
                continue
            return
