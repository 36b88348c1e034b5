"""Site -> tasks: what is to be made, in which order, and what each depends on. Nothing is made here.

`digests.py` plans the issues.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING

from feeds import lockfile, syndication
from feeds.build.digests import Digests
from feeds.build.task import ALL, SHORT, Task

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from feeds.build.task import Made
    from feeds.digest import Issues
    from feeds.errors import Problem
    from feeds.model import Feed, Site
    from feeds.reader import Blog
    from feeds.rendered import Render
    from feeds.site.i18n import Catalog
    from feeds.site.templating import Templates


@dataclass(eq=False, repr=False)
class Planner:
    """The tasks of one site. `issues` are those of its digest that are computed, `now` says which of their periods are
    over. `whole_history`: as for `Digests`.
    """

    blog: Blog
    site: Site
    now: datetime
    catalog: Catalog
    whole_history: bool = False

    @cached_property
    def templates(self) -> Templates:
        """Loaded when something is to be rendered: Jinja2 takes longer to import than feeds to be made."""
        from feeds.site.templating import Templates

        return Templates(self.catalog, self.site.settings)

    @cached_property
    def digests(self) -> Digests:
        """The issues of the digest."""
        return Digests(
            self.blog, self.site, self.now, self.catalog, lambda: self.templates, whole_history=self.whole_history
        )

    @property
    def issues(self) -> Issues:
        """Every issue that is computed."""
        return self.digests.issues

    @property
    def problems(self) -> Iterator[Problem]:
        """What is wrong with the site's own words, with where its feeds lie, and with its issues."""
        yield from self.words_problems
        yield from self.planned.problems
        yield from self.digests.problems

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

        What shows the same posts stands together, the newest first. What needs templates or premailer is at the end:
        of two processes, one begins there, and the other may never load them.
        """
        settings, feeds = self.site.settings, self.feeds
        with_feed = self.digests.languages if "atom" in settings.feeds.formats else []
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
        of_issues, pages = self.digests.tasks()
        rendered += of_issues
        history += pages
        history.sort(key=lambda dated: dated[0], reverse=True)
        return [*current, *(task for _, task in history), *rendered]

    def moments(self) -> set[float]:
        """When the passing of time changes something: posts that come or go, weeks that end; in seconds since 1970."""
        posts = (time for post in (*self.site.posts, *self.site.withheld) for time in post.changes)
        return {*posts, *self.digests.moments()}

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
        with_issues = [language.code for language in self.digests.languages]

        def make(_: Render) -> Made:
            return [*pages.subscribe(self.site, self.feeds, syndication.OPML, self.templates, with_issues)], []

        posts = tuple(post for posts in newest for post in posts)
        return Task(name="subscribe", posts=posts, says=f"{every} {counts} {with_issues}", make=make)

    def _stylesheet(self) -> Task:
        from feeds.site import pages

        return Task(name="stylesheet", make=lambda _: ([pages.stylesheet(self.site, self.templates)], []))
