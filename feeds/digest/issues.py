"""Which reviews belong to which issue, and in which order: those of a period, or of days chosen by hand, in the site's
time zone. `due.py` says which reviews belong to which period.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from feeds import periods
from feeds.digest.due import Calendar, Record, assigned
from feeds.model import OTHER, Digest, Language, Section

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from feeds.model import Editorial, Post, Settings, Site
    from feeds.periods import Period

Issues = Mapping[str, Mapping[str, Digest]]
"""The issues of a site that are computed: language code, then name, newest first."""

FEW = 3
"""An issue with fewer reviews is filled from the archive."""

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def calendar(settings: Settings) -> Calendar:
    """When issues are made, by the settings."""
    options = settings.digest
    since = periods.named(options.since, options.rule) if options.since else None
    return Calendar(options.rule, settings.timezone, options.hour, options.grace, since)


def gather(
    site: Site,
    waiting: Mapping[str, Mapping[str, Sequence[Post]]] | None = None,
    editorials: Mapping[str, Mapping[str, Editorial]] | None = None,
) -> Issues:
    """Every issue of the reviews that wait for one, by language and period; without `waiting`, of all reviews. A period
    without reviews has none.
    """
    issues: dict[str, dict[str, Digest]] = {}
    rule = site.settings.digest.rule
    for code, language in site.settings.languages.items():
        if waiting is None:
            found: Mapping[str, Sequence[Post]] = assigned(
                site.select(code), code, calendar(site.settings), Record(), _NEVER
            )
        else:
            found = waiting.get(code, {})
        said = (editorials or {}).get(code, {})
        newest_first = sorted((periods.named(name, rule) for name in found), key=lambda one: one.last, reverse=True)
        issues[code] = {
            period.name: of_period(site.settings, language, period, found[period.name], said.get(period.name))
            for period in newest_first
        }
    return issues


def of_period(
    settings: Settings, language: Language, period: Period, posts: Sequence[Post], editorial: Editorial | None = None
) -> Digest:
    """The issue of a period with these reviews; the one that leads comes first, and its theme."""
    lead = editorial.lead if editorial else ""
    made = _issue(settings, language, period.name, period.first, period.last, posts, lead)
    return replace(made, week=period.week, editorial=editorial)


def filled(issue: Digest, older: Iterable[Post], number: int, shown: set[str]) -> Digest:
    """A short issue with so many old reviews, the oldest first, of those not `shown` that way before; `older` are
    newest first. What it shows is added to `shown`.
    """
    if issue.editorial and issue.editorial.archive is not None:
        number = issue.editorial.archive
    if not number or len(issue.posts) >= FEW:
        return issue
    own = {post.id for post in issue.posts}
    free = [post for post in reversed([*older]) if post.id not in shown | own][:number]
    shown |= {post.id for post in free}
    return replace(issue, archive=tuple(free))


def period_of(site: Site, language: Language, since: date, until: date) -> Digest | None:
    """An issue of the days from `since` to `until`, both included; None if nothing was published then."""
    zone = site.settings.timezone
    posts = [post for post in site.select(language.code) if since <= post.published.astimezone(zone).date() <= until]
    return _issue(site.settings, language, f"{since}--{until}", since, until, posts) if posts else None


def only(digest: Digest, theme: str) -> Digest | None:
    """The part of an issue in one theme; None if there is nothing."""
    sections = tuple(section for section in digest.sections if (section.theme.id if section.theme else OTHER) == theme)
    return replace(digest, name=f"{digest.name}-{theme}", sections=sections) if sections else None


def _issue(
    settings: Settings,
    language: Language,
    name: str,
    first_day: date,
    last_day: date,
    posts: Sequence[Post],
    lead: str = "",
) -> Digest:
    by_theme: dict[str, list[Post]] = {}
    leading = [post for post in posts if post.id == lead]
    for post in (*leading, *(post for post in posts if post.id != lead)):  # each once, under its first theme
        by_theme.setdefault(post.themes[0] if post.themes else OTHER, []).append(post)
    return Digest(
        language=language,
        name=name,
        week="",
        since=periods.start(first_day, settings.timezone),
        until=periods.start(last_day + timedelta(days=1), settings.timezone),
        last_day=last_day,
        sections=tuple(
            Section(theme=settings.themes.get(theme), posts=tuple(by_theme[theme]))
            for theme in dict.fromkeys([*([*by_theme][:1] if leading else []), *settings.themes, OTHER])
            if theme in by_theme
        ),
    )
