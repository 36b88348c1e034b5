"""Which reviews make which issue. An issue covers the seven days before the configured weekday, in the site's zone."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from feeds.model import OTHER, Digest, Language, Section

if TYPE_CHECKING:
    from feeds.model import Post, Settings, Site

WEEK = timedelta(days=7)


def gather(site: Site, language: Language, week: str) -> Digest | None:
    """The issue of an ISO week ("2026-W17"), or None when the language has no review in it.

    Raises ValueError, with a message for the author, when the week is none.
    """
    settings = site.settings
    last_day = _last_day(week, settings)
    until = _midnight(last_day + timedelta(days=1), settings)
    since = _midnight(last_day - timedelta(days=6), settings)
    posts = [post for post in site.select(language.code) if since <= post.published < until]
    if not posts:
        return None
    by_theme: dict[str, list[Post]] = {}
    for post in posts:  # a review appears once, under its first theme
        by_theme.setdefault(post.themes[0] if post.themes else OTHER, []).append(post)
    sections = [
        Section(theme=settings.themes.get(theme), posts=tuple(by_theme[theme]))
        for theme in (*settings.themes, OTHER)
        if theme in by_theme
    ]
    return Digest(language=language, week=week, since=since, until=until, last_day=last_day, sections=tuple(sections))


def weeks(site: Site, language: Language) -> tuple[str, ...]:
    """The weeks in which a language has reviews, newest first."""
    found = (_week_of(post.published, site.settings) for post in site.select(language.code))
    return tuple(sorted(dict.fromkeys(found), reverse=True))


def _week_of(moment: datetime, settings: Settings) -> str:
    """The ISO week of the last day of the issue that covers a moment."""
    day = moment.astimezone(settings.timezone).date()
    last_day = day + timedelta(days=(settings.digest.day - 1 - day.weekday()) % 7)
    year, week, _ = last_day.isocalendar()
    return f"{year}-W{week:02}"


def _last_day(week: str, settings: Settings) -> date:
    found = re.fullmatch(r"(\d{4})-?[Ww](\d{1,2})", week)
    year, number = (int(found[1]), int(found[2])) if found else (0, 0)
    try:
        return date.fromisocalendar(year, number, (settings.digest.day - 1) % 7 + 1)
    except ValueError as error:
        raise ValueError(f'"{week}" is not a week; write one like 2026-W17') from error


def _midnight(day: date, settings: Settings) -> datetime:
    return datetime.combine(day, time(), settings.timezone)
