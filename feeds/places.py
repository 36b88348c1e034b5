"""Where outputs lie in the output folder: which paths can be, and which a document had."""

from __future__ import annotations

import posixpath
from dataclasses import field

from feeds.records import record
from feeds.text import FORBIDDEN_IN_A_LINE, NOT_IN_A_LINE

_NAME, _PATH = 255, 1000
"""Bytes that a name and a path may have: what file systems take."""
_NEVER = frozenset('\\:*?"<>|')
"""What Windows has in no name."""


@record()
class Place:
    """Where an output lies, relative to the output folder, and the file and the line that say so."""

    path: str
    file: str = field(default="", compare=False, repr=False)
    line: int = field(default=0, compare=False, repr=False)


@record()
class KnownFeed:
    """What the lock keeps of a document: the id of its feed, "" for formats without one, and every address it had."""

    id: str
    paths: tuple[str, ...]


def wrong(value: str) -> str | None:
    """What is wrong with a path of an output, None if nothing is. It may begin with `/`: the output folder is meant."""
    shown = FORBIDDEN_IN_A_LINE.sub("", value)[:100]
    parts = value.lstrip("/").split("/")
    if not value.strip("/") or value.endswith("/"):
        return f'"{shown}" names no file; write one like "feed.xml"'
    if ".." in parts or value.startswith(("~", "//")) or "\\" in value or "://" in value:
        return f'"{shown}" is outside the output folder; write a path in it, like "feed.xml"'
    if not _NEVER.isdisjoint(value) or NOT_IN_A_LINE.search(value) or value != value.strip():
        return f'"{shown}" has a character that no file name should have; write a path like "feed.xml"'
    if any(part.startswith(".") for part in parts):
        return f'"{shown}" is hidden; write a path without a dot at the beginning of a name'
    if len(value.encode()) > _PATH or any(len(part.encode()) > _NAME for part in parts):
        return f'"{shown}…" is too long for a file name'
    return None


def plain(value: str) -> str:
    """A path as outputs have it: relative to the output folder."""
    return posixpath.normpath(value.lstrip("/"))
