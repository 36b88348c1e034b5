"""Dates as authors write them -> aware datetimes.

Only two dates in five of real blogs are what YAML calls a date; the rest are texts like `2017-05-10 23:41` or
`2015-1-11`. A date without a zone is local time of the site, never of the machine that builds it.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from feeds.text import expression

_DAY = 24
FIRST_YEAR, LAST_YEAR = 1000, 9000  # Go writes 0001-01-01 for no date; calendars end at 9999
_FORM = expression(
    r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})"
    r"(?:(?:[Tt]|[ \t]+)(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?"
    r"[ \t]*(Z|z|UTC|GMT|[+-]\d{1,2}(?::?\d{2})?)?)?"
)


def moment(value: object, zone: tzinfo) -> datetime:
    """The instant that a value names, to the second. Raises ValueError with what is wrong, for the author."""
    if isinstance(value, (list, dict)):
        raise ValueError(f"must be text, not a {'list' if isinstance(value, list) else 'table'}")  # noqa: TRY004
    if isinstance(value, date) and not FIRST_YEAR <= value.year <= LAST_YEAR:
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
    if not FIRST_YEAR <= numbers[0] <= LAST_YEAR:
        raise ValueError(f'"{text}" is an impossible date (the year is out of range)')
    try:
        return datetime(*numbers, tzinfo=_zone(offset, zone))
    except (ValueError, OverflowError) as error:
        raise ValueError(f'"{text}" is an impossible date ({error})') from error


def zone_named(said: str) -> tzinfo | None:
    """The time zone of this name, None for a name that is none."""
    try:
        return ZoneInfo(said)
    except (OSError, ValueError, ZoneInfoNotFoundError):
        return None


def lenient(value: object, zone: tzinfo) -> tuple[datetime, str]:
    """The instant as a generator would read it, and what to tell the author: "" when nothing is odd about it.

    The generators' own languages count on from an impossible day (February 30 is March 2) and read words like
    `January 15, 2020`. Raises ValueError.
    """
    try:
        return moment(value, zone), ""
    except ValueError:
        text = " ".join(str(value).split())
        found = _FORM.fullmatch(text)
        if found and FIRST_YEAR <= int(found[1]) <= LAST_YEAR:
            year, month, *rest = (int(number or 0) for number in found.groups()[:6])
            first = datetime(year + (month - 1) // 12, (month - 1) % 12 + 1, 1, tzinfo=_zone(found[7], zone))
            day, hour, minute, second = rest
            rolled = first + timedelta(days=day - 1, hours=hour, minutes=minute, seconds=second)
            return rolled, f'is "{text}", an impossible date read as {rolled:%Y-%m-%d}; write that instead'
        if re.fullmatch(r"\d{9,10}|\d{12,13}", text):  # seconds since 1970 to Go, thousandths to JavaScript
            return datetime.fromtimestamp(int(text[:-3] if len(text) > _SECONDS else text), zone), ""
        if words := _words(text, zone):
            return words, ""
        raise


def _words(text: str, zone: tzinfo) -> datetime | None:
    """A date in words, when it names a whole day. Names of zones are those of RFC 822 section 5.1; others are local."""
    from dateutil.parser import parse

    def named(name: str | None, offset: int | None) -> tzinfo | None:
        hours = _RFC822.get(name or "")
        return (
            timezone(timedelta(hours=hours))
            if hours is not None
            else timezone(timedelta(seconds=offset))
            if offset
            else None
        )

    text = re.sub(r"([+-]\d{4}) [A-Z]{3,5}$", r"\1", text)  # as Go prints a time
    try:
        one, other = (parse(text, default=datetime(*day), tzinfos=named) for day in ((1, 1, 1), (2, 2, 2)))  # noqa: DTZ001  # filled in below
    except (ValueError, OverflowError):
        return None
    if one.date() != other.date() or not FIRST_YEAR <= one.year <= LAST_YEAR:
        return None
    return (one if one.tzinfo else one.replace(tzinfo=zone)).replace(microsecond=0)


_SECONDS = 10
_RFC822 = {"EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "UTC": 0, "GMT": 0}


def _zone(offset: str | None, zone: tzinfo) -> tzinfo:
    if not offset:
        return zone
    if offset[0] not in "+-":
        return UTC
    hours, minutes = re.fullmatch(r"[+-](\d{1,2}):?(\d{2})?", offset).groups()  # type: ignore[union-attr]  # _FORM saw it
    if int(hours) >= _DAY:
        raise ValueError("an offset must be under 24 hours")
    delta = timedelta(hours=int(hours), minutes=int(minutes or 0))
    return timezone(-delta if offset[0] == "-" else delta)
