"""Which reviews belong to which issue: the seven days before the configured weekday, or days chosen by hand, in the
site's time zone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from feeds.model import OTHER, Digest, Language, Section

if TYPE_CHECKING:
    from feeds.model import Post, Settings, Site

Issues = Mapping[str, Mapping[str, Digest]]
"""Every issue of a site: language code, then ISO week, newest first."""


def gather(site: Site) -> Issues:
    """Every issue: a week without reviews in a language has none."""
    issues: dict[str, dict[str, Digest]] = {}
    for code, language in site.settings.languages.items():
        weeks: dict[str, list[Post]] = {}
        for post in site.select(code):
            weeks.setdefault(_week_of(post.published, site.settings), []).append(post)
        newest_first = sorted(weeks, reverse=True)
        issues[code] = {week: _week(site.settings, language, week, weeks[week]) for week in newest_first}
    return issues


def period_of(site: Site, language: Language, since: date, until: date) -> Digest | None:
    """An issue of the days from `since` to `until`, both included; None if nothing was published then."""
    zone = site.settings.timezone
    posts = [post for post in site.select(language.code) if since <= post.published.astimezone(zone).date() <= until]
    return _issue(site.settings, language, f"{since}--{until}", since, until, posts) if posts else None


def only(digest: Digest, theme: str) -> Digest | None:
    """The part of an issue in one theme; None if there is nothing."""
    sections = tuple(section for section in digest.sections if (section.theme.id if section.theme else OTHER) == theme)
    return replace(digest, name=f"{digest.name}-{theme}", sections=sections) if sections else None


def week_name(text: str) -> str:
    """An ISO week as issues are named: "2026-w7" is "2026-W07". Raises ValueError with a message for the author."""
    found = re.fullmatch(r"(\d{4})-?[Ww](\d{1,2})", text)
    try:
        date.fromisocalendar(*(int(found[1]), int(found[2])) if found else (0, 0), 1)
    except ValueError as error:
        raise ValueError(f'"{text}" is not an ISO week; write one like 2026-W17') from error
    return f"{found[1]}-W{int(found[2]):02}" if found else text


def _week(settings: Settings, language: Language, week: str, posts: list[Post]) -> Digest:
    year, number = map(int, week.split("-W"))
    last_day = date.fromisocalendar(year, number, (settings.digest.day - 1) % 7 + 1)
    issue = _issue(settings, language, week, last_day - timedelta(days=6), last_day, posts)
    return replace(issue, week=week)


def _issue(
    settings: Settings, language: Language, name: str, first_day: date, last_day: date, posts: list[Post]
) -> Digest:
    by_theme: dict[str, list[Post]] = {}
    for post in posts:  # a review appears once, under its first theme
        by_theme.setdefault(post.themes[0] if post.themes else OTHER, []).append(post)
    return Digest(
        language=language,
        name=name,
        week="",
        since=_midnight(first_day, settings),
        until=_midnight(last_day + timedelta(days=1), settings),
        last_day=last_day,
        sections=tuple(
            Section(theme=settings.themes.get(theme), posts=tuple(by_theme[theme]))
            for theme in (*settings.themes, OTHER)
            if theme in by_theme
        ),
    )


def _week_of(moment: datetime, settings: Settings) -> str:
    """The ISO week of the last day of the issue that covers a given time."""
    day = moment.astimezone(settings.timezone).date()
    last_day = day + timedelta(days=(settings.digest.day - 1 - day.weekday()) % 7)
    year, week, _ = last_day.isocalendar()
    return f"{year}-W{week:02}"


def _midnight(day: date, settings: Settings) -> datetime:
    return datetime.combine(day, time(), settings.timezone)
