"""What a site prints as HTML, as plain text: a title with a `<br>` or an `&amp;`, an author that is a link."""

from __future__ import annotations

import html
import re

from feeds.text import expression

_EMPTY = {"br": " ", "wbr": "", "img": ""}
"""Elements without an end, and what a reader sees of them."""

_TAG = expression(
    r"<(/?)(a|abbr|b|bdi|big|br|cite|code|del|em|font|i|img|ins|kbd|mark|q|s|samp|small|span|strike|strong|sub|sup|tt|u|"
    r"var|wbr)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_REFERENCE = expression(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_LINK = expression(r"<a\s[^<>]*>([^<>]*)</a\s*>", re.IGNORECASE)
_BETWEEN = expression(r"(?:[\s,;&/|、，]|and|und|et|y)*", re.IGNORECASE)


def without_markup(text: str) -> str:
    """A text without tags of elements that stand in a line. One without its other half is words: "the <b> element"."""
    if "<" not in text:
        return text
    gone: list[tuple[int, int, str]] = []
    opened: dict[str, list[tuple[int, int]]] = {}
    for found in _TAG.finditer(text):
        name, span = found[2].lower(), found.span()
        if name in _EMPTY:
            gone.append((*span, _EMPTY[name]))
        elif not found[1]:
            opened.setdefault(name, []).append(span)
        elif opened.get(name):
            gone += [(*opened[name].pop(), ""), (*span, "")]
    pieces, place = [], 0
    for start, end, instead in sorted(gone):
        pieces += [text[place:start], instead]
        place = end
    return "".join([*pieces, text[place:]])


def plain(text: str) -> str:
    """A text as a browser would show it in a line."""
    shown = without_markup(text)
    return _REFERENCE.sub(lambda found: html.unescape(found[0]), shown) if "&" in shown else shown


def linked(name: str) -> list[str]:
    """The names in a text of nothing but HTML links, like `<a href="…">Ada</a>, <a href="…">Bo</a>`; else the
    text itself.
    """
    names = [plain(found) for found in _LINK.findall(name)] if "<" in name else []
    return names if names and _BETWEEN.fullmatch(_LINK.sub(",", name)) else [name]
