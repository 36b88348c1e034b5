"""The issues of a site -> tasks: those that were issued are published as they lie there, the others are computed.

Emails are made of the newest issue and of the newest whose period is over: a post of Monday morning must not take away
Monday's email. The page of every issue is made, so that a link in an old email never breaks.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from feeds import periods, syndication
from feeds.build import issued
from feeds.build.task import DIGEST, Task
from feeds.errors import Problem
from feeds.model import Digest, Language, Output

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime

    from feeds.build.issued import Issued
    from feeds.build.task import Made
    from feeds.digest import Draft, Frozen, Issues, Shown
    from feeds.digest.due import Calendar
    from feeds.errors import Severity
    from feeds.model import Editorial, Post, Site
    from feeds.reader import Blog
    from feeds.rendered import Render
    from feeds.site.i18n import Catalog
    from feeds.site.templating import Templates

_NAMED = 5
"""Reviews of an issue that a message names."""


@dataclass(eq=False, repr=False)
class Digests:
    """The digest of one site as of a time. `templates` gives the templates when something is to be rendered.

    With `whole_history`, issues are computed for all reviews of a blog, even if nobody said since when it has issues.
    """

    blog: Blog
    site: Site
    now: datetime
    catalog: Catalog
    templates: Callable[[], Templates]
    whole_history: bool = False

    @cached_property
    def issued(self) -> Issued:
        """What was issued."""
        return issued.read(self.blog.root, self.site.settings, self.blog.dialect.issues)

    @cached_property
    def calendar(self) -> Calendar:
        """When issues are made. In a blog that had a life before `feeds`, they begin with the first that was issued."""
        from feeds import digest

        found = digest.calendar(self.site.settings)
        if found.since or self.blog.dialect.native or self.whole_history:
            return found
        bounds = self.issued.record.bounds(found.rule)
        first = bounds[0] if bounds else self.now.astimezone(found.zone).date().replace(year=self.now.year + 1)
        return found._replace(since=periods.containing(first, found.rule))

    @cached_property
    def editorials(self) -> dict[str, dict[str, Editorial]]:
        """What editors say of issues that are not made yet, by language and period."""
        return {code: {name: one for name, (one, _) in found.items()} for code, found in self._read.items()}

    @cached_property
    def _read(self) -> dict[str, dict[str, tuple[Editorial, list[Problem]]]]:
        found: dict[str, dict[str, tuple[Editorial, list[Problem]]]] = {}
        for code, files in self.issued.files.items() if any(self.issued.files.values()) else ():
            from feeds.digest import editor  # not in a site without any

            settings, bounds = self.site.settings, self.issued.record.bounds(self.calendar.rule)
            desk = editor.Desk(settings, settings.languages[code], self.site.select(code), self.issued.held(code))
            read = {}
            for name, file in files.items():
                period = periods.of_either_kind(name, self.calendar.rule)
                over = bounds and period and period.last < bounds[1]
                if not over and (code, name) not in self.issued.issues:
                    read[name] = self.edited(editor.read(file, desk))
            for name, (editorial, problems) in editor.agreed(read, desk).items():
                early = not self._is_over(name)  # a review it names may still come
                told = [replace(one, severity="warning") for one in problems] if early else problems
                found.setdefault(code, {})[name] = editorial, told
        return found

    def _is_over(self, name: str) -> bool:
        return periods.named(name, self.calendar.rule).last <= self.calendar.last_over(self.now).last

    def edited(self, read: tuple[Editorial, list[Problem]]) -> tuple[Editorial, list[Problem]]:
        """An editor's file with its cover measured, or without one that cannot be used."""
        from feeds.reader import files

        editorial, problems = read
        if not editorial.cover:
            return read
        if wrong := issued.cover_problem(self.blog.root, editorial):
            return replace(editorial, cover=None), [*problems, wrong]
        return replace(editorial, cover=files.measured(editorial.cover, self.blog.root)), problems

    @cached_property
    def waiting(self) -> dict[str, dict[str, list[Post]]]:
        """The reviews of each issue that is not made yet, by language and period."""
        from feeds.digest import due, editor

        record = self.issued.record
        return {
            code: due.assigned(
                self.site.select(code),
                code,
                self.calendar,
                record,
                self.now,
                due.Moved(*editor.moved(self.editorials.get(code, {}))),
            )
            for code in self.site.settings.languages
        }

    @cached_property
    def issues(self) -> Issues:
        """Every issue that is computed."""
        settings = self.site.settings
        if not settings.digest.enabled or not self.issued.is_known:
            return {code: {} for code in settings.languages}
        from feeds import digest

        found = digest.gather(self.site, self.waiting, self.editorials)
        said = any(one.archive is not None for names in self.editorials.values() for one in names.values())
        return self._filled(found) if settings.digest.from_the_archive or said else found

    def _filled(self, issues: Issues) -> Issues:
        """The issues that can still be made, with old reviews where they are short."""
        from feeds import digest

        bounds = self.issued.record.bounds(self.calendar.rule)
        first = bounds[1] if bounds else self.calendar.last_over(self.now).first
        number = self.site.settings.digest.from_the_archive
        filled: dict[str, dict[str, Digest]] = {}
        for code, found in issues.items():
            shown = self.issued.from_archive(code)
            new = {post.id for issue in found.values() if issue.last_day >= first for post in issue.posts}
            older = [post for post in self.site.select(code) if post.id not in new]
            made = {
                name: digest.filled(issue, older, number, shown) if issue.last_day >= first else issue
                for name, issue in reversed([*found.items()])
            }
            filled[code] = dict(reversed([*made.items()]))
        return filled

    @cached_property
    def shown(self) -> Shown:
        """Every issue that readers find, newest first."""
        codes = {*self.site.settings.languages, *(language for language, _ in self.issued.issues)}
        found: dict[str, dict[str, Digest | Frozen]] = {}
        for code in sorted(codes):
            issues: list[Digest | Frozen] = [*self.issues.get(code, {}).values(), *self.issued.shown(code)]
            issues.sort(key=lambda issue: (issue.last_day, issue.name), reverse=True)
            found[code] = {issue.name: issue for issue in issues}
        return found

    @property
    def problems(self) -> Iterator[Problem]:
        """What is wrong with what was issued, and with what editors wrote."""
        yield from self.issued.problems
        if any(self.issued.files.values()):
            yield from issued.closed(self.issued, self.site.settings)
        for code, found in self._read.items():
            for name, (editorial, problems) in found.items():
                yield from problems
                issue = self.issues.get(code, {}).get(name)
                if issue and editorial.lead and editorial.lead not in {post.id for post in issue.posts}:
                    path = next(post.path for post in self.site.select(code) if post.id == editorial.lead)
                    known = ", ".join(post.slug for post in issue.posts[:_NAMED])
                    message = f"`lead`: {path} is no review of {name}; write one of it, like {known}"
                    severity: Severity = "error" if self._is_over(name) else "warning"
                    yield Problem(
                        editorial.path, editorial.lines.get("lead", 1), message, severity, code="review-unknown"
                    )

    @property
    def languages(self) -> list[Language]:
        """Those that have an issue, in the order of the settings."""
        return [language for code, language in self.site.settings.languages.items() if self.shown[code]]

    def tasks(self) -> tuple[list[Task], list[tuple[datetime, Task]]]:
        """What is to be made: emails, lists and feeds; and the pages of issues, each with its time."""
        settings = self.site.settings
        rendered: list[Task] = []
        pages: list[tuple[datetime, Task]] = []
        for language in self.languages if self.issued.is_known else ():
            issues = [*self.shown[language.code].values()]
            over = [issue for issue in issues if periods.has_come(issue.until, self.now)]
            rendered.append(self._list_of_issues(language, issues))
            if "atom" in settings.feeds.formats:
                rendered.append(self._feed_of_issues(language, over[: settings.feeds.limit or None]))
            mailed = dict.fromkeys([issues[0].name, (over or issues)[0].name])
            rendered += [self.email(issue) for name in mailed if (issue := self.issues[language.code].get(name))]
        for found in self.issues.values():
            pages += [(issue.until, self.page(issue)) for issue in found.values()]
        for code in self.shown:
            pages += [(issue.until, self.frozen(issue)) for issue in self.issued.shown(code)]
        return rendered, pages

    def moments(self) -> set[float]:
        """When the passing of time changes something, in seconds since 1970."""
        found = {issue.until.timestamp() for issues in self.issues.values() for issue in issues.values()}
        if self.issued.lines:  # a late review moves on when its issue is too old
            calendar = self.calendar
            for period in (calendar.of(self.now), calendar.last_over(self.now)):
                found.add(periods.start(period.after, calendar.zone, calendar.hour).timestamp())
        return found

    def issue(self, issues: Iterable[Digest]) -> list[Task]:
        """The email and the page of each of these issues."""
        return [task for issue in issues for task in (self.email(issue), self.page(issue))]

    def tasks_of(self, issues: Iterable[Digest | Frozen]) -> list[Task]:
        """The files of each of these issues, whether it was issued or not."""
        return [
            task
            for issue in issues
            for task in (self.issue([issue]) if isinstance(issue, Digest) else [self.frozen(issue)])
        ]

    def email(self, issue: Digest) -> Task:
        """The email of an issue."""
        return self._issue(issue, "email", lambda render: self._email(issue, render))

    def page(self, issue: Digest) -> Task:
        """The web page of an issue."""
        from feeds import digest

        def make(render: Render) -> Made:
            templates = self.templates()
            body = digest.body(issue, self.shown, self.site, render, templates)
            page = digest.page(issue, body, self.shown, self.site, templates)
            return [page, *self.cover(issue)], []

        return self._issue(issue, "page", make)

    def cover(self, issue: Digest) -> list[Output]:
        """The picture at the top of an issue, where its page is."""
        from feeds import digest, paths

        cover = issue.editorial.cover if issue.editorial else None
        if not cover:
            return []
        return [Output(digest.place(self.site, issue) + cover.src, paths.read(self.blog.root, cover.file))]

    def frozen(self, issue: Frozen) -> Task:
        """The files of an issue that was issued, as they are, and its page, in a new frame."""
        from feeds import digest
        from feeds.digest import frozen

        def make(_: Render) -> Made:
            try:
                files = self.issued.files_of(issue)
            except frozen.Damaged as error:
                return [], [issued.damaged(issue, str(error))]
            html = files[frozen.PAGE].decode("utf-8", "replace")
            body = digest.Body(html, issue.subject, issue.preheader)
            page = digest.page(issue, body, self.shown, self.site, self.templates())
            public = (name for name in files if name not in frozen.PRIVATE)
            return [page, *(Output(issue.folder + name, files[name]) for name in public)], []

        return Task(
            name=f"{issue.language.code}/{issue.name}/issued",
            says=repr((issue.line.digest, issue.place, self._around(issue))),
            files=self.issued.names_of(issue),
            make=make,
            is_archive=True,
        )

    def draft(self, issue: Digest, render: Render) -> tuple[Draft, list[Problem]]:
        """The email of an issue as it would be written, and what is wrong with it. Raises `TemplateError`."""
        from feeds import digest

        cover = {output.path.rpartition("/")[2]: output.data for output in self.cover(issue)}
        made = digest.draft(issue, self.shown, self.site, render, self.templates(), cover)
        problems = [*made.problems]
        if made.findings:
            own = [issue.editorial.path] if issue.editorial else []
            sources = [
                (path, self.blog.text(path))
                for path in (*own, *(post.path for post in issue.posts), *self.blog.configuration)
            ]
            sources += self.templates().sources("mail.html", "mail.txt", "mail.css", "mail.head.css", "parts.html")
            problems += [digest.problem(finding, issue, self.site, sources) for finding in made.findings]
        return made, problems

    def _email(self, issue: Digest, render: Render) -> Made:
        from feeds import digest

        made, problems = self.draft(issue, render)
        broken = any(finding.severity == "error" for finding in made.findings)
        cover = {output.path for output in self.cover(issue)}  # lies there for the page
        files = [] if broken else digest.mail(made, issue, self.site)
        return [output for output in files if output.path not in cover], problems

    def _issue(self, issue: Digest, kind: str, make: Callable[[Render], Made]) -> Task:
        sections = [(section.theme.id if section.theme else "", len(section.posts)) for section in issue.sections]
        cover = issue.editorial.cover if issue.editorial else None
        return Task(
            name=f"{issue.language.code}/{issue.name}/{kind}",
            posts=(*issue.posts, *issue.archive),
            says=repr((self._around(issue), sections, issue.editorial)),
            files=(cover.file,) if cover else (),
            parts=DIGEST,
            make=make,
            is_archive=kind == "page",
        )

    def _around(self, issue: Digest | Frozen) -> tuple[object, ...]:
        """What the frame of a page says of other issues."""
        from feeds import digest

        others = [one and (one.name, digest.place(self.site, one)) for one in digest.neighbours(issue, self.shown)]
        return [edition["url"] for edition in digest.editions(issue, self.shown, self.site)], others

    def _list_of_issues(self, language: Language, issues: Sequence[Digest | Frozen]) -> Task:
        from feeds import digest

        names = [(issue.name, digest.place(self.site, issue), issue.titles) for issue in issues]

        def make(_: Render) -> Made:
            return [digest.archive(language, self.shown, self.site, self.templates())], []

        return Task(name=f"{language.code}/digest", says=repr(names), make=make)

    def _feed_of_issues(self, language: Language, over: Sequence[Digest | Frozen]) -> Task:
        from feeds import digest
        from feeds.digest import frozen

        def make(render: Render) -> Made:
            written, texts, posts = {}, {}, []
            for issue in over:
                if isinstance(issue, Digest):
                    post, text = digest.entry(issue, self.shown, self.site, render, self.templates())
                    texts[post.id] = text
                else:
                    post = digest.frozen_entry(issue)
                    try:
                        written[post.id] = self.issued.files_of(issue)[frozen.ENTRY]
                    except frozen.Damaged as error:
                        return [], [issued.damaged(issue, str(error))]
                posts.append(post)
            feed = syndication.issues_feed(self.site, language, tuple(posts), self.catalog.feed_word)
            return syndication.issues_document(feed, self.site, lambda post: texts[post.id], written)

        says = [(issue.name, self._says(issue)) for issue in over]
        posts = tuple(post for issue in over if isinstance(issue, Digest) for post in (*issue.posts, *issue.archive))
        files = tuple(name for issue in over if not isinstance(issue, Digest) for name in self.issued.names_of(issue))
        return Task(
            name=f"{language.code}/digest/atom", posts=posts, says=repr(says), files=files, parts=DIGEST, make=make
        )

    def _says(self, issue: Digest | Frozen) -> object:
        if not isinstance(issue, Digest):
            return issue.line.digest
        sections = [(section.theme.id if section.theme else "", len(section.posts)) for section in issue.sections]
        return sections, issue.editorial
