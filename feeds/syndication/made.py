"""What an entry is made of, as the key under which a finished entry is kept for the next feed that shows its post."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from feeds.model import Body, Post, Site

KEPT = 64
"""Entries of one format that are kept: those of a document and of the ones beside it. 2 MB when texts are long."""


class Made:
    """What an entry is made of. Two are equal when they hold the same objects: to compare texts would take as long as
    to write them. While one is kept, so are its objects, and no others can be taken for them.
    """

    def __init__(self, post: Post, site: Site, body: Body) -> None:
        self.post, self.site, self.body = post, site, body

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Made) and self._things() == other._things()

    def __hash__(self) -> int:
        return hash(self._things())

    def _things(self) -> tuple[int, int, int]:
        return id(self.post), id(self.site), id(self.body)
