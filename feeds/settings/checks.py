"""What several parts of the settings ask of a value: URLs and email addresses."""

from __future__ import annotations

from urllib.parse import quote, urlsplit, urlunsplit

from feeds.text import expression, is_http

_ADDRESS = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9.-]+"
MAILBOX = expression(rf"(?:[^<>]*<{_ADDRESS}>|{_ADDRESS})")


def http(value: str) -> str | None:
    """What is wrong with a URL, None if nothing is."""
    return None if is_http(value) else f'"{value}" is not valid; write a URL like "https://example.org/"'


def ascii_url(url: str) -> str:
    """The URL as it is sent: an internationalised host becomes xn--…, other characters are percent-encoded."""
    if url.isascii():
        return url
    parts = urlsplit(url)
    host = (parts.hostname or "").encode("idna").decode("ascii")
    netloc = f"{host}:{parts.port}" if parts.port else host
    path, query = (quote(part, safe="/%:@!$&'()*+,;=~?-._") for part in (parts.path, parts.query))
    return urlunsplit((parts.scheme, netloc, path, query, ""))
