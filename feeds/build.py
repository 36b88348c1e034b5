"""Site -> outputs, and outputs -> disk. `outputs` is pure but for reading the posts it shows; `write` is the only
place where files are written.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, partial
from html import escape
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from feeds import ledger, markup, reader, syndication
from feeds.errors import OutputError, Problem, TemplateError
from feeds.model import Digest, Feed, Language, Output, Post, Site
from feeds.words import Words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from feeds.digest import Draft, Issues
    from feeds.templating import Templates

Job = Callable[[], Iterable[Output]]
"""Something to be made, when its turn comes."""

MANIFEST = ".feeds-outputs"
"""Lists what a build wrote, in the format of sha256sum, so that a later one removes its own files and no others."""


@dataclass(frozen=True, slots=True)
class Report:
    """What `write` did, by path relative to the output folder."""

    written: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


class Build:
    """One build of one site: its outputs as values, and the problems met while making them."""

    def __init__(self, blog: reader.Blog, site: Site, now: datetime) -> None:
        """`now` says which weeks are over."""
        self.blog, self.site, self.now = blog, site, now
        self.words = Words(blog.root)
        self._problems: list[Problem] = [*site.problems]
        self._bodies: dict[str, markup.Body] = {}
        self._posts = {post.id: post for post in site.posts}

    @cached_property
    def templates(self) -> Templates:
        """Loaded when something is to be rendered: Jinja2 takes longer to import than feeds to be made."""
        from feeds.templating import Templates

        return Templates(self.words, self.site.settings)

    @cached_property
    def issues(self) -> Issues:
        """Every issue of the digest."""
        if not self.site.settings.digest.enabled:
            return {code: {} for code in self.site.settings.languages}
        from feeds import digest

        return digest.gather(self.site)

    @property
    def problems(self) -> list[Problem]:
        """What was wrong with the site and with the outputs made so far, sorted, each once."""
        of_bodies = (problem for body in self._bodies.values() for problem in body.problems)
        return sorted({*self._problems, *self.words.problems, *of_bodies})

    def render(self, post: Post) -> markup.Body:
        """A post's text, read when first asked for."""
        if post.path not in self._bodies:
            text, problems = self.blog.body(post, self.site)
            self._problems += problems
            self._bodies[post.path] = markup.Body(post, text, self.site, self._closing(post))
        return self._bodies[post.path]

    def outputs(self, progress: Callable[[list[Job]], Iterable[Job]] = lambda jobs: jobs) -> Iterator[Output]:
        """Every file of the site, in an order that does not matter. `progress` wraps the list of jobs to be done."""
        return self._run(progress(self._jobs()))

    def outputs_of(self, issues: Iterable[Digest]) -> Iterator[Output]:
        """The mail and the page of each of these issues."""
        return self._run(partial(make, issue) for issue in issues for make in (self._mail, self._page))

    def drafts(self, issues: Iterable[Digest]) -> Iterator[tuple[Digest, Draft]]:
        """The mails of these issues as they would be written."""
        for issue in issues:
            try:
                yield issue, self._draft(issue)
            except TemplateError as error:
                self._problems.append(error.problem)

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

    def _run(self, jobs: Iterable[Job]) -> Iterator[Output]:
        for job in jobs:
            try:
                yield from filter(self._sound, job())
            except TemplateError as error:
                self._problems.append(error.problem)

    def _sound(self, output: Output) -> bool:
        """Whether a feed keeps the rules of its format; one that does not is not written: the last good one stays."""
        if not output.path.endswith((".xml", ".json", ".opml")):
            return True
        findings = syndication.findings(output.path, output.data)
        of_feed = {finding.message for finding in findings if not finding.entry}  # what holds for all is said once
        for finding in findings:
            if finding.entry and finding.message in of_feed:
                continue
            post = self._posts.get(finding.entry)
            path, line = (post.path, post.line("title")) if post else (output.path, 0)
            message = finding.message if not post else f"in {output.path}: {finding.message}"
            self._problems.append(Problem(path, line, message, finding.severity))
        return all(finding.severity == "warning" for finding in findings)

    def _jobs(self) -> list[Job]:
        """What is to be made, each by itself: a template's mistake costs what it makes and nothing else.

        The page of every issue is made, so that a link in an old mail never breaks; mails are made of the newest issue
        and of the newest whose week is over: a post of Monday morning must not take away the mail of Monday noon.
        """
        feeds = syndication.plan(self.site, self._word)
        languages = [self.site.settings.languages[code] for code, issues in self.issues.items() if issues]
        with_feed = languages if "atom" in self.site.settings.feeds.formats else []
        digests = [syndication.issues_feed(self.site, language, (), self._word) for language in with_feed]
        jobs: list[Job] = [
            partial(syndication.documents, feed, self.site, self.render, self._problems.append) for feed in feeds
        ]
        jobs.append(partial(self._lists, [*feeds, *digests]))
        if self.site.settings.feeds.pages:
            from feeds import pages

            jobs.append(partial(pages.subscribe, self.site, feeds, syndication.OPML, self.templates))
        for language in languages:
            issues = list(self.issues[language.code].values())
            jobs += [partial(self._page, issue) for issue in issues]
            over = next((issue for issue in issues if issue.until <= self.now), issues[0])
            jobs += [partial(self._mail, issue) for issue in ([over] if over is issues[0] else [issues[0], over])]
            jobs.append(partial(self._archive, language))
        return jobs + [partial(self._issues_feed, language) for language in with_feed]

    def _lists(self, feeds: list[Feed]) -> Iterator[Output]:
        """All feeds as OPML, and those of each language of several."""
        settings = self.site.settings
        yield Output(syndication.OPML, syndication.opml(feeds, settings))
        for code in settings.languages if len(settings.languages) > 1 else ():
            own = [feed for feed in feeds if feed.language and feed.language.code == code]
            yield Output(f"{settings.folder(code)}{syndication.OPML}", syndication.opml(own, settings))

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


