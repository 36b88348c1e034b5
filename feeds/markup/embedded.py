"""What no reader runs or draws, as what every reader shows: frames, objects, gists and drawings become links."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING, NamedTuple

from feeds.text import expression, unescaped

if TYPE_CHECKING:
    from feeds.markup.links import About

_TAG = expression(
    r"<(?=[iI][fFmM]|[sS][vVcC]|[eE][mM]|[oO][bB]|[pP][aA]|/[sS][vV]|[aA]\s++[nN])"  # nearly all others end here
    r"(?i:(?P<end>/?)(?P<name>svg|iframe|embed|object|param|script|img(?=[^<>]*?\sdata-)|a(?=\s++name\b))\b[^<>]*+>)"
)
_PICTURE = expression(r"\.(?:png|jpe?g|gif|svg|webp|avif)(?:[?#]|$)", re.IGNORECASE)
_SCRIPTS = expression(r"https://(?:gist\.github\.com/[\w/.-]+?|asciinema\.org/a/\w+)(?=\.js(?:[?#]|$))")
"""Scripts that write what they show, and whose address without its end is a page that shows the same."""
_TITLE = expression(r"<title\b[^<>]*+>([^<]*+)</title", re.IGNORECASE)
_HIDDEN = expression(r"""aria-hidden\s*=\s*["']?true|display:\s*none|role\s*=\s*["']?(?:presentation|none)\b""")
_SMALL = 48
"""An icon: no drawing that is up to so many pixels wide and high says anything."""


class _Drawing(NamedTuple):
    """An `<svg>` that is open: where it begins, its tag, and how many are open in it."""

    begin: int
    tag: str
    depth: int


def replaced(html: str, page: str, about: About) -> str:  # scanner
    """The HTML with links in such places; `page` is the address of the post."""
    parts, place = list[str](), 0
    drawing: _Drawing | None = None
    movies = set[str]()
    for found in _TAG.finditer(html):
        name, tag = found["name"].lower(), found[0]
        if name == "svg" and not found["end"]:
            if not tag.endswith("/>"):
                drawing = drawing._replace(depth=drawing.depth + 1) if drawing else _Drawing(found.start(), tag, 1)
        elif name == "svg" and drawing:
            drawing = drawing._replace(depth=drawing.depth - 1)
            if not drawing.depth:
                whole = html[drawing.begin : found.end()]
                parts += [html[place : drawing.begin], _drawn(drawing.tag, whole, page, about)]
                place, drawing = found.end(), None
        elif not drawing and not found["end"]:
            shown = "" if name == "embed" and attribute(tag, "src") in movies else _shown(name, tag, about)
            if name == "param":
                movies.add(attribute(tag, "value"))
            if shown != tag:
                parts += [html[place : found.start()], shown]
                place = found.end()
    return "".join([*parts, html[place:]]) if parts else html


def _shown(name: str, tag: str, about: About) -> str:
    """What stands for a tag, or before it: what is in a frame is dropped with it."""
    if name == "img":
        return _eager(tag)
    if name == "a":
        return re.sub(r"\bname\b", "id", tag, count=1, flags=re.IGNORECASE)
    if name == "script":
        found = _SCRIPTS.match(unescaped(attribute(tag, "src"), attribute=True))
        return f"{_told(found[0], found[0], about, 'script')}{tag}" if found else tag
    if name == "param":
        movie = attribute(tag, "name").lower() in ("movie", "src", "url")
        return _link(attribute(tag, "value"), "", about, name) if movie else tag
    address = attribute(tag, "data" if name == "object" else "src", "data-src")
    if not address:  # what stands in an object without an address is there for those who do not know it
        return "" if name == "object" else tag
    shown = _link(address, attribute(tag, "title", "aria-label"), about, name)
    return shown if name == "embed" else shown + tag


def _link(address: str, title: str, about: About, name: str) -> str:
    """A link to what is embedded; a picture that is, is shown."""
    address, title = unescaped(address, attribute=True), unescaped(title, attribute=True)
    if name in ("object", "embed") and _PICTURE.search(address):
        return f'<img src="{escape(address)}" alt="{escape(title)}">'
    words = title or re.sub(r"^(https?:)?//(www\.)?", "", address)
    return _told(address, words, about, name) if name != "iframe" else _anchor(address, words)


def _told(address: str, words: str, about: About, name: str) -> str:
    about(address, f"no reader shows what a `<{name}>` embeds; a link stands in its place", "note", code="embed-linked")
    return _anchor(address, words)


def _anchor(address: str, words: str) -> str:
    return f'<a href="{escape(address)}">{escape(words, quote=False)}</a>'


def _drawn(tag: str, whole: str, page: str, about: About) -> str:
    """What stands for a drawing: what it says it shows, leading to the page that shows it."""
    sides = [re.match(r"[\d.]{1,9}(?=px|$)", attribute(tag, side)) for side in ("width", "height")]
    small = all(side and float(side[0].strip(".") or 0) <= _SMALL for side in sides) or "em" in attribute(tag, "width")
    if _HIDDEN.search(tag):
        return ""
    title = _TITLE.search(whole)
    words = " ".join((attribute(tag, "aria-label") or (title[1] if title else "")).split())
    if small or "<symbol" in whole:
        return words
    about(
        "<svg",
        "no reader shows a drawing inside the text (`<svg>`); a link to the page stands in its place; "
        "save the drawing as a file, and show it as a picture",
        code="embed-linked",
    )
    return f'<a href="{escape(page)}">{words or "SVG"}</a>'


def attribute(tag: str, *names: str) -> str:
    """The value of the first of these attributes that a tag has, as it is written."""
    for name in names:
        found = re.search(rf"""\s{name}\s*=\s*(?:"([^"<>]*)"|'([^'<>]*)'|([^\s"'<>]+))""", tag, re.IGNORECASE)
        if found:
            return next(value for value in found.groups() if value is not None)
    return ""


def _eager(tag: str) -> str:
    """An image that a script would load when it comes into view has its URL in another attribute."""
    address = attribute(tag, "data-src", "data-original", "data-lazy-src")
    if not address:
        return tag
    bare = re.sub(r"""\ssrc\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'<>]+)""", "", tag, flags=re.IGNORECASE)
    return f'{bare[:4]} src="{address}"{bare[4:]}'
