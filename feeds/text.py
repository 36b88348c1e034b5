"""Characters, columns and URLs: the rules about text that every part of the house shares.

XML 1.0 section 2.2 forbids most control characters, so one U+0008 in one post makes a whole feed unreadable; one from
U+0080 to U+009F makes Gmail clip an email. They are invisible, and twenty of four thousand real posts hold some.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from html import unescape
from urllib.parse import urlsplit

FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
"""Forbidden in every output: control characters, lone surrogates, noncharacters."""

NOT_IN_A_LINE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")
"""Not allowed in a line of text: a title, a header, a log line."""

_UNSAFE = re.compile(r'[\s<>"\\^`{|}]')
"""Must be percent-encoded in a URL (RFC 3986 section 2)."""


_HUGE = re.compile(r"&#(?:[xX][0-9a-fA-F]{20,}+|[0-9]{20,}+);?")


def unescaped(text: str) -> str:
    """HTML's references as their characters. The library raises for numbers of thousands of digits."""
    if "&" not in text:
        return text
    return unescape(_HUGE.sub("\N{REPLACEMENT CHARACTER}", text))


def one_line(text: str) -> str:
    """The text with a space for each run of what a line may not hold, so it forges no line of a log or a header."""
    return re.sub(f"(?:{NOT_IN_A_LINE.pattern})+", " ", text)


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
    return parts.scheme in ("http", "https") and bool(host) and not _UNSAFE.search(text)
