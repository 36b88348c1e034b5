"""Which review belongs to which period, and which issue is due: a function of the posts, of what was issued, and of a
time. Nothing is recorded here.

The rules, in each language:

- A review that was issued, or left out for good, belongs nowhere any more.
- Before the first line of `feeds.issued` nothing was missed: reviews of that time stay in the period they are dated in,
  and are never due.
- Up to the last line every period is closed. What is dated there and was never issued came late: it is in the next
  issue.
- Every other review belongs to the period it is dated in.

All languages are issued together, so a line in one language closes the period in every language.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

from feeds import periods
from feeds.errors import Problem
from feeds.issued import FILE, Line
from feeds.records import record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date, datetime, tzinfo

    from feeds.periods import Period, Rule


class Dated(Protocol):
    """A review: what is asked of it here."""

    @property
    def id(self) -> str:
        """What it is known by."""

    @property
    def published(self) -> datetime:
        """When it was published."""


P = TypeVar("P", bound=Dated)


class Calendar(NamedTuple):
    """When issues are made: the periods, in whose time zone, the hour of the day from which one is due, how many missed
    ones are made up for, and the first period there is, None for all.
    """

    rule: Rule
    zone: tzinfo
    hour: int = 0
    grace: int = 1
    since: Period | None = None

    def of(self, moment: datetime) -> Period:
        """The period of a time."""
        return periods.containing(moment.astimezone(self.zone).date(), self.rule)

    def last_over(self, now: datetime) -> Period:
        """The last period whose issue can be made."""
        period = periods.earlier(self.of(now), self.rule)
        if not periods.has_come(periods.start(period.after, self.zone, self.hour), now):
            period = periods.earlier(period, self.rule)
        return period


@record(kw_only=True)
class Record:
    """What was issued so far: the lines of `feeds.issued`, and by language the ids of the reviews that need no issue
    any more: those some issue held, and those left out for good.
    """

    lines: Mapping[tuple[str, str], Line] = field(default_factory=dict)
    held: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def bounds(self, rule: Rule) -> tuple[date, date] | None:
        """The first day of the first period with a line, and the day after the last one; None without any."""
        found = [period for _, name in self.lines if (period := periods.of_either_kind(name, rule))]
        return (min(period.first for period in found), max(period.after for period in found)) if found else None

    def early(self, now: datetime) -> Problem | None:
        """What is wrong with a time before the last issue."""
        late = [line for line in self.lines.values() if not periods.has_come(line.time, now)]
        if not late:
            return None
        line = min(late, key=lambda line: (-line.time.timestamp(), line.number))
        message = f"{line.name} ({line.language}) was {line.state} at {line.when}, but it is {now.isoformat()} now; "
        return Problem(FILE, line.number, f"{message}set the clock, or leave out --now", code="clock-early")


class Moved(NamedTuple):
    """What the editor decided about reviews of one language, by id: which period's issue holds one that is dated
    elsewhere, and which are left out for good, with the period where that was said.
    """

    added: Mapping[str, str] = {}
    skipped: Mapping[str, str] = {}


def assigned(
    posts: Iterable[P], language: str, calendar: Calendar, record: Record, now: datetime, moved: Moved | None = None
) -> dict[str, list[P]]:
    """The reviews of each period without an issue, by its name, in the order they are given."""
    moved = moved or Moved()
    bounds, held = record.bounds(calendar.rule), record.held.get(language, frozenset())
    next_one = _next(calendar, bounds[1], now) if bounds else None
    found: dict[str, list[P]] = {}
    for post in posts:
        if post.id in held or post.id in moved.skipped:
            continue
        own = calendar.of(post.published)
        if bounds and next_one and own.last >= bounds[0] and own.last < bounds[1]:
            own = next_one
        if post.id in moved.added:
            own = periods.named(moved.added[post.id], calendar.rule)
        elif calendar.since and own.first < calendar.since.first:
            continue
        found.setdefault(own.name, []).append(post)
    return found


def _next(calendar: Calendar, closed: date, now: datetime) -> Period:
    """The period whose issue comes next: the first that ends after what is closed, and is not too old to be issued."""
    oldest = periods.earlier(calendar.last_over(now), calendar.rule, calendar.grace)
    return max(periods.containing(closed, calendar.rule), oldest, key=lambda period: period.last)


class Due(NamedTuple):
    """What is to be issued: the period, with the languages that have reviews in it; None when nothing is due. `skipped`
    are periods too old to be issued, with the languages that have reviews in them; `later` are due after this one.
    """

    period: Period | None = None
    languages: Sequence[str] = ()
    skipped: Sequence[tuple[Period, Sequence[str]]] = ()
    later: Sequence[Period] = ()


def due(waiting: Mapping[str, Iterable[str]], calendar: Calendar, record: Record, now: datetime) -> Due:
    """What is due. `waiting` are the names of the periods with reviews, by language."""
    last = calendar.last_over(now)
    bounds = record.bounds(calendar.rule)
    oldest = periods.earlier(last, calendar.rule, calendar.grace)
    found: dict[Period, list[str]] = {}
    for language, names in waiting.items():
        for name in names:
            period = periods.named(name, calendar.rule)
            missed = period.last >= bounds[1] if bounds else period == last
            if missed and period.last <= last.last and not (calendar.since and period.first < calendar.since.first):
                found.setdefault(period, []).append(language)
    order = sorted(found, key=lambda period: period.last)
    now_due = [period for period in order if period.last >= oldest.last]
    return Due(
        now_due[0] if now_due else None,
        tuple(found[now_due[0]]) if now_due else (),
        tuple((period, tuple(found[period])) for period in order if period.last < oldest.last),
        tuple(now_due[1:]),
    )


def unmailed(record: Record) -> Iterator[Line]:
    """What was issued and no mailer has taken yet, the oldest first."""
    waiting = [line for line in record.lines.values() if line.state == "issued"]
    return iter(sorted(waiting, key=lambda line: (line.time, line.key)))
