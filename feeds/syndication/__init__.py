"""Site -> feeds -> documents. A `Feed` knows its posts and its place; other modules write each format.

A format is a function from feed to bytes, in `FORMATS`. What else a new one needs, in settings, pages and checks, is a
recipe in `docs/architecture.md`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, unquote

from feeds.errors import Problem
from feeds.model import (
    DOCUMENTS,
    OTHER,
    SAFE,
    Channel,
    Feed,
    Format,
    History,
    Language,
    Output,
    Post,
    Settings,
    Site,
    Theme,
)
from feeds.syndication.addresses import OPML, Addresses, Wanted, addresses
from feeds.syndication.checks import findings
from feeds.syndication.jsonfeed import json_feed
from feeds.syndication.opml import opml
from feeds.syndication.sound import errors, of_document, sound
from feeds.syndication.xml import atom, entry, rss

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from feeds.places import KnownFeed
    from feeds.rendered import Render, Rendered

__all__ = [
    "FORMATS",
    "OPML",
    "Words",
    "documents",
    "findings",
    "issue_entry",
    "issues_document",
    "issues_feed",
    "lists",
    "parts",
    "plan",
]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
"""The time of a feed that never had a post: times come from posts, never from the clock."""


FORMATS: Mapping[Format, Callable[[Feed, Site, Render], bytes]] = {"atom": atom, "rss": rss, "json": json_feed}

Words = Callable[[str, str], str]
"""(word, language tag) -> the few words a feed itself contains, from the templates' list."""


class Planned(NamedTuple):
    """Every current feed of a site: those of our own layout, then further ones of the blog's generator. `known` is what
    the lock is to keep of where documents lie.
    """

    feeds: tuple[Feed, ...]
    further: tuple[Feed, ...]
    known: Mapping[str, KnownFeed]
    problems: list[Problem]


def plan(site: Site, words: Words) -> Planned:
    """Every current feed: for all languages, for each language, for each theme of a language; and those of the blog's
    generator, each where its configuration has it.

    A configured theme has its feed even while it is empty, so that an address people subscribed to stays; posts without
    a theme have one only if there are any.
    """
    own = [_placed_by(site, feed) for feed in _own(site, words)]
    further = _further(site, words)
    wanted = [one for _, documents in (*own, *further) for one in documents.values()]
    is_new = site.lock is not None and not site.lock[0].strip()
    found = addresses(wanted, site.settings, site.known_feeds, is_new=is_new)
    placed = [[_placed(site, *pair, found) for pair in pairs] for pairs in (own, further)]
    feeds, others = (tuple(feed for feed in every if feed.documents) for every in placed)
    return Planned(feeds, others, found.known, found.problems)


def _own(site: Site, words: Words) -> list[Feed]:
    """The feeds of our own layout."""
    settings = site.settings
    feeds = []
    if len(settings.languages) > 1:
        feeds.append(_feed(site, None, None, " / ".join(dict.fromkeys(settings.title.values()))))
    for language in settings.languages.values():
        title = settings.title[language.code]
        colon = words("colon", language.tag)
        feeds.append(_feed(site, language, None, title))
        feeds += [
            _feed(site, language, theme, f"{title}{colon}{theme.titles[language.code]}")
            for theme in settings.themes.values()
        ]
        if settings.themes and site.select(language.code, OTHER):
            name = words("other_theme", language.tag)
            other = Theme(id=OTHER, titles=dict.fromkeys(settings.languages, name))
            feeds.append(_feed(site, language, other, f"{title}{colon}{name}"))
    return feeds


def _placed_by(site: Site, feed: Feed) -> tuple[Feed, dict[Format, Wanted]]:
    """A feed of our own layout, with its posts in the order of the generator, and what is wanted for its documents."""
    codes = {feed.language.code if feed.language else "", *([] if len(site.settings.languages) > 1 else [""])}
    same = [one for one in site.channels if not (one.name or feed.theme) and one.language in codes]
    at = {channel.format: channel for channel in reversed(same)}
    wanted = {}
    for form in site.settings.feeds.formats:
        there = at.get(form)
        place, own = (there.place, there.id) if there else (None, "")
        wanted[form] = Wanted(feed.folder + DOCUMENTS[form][0], form, place, own)
    return (replace(feed, posts=same[0].posts) if same else feed), wanted


