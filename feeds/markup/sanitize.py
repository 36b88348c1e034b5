"""HTML that is safe to hand to other programs, with absolute URLs. nh3 (ammonia) does the cleaning.

Posts may come from someone else's pull request: what is not listed here is dropped, scripts and styles with their text.
"""

from __future__ import annotations

import re
from functools import cache
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
    *(
        "form",
        "symmetric",
        "voffset",
        "minsize",
        "maxsize",
        "movablelimits",
        "displaystyle",
        "scriptlevel",
        "rowlines",
        "columnlines",
    ),
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
    "code": {"class"},
    **dict.fromkeys(MATH, MATH_ATTRIBUTES),
    "mtd": MATH_ATTRIBUTES | {"style"},
}
_SCHEMES = {"http", "https", "mailto"}
_CANDIDATE = r"([^\s,]\S*+)(?:(?<=,)|([^,]*+))"
"""A URL up to a blank, and what follows up to a comma, unless the URL ends in one."""

_FRAME = r"<iframe\b[^<>]*+>"
_IMAGE = r"<img\b(?=[^<>]*?\sdata-)[^<>]*+>"
_ADDRESSES = {"href", "src", "cite", "poster"}


def clean(html: str, resolve: Callable[[str, str], str | None]) -> str:
    """Safe HTML. `resolve(tag, address)` makes a URL absolute, or returns None to drop the attribute."""
    html = re.sub(_FRAME, _link, re.sub(_IMAGE, _eager, shallow(html), flags=re.IGNORECASE), flags=re.IGNORECASE)
    cleaner, addresses = _cleaner()
    addresses.resolve = resolve
    return cleaner.clean(html)


class _Addresses:
    """What becomes of an attribute. Making a cleaner takes as long as cleaning, so it is kept; `resolve` changes."""

    resolve: Callable[[str, str], str | None]

    def __call__(self, tag: str, name: str, value: str) -> str | None:
        if name in _ADDRESSES:
            return self.resolve(tag, value)
        if name == "srcset":
            return _srcset(value, lambda address: self.resolve(tag, address))
        if name == "style":
            side = re.fullmatch(r"\s*text-align\s*:\s*(left|right|center)\s*;?\s*", value)
            return f"text-align:{side[1]}" if side else None
        if name == "class":
            return value if re.fullmatch(r"language-[\w+#.-]+", value) else None
        return value


@cache
def _cleaner() -> tuple[nh3.Cleaner, _Addresses]:
    addresses = _Addresses()
    cleaner = nh3.Cleaner(
        tags=_TAGS,
        clean_content_tags={"script", "style", "iframe", "object", "template", "noscript", "svg", "textarea", "select"},
        attributes=_ATTRIBUTES,
        attribute_filter=addresses,
        url_schemes=_SCHEMES,
        link_rel=None,
    )
    return cleaner, addresses


def _attribute(tag: str, *names: str) -> str:
    """The value of the first of these attributes that a tag has."""
    for name in names:
        found = re.search(rf"""\s{name}\s*=\s*(?:"([^"<>]*)"|'([^'<>]*)'|([^\s"'<>]+))""", tag, re.IGNORECASE)
        if found:
            return next(value for value in found.groups() if value is not None)
    return ""


def _link(found: re.Match[str]) -> str:
    """The content of a frame, as a link: no reader runs frames."""
    address = _attribute(found[0], "src", "data-src")
    words = _attribute(found[0], "title") or re.sub(r"^(https?:)?//(www\.)?", "", address)
    return f'<a href="{address}">{words}</a>{found[0]}' if address else found[0]


def _eager(found: re.Match[str]) -> str:
    """An image that a script would load when it comes into view has its URL in another attribute."""
    address, tag = _attribute(found[0], "data-src", "data-original", "data-lazy-src"), found[0]
    if not address:
        return tag
    bare = re.sub(r"""\ssrc\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'<>]+)""", "", tag, flags=re.IGNORECASE)
    return f'{bare[:4]} src="{address}"{bare[4:]}'


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
