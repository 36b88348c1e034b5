"""HTML that is safe to hand to other programs, with absolute URLs. nh3 (ammonia) does the cleaning.

Posts may come from someone else's pull request: what is not listed here is dropped, scripts and styles with their text.
"""

from __future__ import annotations

import re
from functools import cache
from string import ascii_lowercase
from typing import TYPE_CHECKING

import nh3

from feeds.markup.nesting import shallow

if TYPE_CHECKING:
    from collections.abc import Callable

MATH = {
    *("math", "mrow", "mi", "mo", "mn", "mtext", "mspace", "ms", "mfrac", "msqrt", "mroot", "mstyle", "mpadded"),
    *("mphantom", "menclose", "mfenced", "msub", "msup", "msubsup", "munder", "mover", "munderover", "mmultiscripts"),
    *("mprescripts", "none", "mtable", "mtr", "mtd"),
}
MATH_ATTRIBUTES = {
    *("display", "alttext", "mathvariant", "stretchy", "fence", "separator", "accent", "accentunder", "lspace"),
    *("rspace", "width", "height", "depth", "linethickness", "columnalign", "rowspacing", "columnspacing", "notation"),
    *("form", "symmetric", "voffset", "minsize", "maxsize", "movablelimits", "displaystyle", "scriptlevel"),
    *("rowlines", "columnlines"),
}
_TAGS = (nh3.ALLOWED_TAGS | {"section", "picture", "source", "video", "audio", "track"} | MATH) - {"area", "map"}
_ATTRIBUTES = {
    **nh3.ALLOWED_ATTRIBUTES,
    "*": {"id", "lang", "dir", "title"},
    "img": {"src", "srcset", "sizes", "alt", "width", "height"},
    "source": {"src", "srcset", "sizes", "type", "media"},
    "video": {"src", "poster", "controls", "width", "height"},
    "audio": {"src", "controls"},
    "track": {"src", "kind", "srclang", "label"},
    "details": {"open"},
    "a": {"href", "hreflang", "class"},
    "code": {"class"},
    "section": {"class"},
    **dict.fromkeys(MATH, MATH_ATTRIBUTES),
    "mtd": MATH_ATTRIBUTES | {"style"},
}
_SCHEMES = {"http", "https", "mailto", "data", "file", "ftp", "tel", *ascii_lowercase}
"""What `resolve` is asked about. Most it drops, and tells: to a URL, a drive of Windows is a scheme."""
_CANDIDATE = r"([^\s,]\S*+)(?:(?<=,)|([^,]*+))"
"""A URL up to a blank, and what follows up to a comma, unless the URL ends in one."""

_ADDRESSES = {"href", "src", "cite", "poster"}
_NO_IMAGE = r"<img\b(?![^<>]*\ssrc(?:set)?=)[^<>]*+>"
_CLASS = (re.compile("footnotes?|footnote-backref"), re.compile(r"language-[\w+#.-]+"))
"""Classes that readers know: those by which they find notes, and the language of code."""


def clean(html: str, resolve: Callable[[str, str], str | None], target: Callable[[str], str | None] = str) -> str:
    """Safe HTML. `resolve(tag, address)` makes a URL absolute, or returns None to drop the attribute; so does
    `target` with an id.
    """
    cleaner, rules = _cleaner()
    rules.resolve, rules.target = resolve, target
    cleaned = cleaner.clean(shallow(html))
    return re.sub(_NO_IMAGE, _words, cleaned) if "<img" in cleaned else cleaned


def escaped(text: str) -> str:
    """Text as the cleaner writes it."""
    if text.isalnum():
        return text
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace("\N{NO-BREAK SPACE}", "&nbsp;")


def quoted(text: str) -> str:
    """The value of an attribute as the cleaner writes it."""
    return escaped(text).replace('"', "&quot;")


class _Rules:
    """What becomes of an attribute. Making a cleaner takes as long as cleaning, so it is kept; the rules change."""

    resolve: Callable[[str, str], str | None]
    target: Callable[[str], str | None]

    def __call__(self, tag: str, name: str, value: str) -> str | None:
        if name in _ADDRESSES:
            return self.resolve(tag, value)
        if name == "srcset":
            return _srcset(value, lambda address: self.resolve(tag, address))
        if name == "style":
            side = re.fullmatch(r"\s*+text-align\s*+:\s*+(left|right|center)\s*+;?\s*+", value)
            return f"text-align:{side[1]}" if side else None
        if name == "class":
            return value if _CLASS[tag == "code"].fullmatch(value) else None
        return self.target(value) if name == "id" else value


@cache
def _cleaner() -> tuple[nh3.Cleaner, _Rules]:
    rules = _Rules()
    cleaner = nh3.Cleaner(
        tags=_TAGS,
        clean_content_tags={"script", "style", "iframe", "object", "template", "noscript", "svg", "textarea", "select"},
        attributes=_ATTRIBUTES,
        attribute_filter=rules,
        url_schemes=_SCHEMES,
        link_rel=None,
    )
    return cleaner, rules


def _words(found: re.Match[str]) -> str:
    """An image without an address is what it would say."""
    alt = re.search(r'\salt="([^"]*)"', found[0])
    return alt[1].replace("&quot;", '"') if alt else ""


def _srcset(value: str, resolve: Callable[[str], str | None]) -> str | None:
    """`a.png 1x, b.png 2x` with every URL resolved."""
    candidates = []
    for found in re.finditer(_CANDIDATE, value):
        address, said = found[1].rstrip(","), (found[2] or "").strip()
        if not said or re.fullmatch(r"[\d.]+[wx]", said):
            absolute = resolve(address)
            if absolute:
                candidates.append(f"{absolute} {said}".strip())
    return ", ".join(candidates) or None