def _further(site: Site, words: Words) -> list[tuple[Feed, dict[Format, Wanted]]]:
    """The feeds that only the blog's generator has: of a folder, a category, a tag."""
    found: dict[tuple[str, str], dict[Format, Channel]] = {}
    for channel in site.channels:
        if channel.name and channel.format in site.settings.feeds.formats:
            found.setdefault((channel.language, channel.name), {}).setdefault(channel.format, channel)
    feeds = []
    for (code, name), channels in found.items():
        first = next(iter(channels.values()))
        spoken = {code} if code else {post.language.code for post in first.posts}
        only = site.settings.languages.get(spoken.pop()) if len(spoken) == 1 else None
        title = site.settings.title[only.code if only else site.settings.default_language]
        colon = words("colon", (only or site.settings.languages[site.settings.default_language]).tag)
        feed = replace(
            _feed(site, only, None, f"{title}{colon}{first.title}"),
            name=name,
            posts=first.posts,
            updated=max((post.updated for post in first.posts), default=EPOCH),
        )
        feeds.append((feed, {form: Wanted(one.place.path, form, one.place, one.id) for form, one in channels.items()}))
    return feeds


def _placed(site: Site, feed: Feed, wanted: Mapping[Format, Wanted], found: Addresses) -> Feed:
    """A feed with the documents that have an address."""
    there = {form: one.name for form, one in wanted.items() if one.name in found.paths}
    return replace(
        feed,
        documents={form: site.settings.url + quote(found.paths[name], safe=SAFE) for form, name in there.items()},
        copies={form: found.copies[name] for form, name in there.items() if name in found.copies},
        id=found.ids.get(there.get("atom", ""), ""),
    )


def issues_feed(site: Site, language: Language, issues: tuple[Post, ...], words: Words) -> Feed:
    """The feed of a language's past issues, one entry per issue; only as Atom, next to the page that lists them."""
    settings, code = site.settings, language.code
    folder = f"{settings.folder(code)}digest/"
    return Feed(
        folder=folder,
        title=f"{settings.title[code]}{words('colon', language.tag)}{words('digest', language.tag)}",
        description=settings.description[code],
        language=language,
        theme=None,
        home=settings.url + folder,
        author=settings.author[code],
        posts=issues,
        updated=max((post.updated for post in issues), default=EPOCH),
        documents={"atom": settings.url + folder + DOCUMENTS["atom"][0]},
        rights=settings.rights[code],
        hubs=settings.feeds.hubs,
    )


def issues_document(
    feed: Feed, site: Site, render: Render, written: Mapping[str, bytes] | None = None
) -> tuple[list[Output], list[Problem]]:
    """The feed of past issues as Atom, and what is wrong with it; `written` are entries that are there, by id."""
    write = partial(atom, written=written or {})
    return sound(feed.folder + DOCUMENTS["atom"][0], write, feed, site, render)


def issue_entry(issue: Post, text: Rendered, site: Site) -> bytes:
    """An issue as an entry of the feed of past issues."""
    return entry(issue, text, site, "atom")


def lists(feeds: Sequence[Feed], settings: Settings) -> tuple[list[Output], list[Problem]]:
    """All feeds as OPML, and those of each language of several; and what is wrong with these documents."""
    outputs = [Output(OPML, opml(feeds, settings))]
    for code in settings.languages if len(settings.languages) > 1 else ():
        own = [feed for feed in feeds if feed.language and feed.language.code == code]
        outputs.append(Output(f"{settings.folder(code)}{OPML}", opml(own, settings)))
    wrong = {output.path: errors(output.path, output.data) for output in outputs}
    problems = [problem for path, found in wrong.items() for problem in of_document(path, found, {})]
    return [output for output in outputs if not wrong[output.path]], problems


def parts(feed: Feed, site: Site) -> tuple[Feed, ...]:
    """What a feed is published as: its newest posts, then the archives of its full history (Atom, JSON)."""
    limit = site.settings.feeds.limit
    archives = _archives(feed, site)
    current = replace(
        feed,
        posts=feed.posts[:limit] if limit else feed.posts,
        history=History(previous=archives[-1].documents) if archives else None,
    )
    return current, *archives


