"""Site -> outputs, as values: what is made, by whom, and what was wrong with it. Nothing is written here."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial
from html import escape
from typing import TYPE_CHECKING

from feeds import syndication
from feeds.build.memory import Known, Looked, Memory, Remembered
from feeds.build.parallel import Share, alone
from feeds.errors import Problem, TemplateError
from feeds.model import Digest, Feed, Language, Output, Post, Site
from feeds.site.i18n import Words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import datetime

    from feeds import markup, reader
    from feeds.digest import Draft, Issues
    from feeds.site.templating import Templates

BODIES = 200
"""Texts held at a time: more than the newest posts of all feeds of a language, far fewer than a long history."""


@dataclass(frozen=True, slots=True)
class Job:
    """Something to be made, when its turn comes. `shows` is all that it depends on besides settings and templates;
    `lasting` is what only an edit of an old post changes.
    """

    name: str
    shows: tuple[object, ...]
    make: Callable[[], Iterable[Output]]
    lasting: bool = False


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a job: `whole` when nothing is missing, `looked` what its texts asked of the site; of texts the next
    build may show too, `known` is what was made, by id.
    """

    outputs: list[Output]
    problems: list[Problem]
    looked: Looked
    known: dict[str, Known]
    whole: bool


class Build:
    """One build of one site: its outputs as values, and the problems met while making them."""

    def __init__(self, blog: reader.Blog, site: Site, now: datetime, memory: Memory | None = None) -> None:
        """`now` says which weeks are over; `memory` what need not be made again."""
        self.blog, self.site, self.now, self.memory = blog, site, now, memory
        self.words = Words(blog.root)
        self._problems: list[Problem] = [*site.problems]
        self._of_bodies: set[Problem] = set()  # of those that were let go
        self._bodies: dict[str, Remembered] = {}
        self._asked: dict[str, Remembered] = {}  # the texts that the job of the moment shows
        self._recent: set[str] = set()
        self._posts = {post.id: post for post in site.posts}

    @cached_property
    def templates(self) -> Templates:
        """Loaded when something is to be rendered: Jinja2 takes longer to import than feeds to be made."""
        from feeds.site.templating import Templates

        return Templates(self.words, self.site.settings)

    @cached_property
    def issues(self) -> Issues:
        """Every issue of the digest."""
        if not self.site.settings.digest.enabled:
            return {code: {} for code in self.site.settings.languages}
        from feeds import digest

        return digest.gather(self.site)

    @property
    def moments(self) -> set[float]:
        """When the passing of time changes something: posts that come, weeks that end; in seconds since 1970."""
        posts = (post.published.timestamp() for post in (*self.site.posts, *self.site.withheld))
        return {*posts, *(issue.until.timestamp() for issues in self.issues.values() for issue in issues.values())}

    @property
    def problems(self) -> list[Problem]:
        """What was wrong with the site and with the outputs made so far, sorted, each once."""
        of_bodies = (problem for body in self._bodies.values() for problem in body.problems)
        return sorted({*self._problems, *self.words.problems, *of_bodies, *self._of_bodies})

    def render(self, post: Post) -> Remembered:
        """A post's text, read when first asked for."""
        body = self._asked[post.path] = self._text(post)
        return body

    def _text(self, post: Post) -> Remembered:
        body = self._bodies.get(post.path)
        if not body:
            make = partial(self._body, post)
            body = self.memory.body(post, make) if self.memory else Remembered(post, {}, Looked(), make)
            self._bodies[post.path] = body
            if len(self._bodies) > BODIES:
                self._let_go(next(iter(self._bodies)))
        return body

    def _body(self, post: Post, looked: Looked) -> tuple[markup.Body, list[Problem]]:
        from feeds import markup

        site = self.memory.asking(looked) if self.memory else self.site
        text, problems = self.blog.body(post, site)
        return markup.Body(post, text, site, self._closing(post)), problems

    def _let_go(self, path: str) -> None:
        """Have a text no longer in memory."""
        body = self._bodies.pop(path)
        self._of_bodies.update(body.problems)
        if self.memory and path in self._recent:
            self.memory.keep_body(body)

    def outputs(self, share: Share = alone) -> Iterator[Output]:
        """Every file of the site, in an order that does not matter."""
        jobs = self._jobs()
        self._recent = {post.path for job in jobs if not job.lasting for post in _posts(job.shows)}
        waiting = []
        for job in jobs:
            if self.memory and (kept := self.memory.outputs(job.name, job.shows)):
                self._problems += kept[1]
                yield from kept[0]
            else:
                waiting.append(job)
        for job, done in share(waiting, self._make):
            self._problems += done.problems
            for own_id, known in done.known.items():
                self._text(self._posts[own_id]).learn(known)
            if self.memory and done.whole:
                names = [output.path for output in done.outputs]
                self.memory.made(job.name, job.shows, names, done.problems, done.looked)
            yield from done.outputs

    def outputs_of(self, issues: Iterable[Digest]) -> Iterator[Output]:
        """The mail and the page of each of these issues."""
        for issue in issues:
            for make in (self._mail, self._page):
                done = self._make(Job("", (), partial(make, issue)))
                self._problems += done.problems
                yield from done.outputs

    def close(self, digests: Mapping[str, str]) -> None:
        """Have what was made for the next build; `digests` are those of the files that are there."""
        if self.memory:
            for path in [*self._bodies]:
                self._let_go(path)
            self.memory.close(digests, self._recent)

    def drafts(self, issues: Iterable[Digest]) -> Iterator[tuple[Digest, Draft]]:
        """The mails of these issues as they would be written."""
        for issue in issues:
            try:
                yield issue, self._draft(issue)
            except TemplateError as error:
                self._problems.append(error.problem)

    def _make(self, job: Job) -> Done:
        """What comes of a job. Another process may ask: all it needs to know is in the value."""
        before, self._asked = len(self._problems), {}
        made: list[Output] = []
        whole = True
        try:
            for output in job.make():
                if self._sound(output):
                    made.append(output)
                else:
                    whole = False
        except TemplateError as error:
            self._problems.append(error.problem)
            whole = False
        looked = Looked()
        problems = self._problems[before:]
        for body in self._asked.values():
            looked.add(body.looked)
            problems += body.problems
        known = {body.post.id: body.known for path, body in self._asked.items() if path in self._recent}
        return Done(made, problems, looked, known, whole)

    def _sound(self, output: Output) -> bool:
        """Whether a feed keeps the rules of its format; one that does not is not written: the last good one stays.

        That plain words look like HTML is no news here: a post about HTML says so, and our writers escape it.
        """
        if not output.path.endswith((".xml", ".json", ".opml")):
            return True
        found = syndication.findings(output.path, output.data)
        findings = [finding for finding in found if finding.severity == "error"]
        of_feed = {finding.message for finding in findings if not finding.entry}  # what holds for all is said once
        for finding in findings:
            if finding.entry and finding.message in of_feed:
                continue
            post = self._posts.get(finding.entry)
            path, line = (post.path, post.line("title")) if post else (output.path, 0)
            message = finding.message if not post else f"in {output.path}: {finding.message}"
            self._problems.append(Problem(path, line, message, finding.severity))
        return not findings

    def _jobs(self) -> list[Job]:
        """What is to be made, each by itself: a template's mistake costs what it makes and nothing else.

        The page of every issue is made, so that a link in an old mail never breaks; mails are made of the newest issue
        and of the newest whose week is over: a post of Monday morning must not take away the mail of Monday noon.
        What shows the same posts stands together, the newest first. What needs templates or premailer is at the end:
        of two processes, one begins there, and the other may never load them.
        """
        feeds = syndication.plan(self.site, self._word)
        languages = [self.site.settings.languages[code] for code, issues in self.issues.items() if issues]
        with_feed = languages if "atom" in self.site.settings.feeds.formats else []
        digests = [syndication.issues_feed(self.site, language, (), self._word) for language in with_feed]
        told = tuple((feed.folder, feed.title, repr(feed.documents)) for feed in (*feeds, *digests))
        current: list[Job] = [Job("lists", told, partial(self._lists, [*feeds, *digests]))]
        rendered: list[Job] = []
        history: list[tuple[datetime, Job]] = []
        for feed in feeds:
            newest, *archives = syndication.parts(feed, self.site)
            current.append(self._feed(newest, lasting=False))
            history += [(part.posts[0].published, self._feed(part, lasting=True)) for part in archives]
        if self.site.settings.feeds.pages:
            rendered.append(self._subscribe(feeds, told))
        for language in languages:
            issues = list(self.issues[language.code].values())
            names = tuple((issue.name, tuple(post.title for post in issue.posts)) for issue in issues)
            over = [issue for issue in issues if issue.until <= self.now]
            shown = tuple(over[: self.site.settings.feeds.limit or None])
            code = language.code
            rendered.append(Job(f"{code}/digest", names, partial(self._archive, language)))
            if language in with_feed:
                rendered.append(Job(f"{code}/digest/atom", shown, partial(self._issues_feed, language)))
            mailed = dict.fromkeys([issues[0].name, (over or issues)[0].name])
            rendered += [self._issue(self.issues[code][name], self._mail, "mail") for name in mailed]
            history += [(issue.until, self._issue(issue, self._page, "page")) for issue in issues]
        history.sort(key=lambda dated: dated[0], reverse=True)
        return [*current, *(job for _, job in history), *rendered]

    def _feed(self, part: Feed, *, lasting: bool) -> Job:
        name = next(iter(part.documents.values()))
        make = partial(syndication.documents, part, self.site, self.render, self._problems.append)
        return Job(name, (part,), make, lasting)

    def _issue(self, issue: Digest, make: Callable[[Digest], list[Output]], kind: str) -> Job:
        editions = tuple(code for code, issues in self.issues.items() if issue.name in issues)
        lasting = kind == "page"
        return Job(f"{issue.language.code}/{issue.name}/{kind}", (issue, editions), partial(make, issue), lasting)

    def _subscribe(self, feeds: tuple[Feed, ...], told: tuple[object, ...]) -> Job:
        from feeds.site import pages

        newest = tuple(self.site.select(code)[: pages.NEWEST] for code in (None, *self.site.settings.languages))
        with_issues = tuple(code for code, issues in self.issues.items() if issues)
        make = partial(self._subscribe_pages, feeds)
        return Job("subscribe", (told, newest, with_issues), make)

    def _subscribe_pages(self, feeds: tuple[Feed, ...]) -> Iterator[Output]:
        from feeds.site import pages

        return pages.subscribe(self.site, feeds, syndication.OPML, self.templates)

    def _lists(self, feeds: list[Feed]) -> Iterator[Output]:
        """All feeds as OPML, and those of each language of several."""
        settings = self.site.settings
        yield Output(syndication.OPML, syndication.opml(feeds, settings))
        for code in settings.languages if len(settings.languages) > 1 else ():
            own = [feed for feed in feeds if feed.language and feed.language.code == code]
            yield Output(f"{settings.folder(code)}{syndication.OPML}", syndication.opml(own, settings))

    def _draft(self, issue: Digest) -> Draft:
        from feeds import digest

        made = digest.draft(issue, self.issues, self.site, self.render, self.templates)
        self._problems += made.problems
        if made.findings:
            posts = [(post.path, self.blog.text(post.path)) for post in issue.posts]
            sources = [*posts, *((path, self.blog.text(path)) for path in self.blog.configuration)]
            sources += self.templates.sources("mail.html", "mail.txt", "mail.css", "mail.head.css", "parts.html")
            self._problems += (digest.problem(finding, issue, self.site, sources) for finding in made.findings)
        return made

    def _page(self, issue: Digest) -> list[Output]:
        from feeds import digest

        return [digest.page(issue, self.issues, self.site, self.render, self.templates)]

    def _mail(self, issue: Digest) -> list[Output]:
        from feeds import digest

        made = self._draft(issue)
        broken = any(finding.severity == "error" for finding in made.findings)
        return [] if broken else digest.mail(made, issue, self.site)

    def _archive(self, language: Language) -> list[Output]:
        from feeds import digest

        return [digest.archive(language, self.issues, self.site, self.templates)]

    def _issues_feed(self, language: Language) -> list[Output]:
        from feeds import digest

        entries = digest.entries(language, self.issues, self.site, self.render, self.templates, self.now)
        bodies = {entry.post.id: entry for entry in entries}
        feed = syndication.issues_feed(self.site, language, tuple(entry.post for entry in entries), self._word)
        return [syndication.issues_document(feed, self.site, lambda post: bodies[post.id])]

    def _closing(self, post: Post) -> str:
        """The last line of a legacy post: where it first appeared."""
        if not post.original:
            return ""
        words, address = escape(self._word("original", post.language.tag)), escape(post.original)
        return f'\n<p>{words} <a href="{address}">{address}</a></p>'

    def _word(self, key: str, tag: str) -> str:
        try:
            return self.words.word(key, tag)
        except TemplateError as error:
            self._problems.append(error.problem)
            return ""


def _posts(shows: object) -> Iterator[Post]:
    """The posts among what a job shows."""
    if isinstance(shows, Post):
        yield shows
    elif isinstance(shows, (Feed, Digest)):
        yield from shows.posts
    elif isinstance(shows, tuple):
        for part in shows:
            yield from _posts(part)
