"""Site -> tasks: what is to be made, in which order, and what each depends on. Nothing is made here.

A task is a value: its name, the posts it shows, what it says besides, which parts of their texts it needs, and a
function from those texts to outputs. So each can be skipped, made by another process, or made again, by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING

from feeds import lockfile, syndication
from feeds.errors import Problem
from feeds.model import Digest, Feed, Language, Output, Post, Site

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from feeds.digest import Draft, Issues
    from feeds.reader import Blog
    from feeds.rendered import Part, Render
    from feeds.site.i18n import Catalog
    from feeds.site.templating import Templates

Made = tuple[list[Output], list[Problem]]
"""Outputs, and what the author should know of them."""

ALL: frozenset[Part] = frozenset({"html", "summary"})
SHORT: frozenset[Part] = frozenset({"summary"})
DIGEST: frozenset[Part] = frozenset({"summary", "minutes", "excerpt"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Something to be made. Its outputs depend on `posts` (with their translations), on the references of their texts,
    and on `says`, any text that differs when they would; and, as all outputs do, on settings and templates.

    `parts` are those of the posts' texts that `make` asks for. `is_archive`: only an edit of an old post changes it.
    """

    name: str
    posts: tuple[Post, ...] = ()
    says: str = ""
    parts: frozenset[Part] = frozenset()
    make: Callable[[Render], Made]
    is_archive: bool = False


