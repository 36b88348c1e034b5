"""Hugo's patterns of `permalinks` and `url`, filled in, and texts as they stand in an address."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

_GO = dict(zip(
    ("2006", "January", "Jan", "Monday", "Mon", "01", "02", "15", "04", "05", "06", "1", "2"),
    ("%Y", "%B", "%b", "%A", "%a", "%m", "%d", "%H", "%M", "%S", "%y", "%-m", "%-d"),
    strict=True,
))  # fmt: skip
"""How Go writes the parts of a date, each in strftime's words."""
_CALENDAR = {"year": "%Y", "month": "%m", "monthname": "%B", "day": "%d", "weekday": "%w", "weekdayname": "%A"}


class Folder(NamedTuple):
    """A folder above a page: its name and the slug its `_index.md` gives, as in an address; whether it has one."""

    name: str
    slug: str
    is_section: bool


def filled(pattern: str, *, date: datetime, title: str, slug: str, name: str, folders: Sequence[Folder]) -> str:
    """A pattern with its tokens filled in, for a page of this date, in the zone that its author wrote."""
    base, slug = path_words(name), title_words(slug)
    sections = [folder for number, folder in enumerate(folders) if folder.is_section or number == 0]  # others are none
    slices = {"sections": [one.name for one in sections], "sectionslugs": [one.slug for one in sections]}
    values = {
        **{key: date.strftime(form) for key, form in _CALENDAR.items()},
        "yearday": f"{date:%-j}",
        "section": slices["sections"][0] if sections else "",
        "sectionslug": slices["sectionslugs"][-1] if sections else "",
        "title": title_words(title),
        "slug": slug or title_words(title),
        "filename": base,
        "contentbasename": base,
        **dict.fromkeys(("slugorfilename", "slugorcontentbasename"), slug or base),
        **{key: "/".join(names) for key, names in slices.items()},
    }

    def fill(found: re.Match[str]) -> str:
        token, cut = found[1], found[2]
        if cut and token in slices:
            return "/".join(_sliced(slices[token], cut[1:-1]))
        if token in values:
            return values[token] + (cut or "")
        return re.sub("|".join(_GO), lambda part: date.strftime(_GO[part[0]]), token) + (cut or "")

    return re.sub(r":([A-Za-z]+|\d+)(\[[\w:]*\])?", fill, pattern)


def _sliced(names: list[str], cut: str) -> list[str]:
    """`1:`, `:2`, `0` or `last` of a list."""
    start, colon, end = (len(names) - 1 if word == "last" else word for word in cut.partition(":"))
    first, last = (int(word) if re.fullmatch(r"\d{1,9}", str(word)) else None for word in (start, end))
    return names[first:last] if colon else names[first or 0 :][:1]


def path_words(text: str) -> str:
    """A name as Hugo puts it into an address: in small letters, blanks as hyphens, most signs dropped."""
    kept = "".join(
        "-" if char.isspace() else char
        for char in unicodedata.normalize("NFC", text)
        if char.isalnum() or char in " ./_#+~-@\t" or unicodedata.category(char)[0] == "M"
    )
    return kept.lower()


def title_words(text: str) -> str:
    """A title or a slug as Hugo puts it into an address: as a name, with one hyphen for any run of blanks."""
    plain = re.sub(r"[^\w\s./#~@-]", "", text).replace(" /", " ")
    return re.sub(r"(?<!-)-*+\s[\s-]*+", "-", plain.strip()).strip("/").lower()
