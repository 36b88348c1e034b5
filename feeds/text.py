"""Characters, columns and URLs: the rules about text that every part of the house shares.

XML 1.0 section 2.2 forbids most control characters, so one U+0008 in one post makes a whole feed unreadable; one from
U+0080 to U+009F makes Gmail clip an email. They are invisible, and twenty of four thousand real posts hold some.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from html import unescape
from html.entities import html5
from typing import Any, cast
from urllib.parse import urlsplit


class _Expression:
    """A regular expression, compiled when first used: all of them take 20 ms, and a build uses half."""

    def __init__(self, *given: Any) -> None:
        self.given = given

    def __getattr__(self, name: str) -> Any:
        method = getattr(re.compile(*self.given), name)
        setattr(self, name, method)  # from now on found without calling this method
        return method


def expression(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """What `re.compile` gives, later."""
    return cast("re.Pattern[str]", _Expression(pattern, flags))


def bytes_expression(pattern: bytes, flags: int = 0) -> re.Pattern[bytes]:
    """The same for bytes."""
    return cast("re.Pattern[bytes]", _Expression(pattern, flags))


FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
"""Forbidden in every output: control characters, lone surrogates, noncharacters."""

TURNS = "\u202a-\u202e\u2066-\u2069"
"""Bidirectional controls that turn the text around them, and what stands behind it on the line (UAX 9, section 2). The
marks that Arabic and Hebrew are written with, U+200E, U+200F and U+061C, turn nothing.
"""

FORBIDDEN_IN_A_LINE = expression(f"{FORBIDDEN.pattern[:-1]}{TURNS}]")
"""Removed from what becomes one line, like a title or a name."""

NOT_IN_A_LINE = re.compile(f"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff{TURNS}]")
"""Not allowed in a line of text: a title, a header, a log line."""

_TURNS = expression(f"[{TURNS}]")
_BREAKS = expression(f"(?:{NOT_IN_A_LINE.pattern})+")

_UNSAFE = expression(r'[\x00-\x20\x7f-\x9f\s<>"\\^`{|}]|%(?![0-9A-Fa-f]{2})')
"""Must be percent-encoded in a URL (RFC 3986 section 2)."""

_ABSOLUTE = expression(r"[a-z][a-z0-9+.-]*+:", re.ASCII | re.IGNORECASE)
_NOT_IN_IRI = expression(r"[\x00-\x20\x7f-\x9f\s<>\"{}|\\^`]|%(?![0-9A-Fa-f]{2})")
_HIERARCHICAL = expression(
    r"(?:https?|ftp)://(?:[^/?#@]*+@)?(?:\[[0-9a-f:.]+\]|[^/?#@:\[\]]++)(?::\d*)?(?:[/?#].*)?", re.IGNORECASE
)
_TAG = expression(
    r"tag:(?:[a-z0-9._-]+@)?[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*"
    r",\d{4}(?:-(?:0\d|1[0-2])(?:-(?:[0-2]\d|3[01]))?)?:[\w.~!$&'()*+,;=:@/?%-]*(?:#[\w.~!$&'()*+,;=:@/?%-]*)?",
    re.ASCII | re.IGNORECASE,
)
_URN = expression(r"urn:(?!urn:)[a-z0-9][a-z0-9-]{1,31}:[\w.~!$&'()*+,;=:@/?#%-]+", re.ASCII | re.IGNORECASE)


def allowed(text: str) -> str:
    """The text without what is forbidden in every output."""
    return FORBIDDEN.sub("", text)


_HUGE = re.compile(r"&#(?:[xX][0-9a-fA-F]{20,}+|[0-9]{20,}+);?")


_NAMED = re.compile(r"&([A-Za-z][A-Za-z0-9]*+)([;=]?)")


def unescaped(text: str, *, attribute: bool = False) -> str:
    """HTML's references as their characters. The library raises for numbers of thousands of digits.

    In the value of an attribute, a name without its semicolon is text when a letter, a digit or `=` follows it, as in
    `?a=1&region=2` (HTML 13.2.5.73).
    """
    if "&" not in text:
        return text
    if attribute:
        text = _NAMED.sub(_named, text)
    return unescape(_HUGE.sub("\N{REPLACEMENT CHARACTER}", text))


def _named(found: re.Match[str]) -> str:
    whole = found[1] + found[2]
    return found[0] if (found[1] if not found[2] else whole) in html5 else f"&amp;{whole}"


def one_line(text: str) -> str:
    """The text with a space for each run of what a line may not hold, so it forges no line of a log or a header; what
    would turn its direction is dropped.
    """
    return text if text.isprintable() else _BREAKS.sub(" ", _TURNS.sub("", text))


def is_seen(text: str) -> bool:
    """Whether a text has a character that shows something by itself."""
    return any(not char.isspace() and unicodedata.category(char) != "Cf" for char in text)


def width(text: str) -> int:
    """Columns a text takes: wide characters two, combining ones none."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def fitting(text: str, columns: int) -> int:
    """How many characters of a text go into so many columns, with the combining ones behind them."""
    if text.isascii():
        return min(len(text), columns)
    taken = 0
    for place, char in enumerate(text):
        taken += _columns(char)
        if taken > columns:
            return place
    return len(text)


@cache
def _columns(char: str) -> int:
    if unicodedata.east_asian_width(char) in "WF":
        return 2
    return 0 if unicodedata.category(char) in ("Mn", "Me", "Cf") else 1


def is_http(text: str) -> bool:
    """An absolute http(s) URL with a host, without blanks, quotes or brackets that would need escaping (RFC 3986)."""
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
        if not host.isascii() or ".." in host:
            host.encode("idna")
        parts.port  # noqa: B018  # raises when it is no number
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(host) and "%" not in host and not _UNSAFE.search(text)


@lru_cache(512)
def uri_wrong(text: str) -> str:
    """What is wrong with an absolute URI, as words that follow it, or "". It has a scheme, a host if it needs one, and
    nothing that must be escaped; `tag:` and `urn:` have rules of their own.
    """
    if not _ABSOLUTE.match(text):
        return "is not absolute"
    bad = _NOT_IN_IRI.search(text)
    if bad:
        return f"contains {bad[0]!a}, which must be escaped"
    scheme = text.partition(":")[0].lower()
    right = {"http": _HIERARCHICAL, "https": _HIERARCHICAL, "ftp": _HIERARCHICAL, "tag": _TAG, "urn": _URN}.get(scheme)
    if right and not right.fullmatch(text):
        return {"tag": "is not a tag URI (RFC 4151)", "urn": "is not a URN (RFC 8141)"}.get(scheme, "has no host")
    return "" if text.partition(":")[2] else "is only a scheme"
