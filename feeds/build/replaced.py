"""Files of other programs where ours are to lie: a page stays, a feed is replaced and should be what it was."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, NamedTuple

from feeds.errors import Problem
from feeds.text import bytes_expression

if TYPE_CHECKING:
    from collections.abc import Mapping

    from feeds.errors import Severity
    from feeds.places import Place

_PAGE = bytes_expression(rb"(?:\xef\xbb\xbf)?\s*+<(?:!doctype\s++html|html)\b", re.IGNORECASE)
_ENTRY = bytes_expression(rb"<(?:entry|item)[\s>]")
_ID = bytes_expression(rb"<(?:id|guid)(?:\s[^<>]*+)?>\s*+(?:<!\[CDATA\[)?([^<\]]*+)")


class Replaced(NamedTuple):
    """A feed of another program that ours has replaced: the number of its entries, and of those that only ours has;
    `older`: all of them come after what both have.
    """

    entries: int
    new: int = 0
    older: bool = False


def is_page(data: bytes) -> bool:
    """Whether a file is an HTML page."""
    return bool(_PAGE.match(data))


def compared(old: bytes, new: bytes) -> Replaced:
    """What readers of the old feed see of the new one. Entries before all that both have are new posts; of formats
    without XML nothing is said.
    """
    before, after = set(_ids(old)), _ids(new)
    known = [number for number, one in enumerate(after) if one in before]
    rest = after[known[0] :] if known else after
    return Replaced(
        len(before), sum(one not in before for one in rest), bool(known) and known[-1] - known[0] + 1 == len(known)
    )


def _ids(data: bytes) -> list[str]:
    pieces = _ENTRY.split(data)[1:]
    found = (_ID.search(piece) for piece in pieces)
    return [unescape(one[1].decode("utf-8", "replace")).strip() for one in found if one]


def problems(
    replaced: Mapping[str, Replaced], pages: tuple[str, ...], places: Mapping[str, Place], folder: str, *, first: bool
) -> list[Problem]:
    """What the author should know of files in `folder` that were replaced or stayed, by their paths there. `places` say
    which line asked for an address; `first`: nobody was told before.
    """
    told = []
    for path in pages:
        place = places.get(path)
        message = f"{path} is a page that another program wrote, so no feed is written there; choose another address"
        told.append(
            Problem(place.file, place.line, message, code="feed-replaced")
            if place and place.file
            else Problem(f"{folder}/{path}", 0, message, "warning", code="feed-replaced")
        )
    same = []
    for path, one in replaced.items():
        if one.new and one.entries:
            remedy = f"`limit = {one.entries}` under [feeds] keeps them out" if one.older else "compare the ids"
            many = f"{one.new} older entries" if one.older else f"{one.new} entries"
            message = f"replaces the feed of another program, which did not have {many} of this one; who reads it may"
            message = f"{message} see them as new: {remedy}"
            told.append(Problem(f"{folder}/{path}", 0, message, "warning", code="feed-replaced"))
        elif one.entries:
            same.append(path)
    if same:
        severity: Severity = "warning" if first else "note"
        more = f", as do {len(same) - 1} more files" if len(same) > 1 else ""
        message = f"replaces the feed that another program wrote{more}; its entries keep their ids"
        told.append(Problem(f"{folder}/{same[0]}", 0, message, severity, code="feed-replaced"))
    return told
