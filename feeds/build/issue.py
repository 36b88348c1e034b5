"""Issuing: an issue is frozen into its folder, and then gets its line in `feeds.issued`.

Whatever happens between two steps loses nothing: a folder without a line is made anew, and a line is written when all
folders are there. All languages of a period get their lines in one step, since a line in one of them closes the period.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from feeds import issued, periods
from feeds.build import write
from feeds.build.issued import sum_of
from feeds.build.task import DIGEST, Task
from feeds.errors import Problem
from feeds.issued import Line
from feeds.model import Digest, Output

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from feeds.build.project import Project
    from feeds.build.task import Made
    from feeds.digest import Frozen
    from feeds.digest.due import Due
    from feeds.issued import State
    from feeds.model import Post
    from feeds.rendered import Render

Key = tuple[str, str]
"""Language and name."""


@dataclass(kw_only=True, eq=False, repr=False)
class Issuing:
    """One site, and what is to be issued of it."""

    project: Project
    problems: list[Problem] = field(default_factory=list)

    @property
    def root(self) -> Path:
        """The folder of the site."""
        return self.project.blog.root

    def due(self) -> Due:
        """What is due now."""
        from feeds.digest import due

        digests = self.project.planner.digests
        return due.due(digests.issues, digests.calendar, digests.issued.record, digests.now)

    def refused(self, name: str = "") -> list[Problem]:
        """Why nothing can be issued now; what is wrong in the editors' files of other issues is no reason.

        What a folder says was issued counts only if the folder is what its line says.
        """
        digests = self.project.planner.digests
        found = [one for one in self.told(name) if one.severity == "error"]
        early = digests.issued.record.early(digests.now)
        return [*found, *whole(self.project, digests.issued.issues), *([early] if early else [])]

    def told(self, name: str = "") -> list[Problem]:
        """What is wrong with what was issued, and with the editors' files; with a name, only with those
        of this issue.
        """
        digests = self.project.planner.digests
        files = (file for files in digests.issued.files.values() for file in files.values())
        others = {file.path for file in files if name and file.name != name}
        return [one for one in digests.problems if one.path not in others]

    def issue(self, found: Due) -> list[Line]:
        """Freeze what is due, and write down what is too old for it. Returns the new lines, none if something is wrong;
        `problems` say what. Raises `OutputError`.
        """
        digests = self.project.planner.digests
        if not found.period:
            return []
        name, when = found.period.name, digests.now.isoformat(timespec="seconds")
        folders: dict[Key, dict[str, bytes]] = {}
        states: dict[Key, State] = {}
        for code in found.languages:
            issue = replace(digests.issues[code][name], issued=digests.now)
            if contents := self._contents(issue):
                folders[code, name], states[code, name] = contents, "issued"
        if any((code, name) not in folders for code in found.languages):
            return []  # the issue of one language could not be made, so none is issued
        for code, period_name, posts in self._left_out(found):
            folders[code, period_name] = self._skipped(code, period_name, posts)
            states[code, period_name] = "skipped"
        if self._is_unlisted(folders):
            return []
        lines = [Line(*key, states[key], when, sum_of(contents)) for key, contents in sorted(folders.items())]
        self._write(folders, lines)
        return lines

    def reissue(self, name: str) -> list[Line]:
        """Freeze an issue once more, with the same reviews, as they are now, and with what its editor says now."""
        digests = self.project.planner.digests
        folders: dict[Key, dict[str, bytes]] = {}
        lines = []
        for (code, one), old in digests.issued.issues.items():
            if one != name or old.line.state == "skipped":
                continue
            if code in self.project.site.settings.languages and (contents := self._again(old)):
                folders[old.line.key] = contents
                lines.append(old.line._replace(digest=sum_of(contents)))
        if any(problem.severity == "error" for problem in (*self.problems, *self.project.found)):
            return []
        self._write(folders, lines)
        return lines

    def mark(self, keys: Iterable[Key], state: State) -> None:
        """Write down that issues are in another state. Raises `OutputError`."""
        found = self.project.planner.digests.issued
        self._write({}, [found.lines[key]._replace(state=state) for key in keys])

    def _write(self, folders: Mapping[Key, Mapping[str, bytes]], lines: Iterable[Line]) -> None:
        """First the ids, then the folders, then the lines."""
        from feeds.digest import frozen

        project, found = self.project, self.project.planner.digests.issued
        if folders and project.site.lock:  # what was issued is known by its id, whatever its file is called tomorrow
            write.lock(*project.site.lock, self.root)
        for (code, name), contents in folders.items():
            write.freeze(contents, self.root, f"{found.folder}/{code}/{name}", frozen.is_ours)
        every = {**found.lines, **{line.key: line for line in lines}}
        write.ledger(issued.show(every.values(), found.damaged), self.root)

    def _is_unlisted(self, folders: Iterable[Key]) -> bool:
        """Whether folders say that something was issued which no line knows: then the lines may be lost."""
        found = self.project.planner.digests.issued
        ours = {f"{found.folder}/{code}/{name}" for code, name in folders}
        lost = [one for one in found.problems if one.code == "issued-unlisted" and one.path not in ours]
        self.problems += [replace(problem, severity="error") for problem in lost]
        return bool(lost)

    def _left_out(self, found: Due) -> Iterator[tuple[str, str, list[Post]]]:
        """Periods that get no issue, with their reviews: what is too old, and what editors left out."""
        digests = self.project.planner.digests
        rest: dict[Key, list[Post]] = {}
        for period, codes in found.skipped:
            for code in codes:
                rest[code, period.name] = [*digests.issues[code][period.name].posts]
        for code, editorials in digests.editorials.items():
            posts = {post.id: post for post in self.project.site.select(code)}
            for name, editorial in editorials.items():
                issued_now = found.period and name == found.period.name and code in found.languages
                over = found.period and periods.named(name, digests.calendar.rule).last <= found.period.last
                if editorial.skipped and over and not issued_now:
                    rest.setdefault((code, name), []).extend(posts[known] for known in editorial.skipped)
        for (code, name), posts_left in rest.items():
            yield code, name, posts_left

    def _skipped(self, code: str, name: str, posts: list[Post]) -> dict[str, bytes]:
        from feeds.digest import frozen

        digests = self.project.planner.digests
        file = digests.issued.files.get(code, {}).get(name)
        language = self.project.site.settings.languages[code]
        return {frozen.FACTS: frozen.left_out(language, name, posts, file.digest if file else "")}

    def _contents(self, issue: Digest, old: Frozen | None = None) -> dict[str, bytes]:
        """The files of an issue's folder by name; none if something is wrong with it."""
        task = Task(
            name="",
            posts=issue.shown,
            parts=DIGEST,
            make=lambda render: self._made(issue, old, render),
        )
        return {output.path: output.data for output in self.project.make([task])}

    def _made(self, issue: Digest, old: Frozen | None, render: Render) -> Made:
        from feeds import digest, syndication
        from feeds.digest import frozen
        from feeds.digest.placeholders import in_text

        digests, site = self.project.planner.digests, self.project.site
        made, problems = digests.draft(issue, render)
        if any(problem.severity == "error" for problem in problems):
            return [], problems
        templates, shown, said = digests.templates(), digests.shown, made.email
        if own := site.settings.digest.placeholders:  # a script may hand these to the service too
            said = replace(said, subject=in_text(said.subject, own), preheader=in_text(said.preheader, own))
        body = digest.body(issue, shown, site, render, templates)
        entry, text = digest.entry(issue, shown, site, render, templates)
        entry = replace(entry, id=old.id) if old else entry
        posts = {post.id: post for post in site.select(issue.language.code)}
        skipped = issue.editorial.skipped if issue.editorial else ()
        left_out = [posts[known] for known in skipped]
        files = {output.path.rpartition("/")[2]: output.data for output in digest.mail(made, issue, site)}
        files |= {
            frozen.PAGE: body.html.encode(),
            frozen.ENTRY: syndication.issue_entry(entry, text, site),
            frozen.FACTS: frozen.facts(issue, digest.place(site, issue), entry, said, left_out),
            frozen.REVIEWS: digest.reviews(issue, shown, site, render, templates),
        }
        return [Output(name, data) for name, data in files.items()], problems

    def _again(self, old: Frozen) -> dict[str, bytes]:
        """The files of an issue that is made anew."""
        from feeds import digest
        from feeds.digest import editor

        digests, site = self.project.planner.digests, self.project.site
        code, rule = old.language.code, digests.calendar.rule
        editorial, file = None, digests.issued.files.get(code, {}).get(old.name)
        posts = site.select(code)
        if file:
            held = digests.issued.held(code, besides=old.name)
            desk = editor.Desk(site.settings, site.settings.languages[code], posts, held)
            editorial, problems = digests.edited(editor.read(file, desk))
            self.problems += problems
        ids = {review.id for review in old.reviews} | {*(editorial.added if editorial else ())}
        ids -= {*(editorial.skipped if editorial else ())}
        kept = [post for post in posts if post.id in ids]
        period = periods.of_either_kind(old.name, rule)
        if not kept or not period:
            message = "none of its reviews is published any more, so it stays as it is"
            self.problems.append(Problem(old.place, 0, message, code="digest-empty"))
            return {}
        issue = digest.of_period(site.settings, site.settings.languages[code], period, kept, editorial)
        archive = tuple(post for known in old.archive for post in posts if post.id == known)
        issue = replace(issue, archive=archive, issued=old.line.time)
        return self._contents(replace(issue, since=old.since, until=old.until, last_day=old.last_day), old)


def whole(project: Project, keys: Iterable[Key]) -> list[Problem]:
    """What is wrong with the folders of these issues."""
    found = project.planner.digests.issued
    checked = (found.is_whole(found.issues[key]) for key in keys)
    return [problem for problem in checked if problem]
