"""The periods of the digest: weeks that end before a weekday, or months. Their names are permanent.

A period is made of whole days of the site's time zone, so its length in hours changes with daylight saving.
"""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, NamedTuple

from feeds.text import expression

if TYPE_CHECKING:
    from datetime import tzinfo

_DAY = timedelta(days=1)
_WEEK = expression(r"(\d{4})-?[Ww](\d{1,2})", re.ASCII)
_MONTH = expression(r"(\d{4})-(\d{1,2})", re.ASCII)


class Rule(NamedTuple):
    """How time is divided. `day` is the weekday on which a week begins, Monday being 0; months need none."""

    kind: Literal["week", "month"] = "week"
    day: int = 0

    @property
    def example(self) -> str:
        """The name of some period."""
        return "2026-W18" if self.kind == "week" else "2026-05"


class Period(NamedTuple):
    """The days from `first` to `last`, both included. Its name is the ISO week of its last day, or its month."""

    name: str
    first: date
    last: date

    @property
    def after(self) -> date:
        """The day after its last one."""
        return self.last + _DAY

    @property
    def week(self) -> str:
        """Its name if it is a week, else ""."""
        return self.name if "W" in self.name else ""


@lru_cache(maxsize=4096)  # many posts are of one day
def containing(day: date, rule: Rule) -> Period:
    """The period that a day is in.

    >>> containing(date(2026, 4, 30), Rule(day=4)).name  # the Thursday before a Friday
    '2026-W18'
    """
    if rule.kind == "month":
        first = day.replace(day=1)
        return Period(f"{day.year:04}-{day.month:02}", first, _next_month(first) - _DAY)
    last = day + timedelta(days=(rule.day - 1 - day.weekday()) % 7)
    year, week, _ = last.isocalendar()
    return Period(f"{year:04}-W{week:02}", last - timedelta(days=6), last)


def following(period: Period, rule: Rule) -> Period:
    """The period after a period."""
    return containing(period.after, rule)


def earlier(period: Period, rule: Rule, number: int = 1) -> Period:
    """The period so many periods before a period."""
    for _ in range(number):
        period = containing(period.first - _DAY, rule)
    return period


def named(text: str, rule: Rule) -> Period:
    """The period of a name: "2026-w7" is "2026-W07". Raises ValueError with a message for the author."""
    with suppress(ValueError, OverflowError):  # of a week or a year that the calendar has not
        if found := _day_in(text, rule):
            return containing(found, rule)
    kind = "an ISO week" if rule.kind == "week" else "a month"
    raise ValueError(f'"{text}" is not {kind}; write one like {rule.example}')


def _day_in(text: str, rule: Rule) -> date | None:
    if rule.kind == "month":
        month = _MONTH.fullmatch(text)
        return date(int(month[1]), int(month[2]), 1) if month else None
    week = _WEEK.fullmatch(text)
    return date.fromisocalendar(int(week[1]), int(week[2]), (rule.day - 1) % 7 + 1) if week else None


def of_either_kind(name: str, rule: Rule) -> Period | None:
    """The period of a name of weeks or months, whatever the rule is now; None for any other text."""
    for one in (rule, Rule("week", rule.day), Rule("month")):
        try:
            return named(name, one)
        except ValueError:
            continue
    return None


def start(day: date, zone: tzinfo, hour: int = 0) -> datetime:
    """When an hour of a day begins in a time zone."""
    return datetime.combine(day, time(hour), zone)


def has_come(moment: datetime, now: datetime) -> bool:
    """Whether a time is not later than another: by the seconds between them, not by what clocks of one zone show."""
    return moment.timestamp() <= now.timestamp()


def _next_month(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)
