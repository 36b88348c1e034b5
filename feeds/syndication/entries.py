"""An entry is written once for all documents of a format that contain its post: feeds share most of their posts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feeds.errors import FeedsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from feeds.model import Format, Post, Site
    from feeds.rendered import Rendered

MOST = 192
"""Entries to keep: those of a document and its neighbours, in three formats. 6 MB if texts are long."""


class Unwritable(FeedsError):
    """The entry of a post cannot be written in a format."""

    def __init__(self, post: Post, reason: str) -> None:
        self.post, self.reason = post, reason
        super().__init__(f"{post.path}: {reason}")


def once(post: Post, text: Rendered, site: Site, form: Format, write: Callable[[], bytes]) -> bytes:
    """The entry of a post with exactly this text, made by `write` unless it was made recently. Raises `Unwritable`."""
    known = site.entries.pop((form, post.path), None)
    if known and known[0][0] is post and known[0][1] is text:
        data = known[1]
    else:
        try:
            data = write()
        except ValueError as error:  # how libraries refuse a character or a number
            raise Unwritable(post, f"holds what the format cannot: {error}") from error
    site.entries[form, post.path] = (post, text), data
    if len(site.entries) > MOST:
        del site.entries[next(iter(site.entries))]
    return data