@dataclass(eq=False, repr=False)
class Planner:
    """The tasks of one site. `issues` are its digests, `now` says which of their weeks are over."""

    blog: Blog
    site: Site
    now: datetime
    catalog: Catalog

    @cached_property
    def templates(self) -> Templates:
        """Loaded when something is to be rendered: Jinja2 takes longer to import than feeds to be made."""
        from feeds.site.templating import Templates

        return Templates(self.catalog, self.site.settings)

    @cached_property
    def issues(self) -> Issues:
        """Every issue of the digest."""
        if not self.site.settings.digest.enabled:
            return {code: {} for code in self.site.settings.languages}
        from feeds import digest

        return digest.gather(self.site)

    @cached_property
    def words_problems(self) -> list[Problem]:
        """What is wrong with the site's own words."""
        return self.catalog.problems(self.site.settings.languages.values())

    @cached_property
    def planned(self) -> syndication.Planned:
        """Every feed, and where it lies."""
        return syndication.plan(self.site, self.catalog.feed_word)

    @property
    def feeds(self) -> tuple[Feed, ...]:
        """The feeds that people are shown; those of each folder and tag are for who has them already."""
        return self.planned.feeds

    @cached_property
    def lock(self) -> tuple[str, str] | None:
        """`Site.lock`, with where documents lie; a site without posts has nothing to keep."""
        if not self.site.lock or not (self.site.lock[0] or self.site.posts):
            return self.site.lock
        before, after = self.site.lock
        return before, lockfile.with_feeds(after, self.planned.known) if self.planned.known else after

    def tasks(self) -> list[Task]:
        """What is to be made, each by itself: a template's mistake costs what it makes and nothing else.

        The page of every issue is made, so that a link in an old email never breaks; emails are made of the newest
        issue and of the newest whose week is over: a post of Monday morning must not take away Monday's email.
        What shows the same posts stands together, the newest first. What needs templates or premailer is at the end:
        of two processes, one begins there, and the other may never load them.
        """
        settings, feeds = self.site.settings, self.feeds
        languages = [settings.languages[code] for code, issues in self.issues.items() if issues]
        with_feed = languages if "atom" in settings.feeds.formats else []
        digests = [syndication.issues_feed(self.site, language, (), self.catalog.feed_word) for language in with_feed]
        every = repr([(feed.folder, feed.title, feed.documents) for feed in (*feeds, *digests)])
        current = [
            Task(name="lists", says=every, make=lambda _: syndication.lists([*feeds, *digests], self.site.settings))
        ]
        rendered: list[Task] = []
        history: list[tuple[datetime, Task]] = []
        for feed in (*feeds, *self.planned.further):
            newest, *archives = syndication.parts(feed, self.site)
            current.append(self._feed(newest))
            history += [(part.posts[0].published, self._feed(part, is_archive=True)) for part in archives]
        if settings.feeds.pages:
            rendered.append(self._subscribe(every))
        if settings.feeds.pages and {"atom", "rss"} & set(settings.feeds.formats):
            rendered.append(self._stylesheet())
        for language in languages:
            issues = list(self.issues[language.code].values())
            over = [issue for issue in issues if issue.until <= self.now]
            rendered.append(self._list_of_issues(language, issues))
            if language in with_feed:
                rendered.append(self._feed_of_issues(language, over[: settings.feeds.limit or None]))
            mailed = dict.fromkeys([issues[0].name, (over or issues)[0].name])
            rendered += [self.email(self.issues[language.code][name]) for name in mailed]
            history += [(issue.until, self.page(issue)) for issue in issues]
        history.sort(key=lambda dated: dated[0], reverse=True)
        return [*current, *(task for _, task in history), *rendered]

    def moments(self) -> set[float]:
        """When the passing of time changes something: posts that come or go, weeks that end; in seconds since 1970."""
        posts = (time for post in (*self.site.posts, *self.site.withheld) for time in post.changes)
        return {*posts, *(issue.until.timestamp() for issues in self.issues.values() for issue in issues.values())}

    def issue(self, issues: Iterable[Digest]) -> list[Task]:
        """The email and the page of each of these issues."""
        return [task for issue in issues for task in (self.email(issue), self.page(issue))]

    def email(self, issue: Digest) -> Task:
        """The email of an issue."""
        return self._issue(issue, "email", lambda render: self._email(issue, render))

    def page(self, issue: Digest) -> Task:
        """The web page of an issue."""
        from feeds import digest

        def make(render: Render) -> Made:
            return [digest.page(issue, self.issues, self.site, render, self.templates)], []

        return self._issue(issue, "page", make)

    def draft(self, issue: Digest, render: Render) -> tuple[Draft, list[Problem]]:
        """The email of an issue as it would be written, and what is wrong with it. Raises `TemplateError`."""
        from feeds import digest

        made = digest.draft(issue, self.issues, self.site, render, self.templates)
        problems = [*made.problems]
        if made.findings:
            sources = [
                (path, self.blog.text(path))
                for path in (*(post.path for post in issue.posts), *self.blog.configuration)
            ]
            sources += self.templates.sources("mail.html", "mail.txt", "mail.css", "mail.head.css", "parts.html")
            problems += [digest.problem(finding, issue, self.site, sources) for finding in made.findings]
        return made, problems

    def _email(self, issue: Digest, render: Render) -> Made:
        from feeds import digest

        made, problems = self.draft(issue, render)
        broken = any(finding.severity == "error" for finding in made.findings)
        return [] if broken else digest.mail(made, issue, self.site), problems

    def _issue(self, issue: Digest, kind: str, make: Callable[[Render], Made]) -> Task:
        editions = [code for code, issues in self.issues.items() if issue.name in issues]
        sections = [(section.theme.id if section.theme else "", len(section.posts)) for section in issue.sections]
        return Task(
            name=f"{issue.language.code}/{issue.name}/{kind}",
            posts=issue.posts,
            says=repr((editions, sections)),
            parts=DIGEST,
            make=make,
            is_archive=kind == "page",
        )

    def _feed(self, part: Feed, *, is_archive: bool = False) -> Task:
        full = self.site.settings.feeds.content == "full"
        return Task(
            name=next(iter(part.documents.values())),
            posts=part.posts,
            says=repr((part.title, part.id, part.updated.isoformat(), part.history, part.documents, part.copies)),
            parts=ALL if full else SHORT,
            make=partial(syndication.documents, part, self.site),
            is_archive=is_archive,
        )

    def _subscribe(self, every: str) -> Task:
        from feeds.site import pages

        newest = [self.site.select(code)[: pages.NEWEST] for code in (None, *self.site.settings.languages)]
        counts = [len(posts) for posts in newest]
        with_issues = [code for code, issues in self.issues.items() if issues]

        def make(_: Render) -> Made:
            return [*pages.subscribe(self.site, self.feeds, syndication.OPML, self.templates)], []

        posts = tuple(post for posts in newest for post in posts)
        return Task(name="subscribe", posts=posts, says=f"{every} {counts} {with_issues}", make=make)

    def _stylesheet(self) -> Task:
        from feeds.site import pages

        return Task(name="stylesheet", make=lambda _: ([pages.stylesheet(self.site, self.templates)], []))

    def _list_of_issues(self, language: Language, issues: list[Digest]) -> Task:
        from feeds import digest

        names = [(issue.name, [post.title for post in issue.posts]) for issue in issues]

        def make(_: Render) -> Made:
            return [digest.archive(language, self.issues, self.site, self.templates)], []

        return Task(name=f"{language.code}/digest", says=repr(names), make=make)

    def _feed_of_issues(self, language: Language, over: list[Digest]) -> Task:
        from feeds import digest

        def make(render: Render) -> Made:
            entries = digest.entries(language, self.issues, self.site, render, self.templates, self.now)
            texts = {post.id: text for post, text in entries}
            feed = syndication.issues_feed(
                self.site, language, tuple(post for post, _ in entries), self.catalog.feed_word
            )
            return syndication.issues_document(feed, self.site, lambda post: texts[post.id])

        shown = [
            (
                issue.name,
                [(section.theme.id if section.theme else "", len(section.posts)) for section in issue.sections],
            )
            for issue in over
        ]
        posts = tuple(post for issue in over for post in issue.posts)
        return Task(name=f"{language.code}/digest/atom", posts=posts, says=repr(shown), parts=DIGEST, make=make)
