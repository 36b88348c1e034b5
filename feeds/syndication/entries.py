"""An entry is written once for all documents of a format that contain its post: feeds share most of their posts."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from feeds.model import Format, Post, Site
    from feeds.rendered import Rendered

MOST = 192
"""Entries to keep: those of a document and its neighbours, in three formats. 6 MB if texts are long."""


def once(post: Post, text: Rendered, site: Site, form: Format, write: Callable[[], bytes]) -> bytes:
    """The entry of a post with exactly this text, made by `write` unless it was made recently."""
    known, data = site.entries.pop((form, post.path), (None, b""))
    if known is not text:
        data = write()
    site.entries[form, post.path] = text, data
    if len(site.entries) > MOST:
        del site.entries[next(iter(site.entries))]
    return data
