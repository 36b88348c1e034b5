"""The formats of feeds, and `[feeds]` as a type."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Literal

from feeds.records import record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from feeds.places import Place

Format = Literal["atom", "rss", "json"]
DOCUMENTS: Mapping[Format, tuple[str, str]] = {
    "atom": ("atom.xml", "application/atom+xml"),
    "rss": ("rss.xml", "application/rss+xml"),
    "json": ("feed.json", "application/feed+json"),
}
"""File name and media type of each format. `.xml` makes static hosts send what browsers show."""


@record(kw_only=True)
class FeedOptions:
    """`[feeds]`: formats, number of posts (0: all), full text or summaries, WebSub hubs, size of archives.

    `icon` (square) and `logo` (twice as wide as high) are absolute image URLs, or "". In a document larger than
    `limit_bytes`, the oldest posts become summaries. `pages`: subscribe pages, and a stylesheet for browsers. `paths`
    are other addresses for documents, by the address they would have; `also` further ones for copies of them.
    """

    formats: tuple[Format, ...] = ("atom", "rss", "json")
    limit: int = 20
    limit_bytes: int = 512_000
    content: Literal["full", "summary"] = "full"
    hubs: tuple[str, ...] = ()
    archive: int = 50
    icon: str = ""
    logo: str = ""
    pages: bool = True
    paths: Mapping[str, Place] = field(default_factory=dict)
    also: Mapping[str, tuple[Place, ...]] = field(default_factory=dict)


@record(kw_only=True)
class History:
    """A document's place in the full history (RFC 5005): the archive before it and, for an archive, the current feed,
    each as URLs by format; empty if there is none.
    """

    previous: Mapping[Format, str]
    current: Mapping[Format, str] = field(default_factory=dict)
