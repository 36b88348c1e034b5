"""Dates as authors write them -> aware datetimes.

Only two dates in five of real blogs are what YAML calls a date; the rest are texts like `2017-05-10 23:41` or
`2015-1-11`. A date without a zone is local time of the site, never of the machine that builds it.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

_DAY = 24
_FIRST_YEAR, _LAST_YEAR = 1000, 9000  # Go writes 0001-01-01 for no date; calendars end at 9999
_FORM = re.compile(
    r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})"
    r"(?:(?:[Tt]|[ \t]+)(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?"
    r"[ \t]*(Z|z|UTC|GMT|[+-]\d{1,2}(?::?\d{2})?)?)?"
)


def moment(value: object, zone: ZoneInfo) -> datetime:
    """The instant a head's value names, to the second. Raises ValueError with what is wrong, for the author."""
    if isinstance(value, (list, dict)):
        raise ValueError(f"must be text, not a {'list' if isinstance(value, list) else 'table'}")  # noqa: TRY004
    if isinstance(value, date) and not _FIRST_YEAR <= value.year <= _LAST_YEAR:
        raise ValueError(f'"{value}" is an impossible date (the year is out of range)')
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=zone)).replace(microsecond=0)
    if isinstance(value, date):
        return datetime.combine(value, time(), zone)
    text = " ".join(str(value).split())
    found = _FORM.fullmatch(text)
    if not found:
        raise ValueError(f'"{text}" is not a date; write one like 2026-04-20 or 2026-04-20 09:30 +08:00')
    year, month, day, hour, minute, second, offset = found.groups()
    numbers = (int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0))
    if not _FIRST_YEAR <= numbers[0] <= _LAST_YEAR:
        raise ValueError(f'"{text}" is an impossible date (the year is out of range)')
    try:
        return datetime(*numbers, tzinfo=_zone(offset, zone))
    except (ValueError, OverflowError) as error:
        raise ValueError(f'"{text}" is an impossible date ({error})') from error


def _zone(offset: str | None, zone: ZoneInfo) -> timezone | ZoneInfo:
    if not offset:
        return zone
    if offset[0] not in "+-":
        return UTC
    hours, minutes = re.fullmatch(r"[+-](\d{1,2}):?(\d{2})?", offset).groups()  # type: ignore[union-attr]  # _FORM saw it
    if int(hours) >= _DAY:
        raise ValueError("an offset is under 24 hours")
    delta = timedelta(hours=int(hours), minutes=int(minutes or 0))
    return timezone(-delta if offset[0] == "-" else delta)
