"""Which id a post is published under.

A feed reader knows an entry by its id alone: a new id shows every subscriber an old review as new (RFC 4287 section
4.2.6). So an id holds nothing an author may want to change later but what names the post: a `tag:` URI (RFC 4151) of
the host, the day of first publication, the language and the slug.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

if TYPE_CHECKING:
    from datetime import datetime


def tag_uri(site_url: str, published: datetime, language: str, slug: str) -> str:
    """The id of a new post, ASCII only: non-ASCII in a `tag:` URI must be percent-encoded.

    >>> from datetime import datetime, UTC
    >>> tag_uri("https://example.org/blog/", datetime(2026, 4, 20, tzinfo=UTC), "en", "lats")
    'tag:example.org,2026-04-20:en/lats'
    """
    host = (urlsplit(site_url).hostname or "").encode("idna").decode("ascii")
    return f"tag:{host},{published:%Y-%m-%d}:{language}/{quote(slug, safe='')}"