def documents(part: Feed, site: Site, render: Render) -> tuple[list[Output], list[Problem]]:
    """A part of a feed in every format it has, and what is wrong with it, or had to be shortened."""
    shown, short = _within(part, site, render)
    paths = {name: unquote(address.removeprefix(site.settings.url)) for name, address in part.documents.items()}
    outputs: list[Output] = []
    problems: list[Problem] = []
    for name, path in paths.items():
        made, wrong = sound(path, FORMATS[name], part, site, shown)
        outputs += made
        outputs += [Output(copy, one.data) for one in made for copy in part.copies.get(name, ())]
        problems += wrong
    if not short:
        return outputs, problems
    most = f"{site.settings.feeds.limit_bytes // 1024} kB"
    cut = f"the oldest {short} of its {len(part.posts)} posts {'is a summary' if short == 1 else 'are summaries'}"
    message = f"would be longer than {most}: {cut}; see [feeds] limit_bytes"
    return outputs, [*problems, Problem(next(iter(paths.values())), 0, message, "note", code="feed-shortened")]


def _within(feed: Feed, site: Site, render: Render) -> tuple[Render, int]:
    """How to render the posts of a document so that it stays within its size, and how many are shortened for that.

    Readers refuse long documents, some from half a megabyte up. The newest posts stay whole as long as they fit; the
    very newest always does.
    """
    left = site.settings.feeds.limit_bytes
    if not left or site.settings.feeds.content != "full":
        return render, 0
    short: set[str] = set()
    for post in feed.posts:
        html = render(post).html
        left -= (
            len(html.encode("utf-8", "replace"))
            + 3 * html.count("<")
            + 3 * html.count(">")
            + 4 * html.count("&")
            + _OVERHEAD
        )
        if left < 0 and post is not feed.posts[0]:
            short.add(post.path)

    def shown(post: Post) -> Rendered:
        text = render(post)
        return replace(text, html="") if post.path in short else text

    return (shown, len(short)) if short else (render, 0)


_OVERHEAD = 1_500
"""Bytes of an entry besides its text."""


def _archives(feed: Feed, site: Site) -> list[Feed]:
    """The full history of a language, cut, oldest first, into documents that no new post changes (RFC 5005).

    A document has no more posts than the current feed: so posts that do not fill one yet are in the current feed, and
    none is lost in between. None has a `next-archive`, which would have to be added later.
    """
    options = site.settings.feeds
    size = min(options.archive, options.limit)
    if not size or not feed.language or feed.theme or feed.name or len(feed.posts) <= options.limit:
        return []
    if any(one.published < next_one.published for one, next_one in pairwise(feed.posts)):
        return []  # the generator's own order: nothing tells which posts are old
    here, endings = f"{site.settings.url}{feed.folder}archive/", {"atom": "xml", "json": "json"}
    kinds: list[Format] = [name for name in options.formats if name in endings]  # readers know no paging for RSS
    archives: list[Feed] = []
    oldest_first = feed.posts[::-1]
    for number in range(1, len(feed.posts) // size + 1 if kinds else 1):
        posts = oldest_first[(number - 1) * size : number * size][::-1]
        history = History(previous=archives[-1].documents if archives else {}, current=feed.documents)
        places = {name: f"{here}{number}.{endings[name]}" for name in kinds}
        updated = max(post.updated for post in posts)
        archives.append(
            replace(feed, posts=posts, updated=updated, history=history, documents=places, copies={}, id="")
        )
    return archives


def _feed(site: Site, language: Language | None, theme: Theme | None, title: str) -> Feed:
    settings = site.settings
    code = language.code if language else None
    folder = (settings.folder(code) if code else "") + (f"{theme.id}/" if theme else "")
    posts = site.select(code, theme.id if theme else None)
    return Feed(
        folder=folder,
        title=title,
        description=settings.description[code or settings.default_language],
        language=language,
        theme=theme,
        home=settings.subscribe(code),
        author=settings.author[code or settings.default_language],
        posts=posts,
        updated=max((post.updated for post in posts), default=EPOCH),
        documents={name: settings.url + folder + DOCUMENTS[name][0] for name in settings.feeds.formats},
        rights=settings.rights[code or settings.default_language],
        hubs=settings.feeds.hubs,
    )