def write(outputs: Iterable[Output], out: Path, *, complete: bool) -> Report:
    """Put outputs on disk. Equal files are left untouched, others replaced in one step, never half.

    With `complete`, the outputs are all there is: files an earlier build wrote and nobody changed since are removed.
    Without (something could not be made), what was good before stays. Raises `OutputError`.
    """
    old = _manifest(out)
    new: dict[str, str] = {}
    written: list[str] = []
    unchanged: list[str] = []
    removed: list[str] = []
    path = out
    try:
        for output in outputs:
            path = out / output.path
            if output.path in new:
                raise OutputError(str(path), "two outputs have this path; rename a theme or a language")
            changed = _replace(_inside(path, out), output.data)
            new[output.path] = hashlib.sha256(output.data).hexdigest()
            (written if changed else unchanged).append(output.path)
        for name in sorted(set(old) - set(new)) if complete else ():
            path = out / name
            if _digest(_inside(path, out)) == old[name]:
                path.unlink()
                removed.append(name)
                _prune(out, name)
            del old[name]
    except OSError as error:
        raise OutputError(str(path), f"cannot be written: {error.strerror}; what was there is untouched") from error
    finally:  # what was written is ours, whatever happened after
        with suppress(OSError):
            lines = (f"{mark}  {name}\n" for name, mark in sorted((old | new).items()))
            _replace(out / MANIFEST, "".join(lines).encode())
    return Report(tuple(sorted(written)), tuple(sorted(unchanged)), tuple(removed))


def lock(text: str, root: Path) -> bool:
    """Keep the ids of a site's posts. Returns whether the file had to be written. Raises `OutputError`."""
    path = root / ledger.FILE
    if text == ledger.HEADER and not path.exists():
        return False  # nothing was published yet
    try:
        return _replace(_inside(path, root), text.encode())
    except OSError as error:
        message = f"cannot be written: {error.strerror}; without it, a renamed post is a new one to readers"
        raise OutputError(str(path), message) from error


def create(outputs: Iterable[Output], folder: Path) -> list[Path]:
    """Write those files that are not there yet, and say which. Raises `OutputError`."""
    written = []
    for output in outputs:
        path = folder / output.path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with _inside(path, folder).open("xb") as file:
                file.write(output.data)
            written.append(path)
        except FileExistsError:
            continue
        except OSError as error:
            raise OutputError(str(path), f"cannot be written: {error.strerror}") from error
    return written


def _prune(out: Path, name: str) -> None:
    """Remove the folders that a removed file leaves empty."""
    for folder in list(PurePosixPath(name).parents)[:-1]:
        with suppress(OSError):  # not empty
            (out / folder).rmdir()


def _replace(path: Path, data: bytes) -> bool:
    """Whether the file had to be written. The new one takes the old one's place in one step."""
    with suppress(OSError):
        status = path.lstat()
        if stat.S_ISREG(status.st_mode) and status.st_size == len(data) and path.read_bytes() == data:
            return False
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)  # it may be a link laid out to lead elsewhere; "x" follows none
    try:
        with part.open("xb") as file:
            file.write(data)
        os.replace(part, path)
    except OSError:
        with suppress(OSError):
            part.unlink()
        raise
    return True


def _inside(path: Path, out: Path) -> Path:
    """The path, when no link on the way leads out of the output folder."""
    if not path.parent.resolve().is_relative_to(out.resolve()):
        raise OutputError(str(path), f"leads out of {out} by a link; remove the link")
    return path


def _manifest(out: Path) -> dict[str, str]:
    """Path -> hash of the last build; lines that lead out of the folder are not ours."""
    try:
        lines = (out / MANIFEST).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return {}
    entries = (line.split("  ", 1) for line in lines if "  " in line)
    return {name: mark for mark, name in entries if name and not name.startswith("/") and ".." not in name.split("/")}


def _digest(path: Path) -> str | None:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest() if stat.S_ISREG(path.lstat().st_mode) else None
    except OSError:
        return None
