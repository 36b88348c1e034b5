"""`feeds digest`: write emails to look at, and the weekly issue, from what is due to what was mailed."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NoReturn

import click

from feeds import periods
from feeds.cli import report
from feeds.cli.options import JSON, NOW, OUT, QUIET, SITE, STRICT, VERBOSE
from feeds.cli.terminal import clock, day, say, tell, wait, with_bar, wrong_usage
from feeds.errors import OutputError, Problem
from feeds.settings.ignore import without_ignored

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from feeds.build.issue import Issuing
    from feeds.build.plan import Planner
    from feeds.build.project import Project
    from feeds.digest import Frozen
    from feeds.issued import Line
    from feeds.model import Digest
    from feeds.periods import Period

NEXT = ""
"""What `--issue` without a name says."""

ALL = "all"
"""For `--mail`: every issue that no mailer has taken, the oldest first; often none."""


@click.command(epilog="Example: feeds digest --week 2026-W17 --lang en")
@SITE
@OUT
@NOW
@STRICT
@QUIET
@VERBOSE
@JSON
@click.option("--list", "listed", is_flag=True, help="Show what the email would contain; write nothing.")
@click.option("--week", metavar="NAME", help="Issue of this ISO week or month, like 2026-W17. Default: the newest.")
@click.option("--since", metavar="DATE", help="First day, instead of a week. Default: six days before --until.")
@click.option("--until", metavar="DATE", help="Last day, instead of a week. Default: today.")
@click.option("--lang", metavar="CODE", help="Only this language. Default: all.")
@click.option("--theme", metavar="THEME", help="Only this theme. Default: all.")
@click.option("--due", is_flag=True, help="Say what is to be issued or mailed; with --issue, issue only what is due.")
@click.option("--issue", metavar="[NAME]", is_flag=False, flag_value=NEXT, help="Freeze the issue that is due.")
@click.option("--mail", metavar="NAME", help="Hand an issue to the mailer in --exec; all: every one that waits.")
@click.option("--exec", "command", metavar="CMD", help="The mailer, like 'send {eml}'; also {html} {text} {json}.")
@click.option("--mailed", metavar="NAME", help="Note that an issue was mailed.")
@click.option("--reissue", metavar="NAME", help="Freeze an issue once more, as its reviews are now.")
@click.option("--draft", is_flag=True, help="Write the editor's file of the next issue, or of --week.")
def digest(site: Path, now: str | None, *, quiet: bool, verbose: bool, strict: bool, **asked: Any) -> None:
    """Write the email for one issue of the digest, or issue it.

    The default is the newest issue in each language of SITE. It is written to look at it; to issue it for good, use
    --due, --issue and --mail.
    """
    modes = [name for name in ("issue", "mail", "mailed", "reissue", "draft") if asked[name] not in (None, False)]
    if len(modes) > 1:
        raise click.UsageError(f"--{modes[0]} cannot be combined with --{modes[1]}")
    mode = modes[0] if modes else "due" if asked["due"] else ""
    if mode and (odd := [name for name in ("since", "until", "theme", "lang", "listed", "out") if asked[name]]):
        option = {"listed": "list"}.get(odd[0], odd[0])
        raise click.UsageError(f"--{mode} cannot be combined with --{option}; it is about whole issues")
    if (mode == "mail") != bool(asked["command"]):
        raise click.UsageError("--mail needs --exec with the command of a mailer, and --exec needs --mail")
    session = Session(site, clock(now), quiet=quiet, verbose=verbose, strict=strict, as_json=asked["as_json"])
    if not mode:
        session.write(asked)
    elif mode == "due":
        session.due()
    elif mode == "issue":
        session.issue(asked["issue"], only_due=asked["due"])
    elif mode == "reissue":
        session.reissue(asked["reissue"])
    elif mode == "draft":
        session.draft(asked["week"])
    else:
        session.mail(asked["mail"] or asked["mailed"], asked["command"])


@dataclass(kw_only=False, eq=False, repr=False)
class Session:
    """One run of `feeds digest`."""

    site: Path
    clock: Callable[..., Any]
    quiet: bool = False
    verbose: bool = False
    strict: bool = False
    as_json: bool = False

    def project(self) -> Project:
        """The site, read and planned."""
        from feeds.build.builder import Builder

        with wrong_usage():
            return Builder(root=self.site, mapping=with_bar).project(self.clock)

    def end(self, project: Project, problems: Sequence[Problem]) -> NoReturn:
        """Say what is wrong, and leave with the exit code of that."""
        found = without_ignored(list(problems), project.site.settings.ignore)
        tell(found, verbose=self.verbose)
        sys.exit(report.exit_code(found, strict=self.strict))

    def write(self, asked: dict[str, Any]) -> None:
        """The email and the page of an issue, to look at."""
        from feeds.build import write
        from feeds.build.exclusive import alone

        project = self.project()
        with wrong_usage():
            default = write.output_folder(self.site, project.site.settings, project.blog.dialect.folders())
        folder = asked["out"] or default
        keys = ("week", "since", "until", "lang", "theme")
        issues, wanted = _issues(project.planner, **{key: asked[key] for key in keys})
        unwritten: list[Problem] = []
        if asked["listed"]:
            for issue in issues:
                say(self._listed(project, issue))
        else:
            try:
                tasks = project.planner.digests.tasks_of(issues)
                with alone(folder, wait):
                    done = write.write(project.make(tasks), folder, lambda: False)
                unwritten += done.problems
                for path in () if self.quiet else sorted(done.written + done.unchanged):
                    say([folder / path])
            except OutputError as error:
                unwritten.append(error.problem)
        problems = project.problems + unwritten
        if not issues:
            problems.append(_nothing(project.planner, wanted, asked["lang"], asked["theme"]))
        self.end(project, problems)

    def _listed(self, project: Project, issue: Digest | Frozen) -> list[str]:
        from feeds.digest import Frozen

        if isinstance(issue, Frozen):
            return [*report.frozen(issue)]
        made = project.draft(issue)
        return [*report.issue(issue, made, project.site.settings)] if made else []

    def due(self) -> None:
        """What is to be mailed, and to be issued; nothing is recorded."""
        from feeds.build.issue import Issuing

        project = self.project()
        issuing = Issuing(project=project)
        problems = issuing.refused()
        if not problems or self.as_json:
            found = report.due(issuing, self.site, known=not problems)
            if self.as_json:
                click.echo(report.as_json(found))
            elif lines := [*report.due_lines(found)]:
                say(lines)
        self.end(project, [*project.planner.digests.problems, *problems])

    def issue(self, name: str, *, only_due: bool) -> None:
        """Freeze what is due, or say where that lies which was frozen already."""
        from feeds.build.exclusive import alone
        from feeds.build.issue import Issuing

        with alone(self.site, wait):
            project = self.project()
            issuing, digests = Issuing(project=project), project.planner.digests
            period = self._period(project, name) if name else None
            found = issuing.due()
            if period and (not found.period or found.period != period):
                self._again(project, issuing, period)
            if problems := issuing.refused(found.period.name if found.period else ""):
                self.end(project, problems)
            if not found.period:
                self._nothing_due(project, only_due=only_due)
            try:
                lines = issuing.issue(found)
            except OutputError as error:
                self.end(project, [error.problem])
        for line in lines:
            if line.state == "skipped":
                number = "issue" if line.name == found.period.name else f"{project.site.settings.digest.grace}"
                reason = "its reviews are left out" if number == "issue" else "it is too old to be issued"
                click.echo(f"{line.name} ({line.language}): skipped, {reason}", err=True)
        self._print([line.key for line in lines if line.state == "issued"], digests.issued.folder, lines)
        stopped = {(one.path, one.code) for one in issuing.problems}  # by these, and told as an error
        told = [one for one in issuing.told(found.period.name) if (one.path, one.code) not in stopped]
        self.end(project, [*told, *issuing.problems, *project.found, *report.sender(project.site.settings)])

    def _period(self, project: Project, name: str) -> Period:
        try:
            return periods.named(name, project.site.settings.digest.rule)
        except ValueError as error:
            raise click.BadParameter(str(error)) from error

    def _again(self, project: Project, issuing: Issuing, period: Period) -> NoReturn:
        """An issue that is not the next one was issued already, or cannot be issued now."""
        digests = project.planner.digests
        known = [key for key, line in digests.issued.lines.items() if key[1] == period.name and line.state != "skipped"]
        if known:
            self._already(project, known)
        found = issuing.due()
        comes = f"{found.period.name} comes first" if found.period else "nothing is due"
        skipped = any(key[1] == period.name for key in digests.issued.lines)
        message = f"{period.name} {'was skipped' if skipped else 'cannot be issued now'}: {comes}"
        self.end(project, [Problem(project.site.settings.content_dir, 0, message, code="digest-empty")])

    def _already(self, project: Project, keys: list[tuple[str, str]]) -> NoReturn:
        from feeds.build.issue import whole

        found = project.planner.digests.issued
        problems = whole(project, keys)
        for code, name in () if problems else keys:
            click.echo(f"{name} ({code}): already issued", err=True)
        self._print([] if problems else keys, found.folder, list(found.lines.values()))
        self.end(project, problems)

    def _nothing_due(self, project: Project, *, only_due: bool) -> NoReturn:
        """Without anything due, the last issue is shown once more, unless only what is due was asked for."""
        lines = [line for line in project.planner.digests.issued.lines.values() if line.state != "skipped"]
        if only_due:
            self._print([], "", [])
            self.end(project, [])
        if not lines:
            message = "nothing is due, and nothing was issued yet"
            self.end(project, [Problem(project.site.settings.content_dir, 0, message, code="digest-empty")])
        newest = max(lines, key=lambda line: (line.time, line.name)).name
        self._already(project, [line.key for line in lines if line.name == newest])

    def _print(self, keys: list[tuple[str, str]], folder: str, lines: list[Line]) -> None:
        """The files of issues."""
        if self.as_json:
            known = {line.key: line for line in lines}
            click.echo(report.as_json([report.frozen_row(known[key], self.site, folder) for key in keys]))
        elif not self.quiet:
            for code, name in keys:
                say(report.files(self.site, folder, code, name).values())

    def reissue(self, name: str) -> None:
        """Freeze an issue once more."""
        from feeds.build.exclusive import alone
        from feeds.build.issue import Issuing

        with alone(self.site, wait):
            project = self.project()
            found = project.planner.digests.issued
            name = self._known(project, name)
            issuing = Issuing(project=project)
            blocked = [one for one in found.problems if one.severity == "error"]
            if blocked:
                self.end(project, blocked)
            try:
                lines = issuing.reissue(name)
            except OutputError as error:
                self.end(project, [error.problem])
        self._print([line.key for line in lines], found.folder, lines)
        self.end(project, [*issuing.problems, *project.found])

    def _known(self, project: Project, said: str) -> str:
        """The name of an issue that was issued."""
        rule, lines = project.site.settings.digest.rule, project.planner.digests.issued.lines
        period = periods.of_either_kind(said, rule)
        name = period.name if period else said
        if not any(key[1] == name and line.state != "skipped" for key, line in lines.items()):
            names = sorted({key[1] for key, line in lines.items() if line.state != "skipped"})
            hint = f"; the last one is {names[-1]}" if names else "; nothing was issued yet"
            raise click.UsageError(f"{said} was not issued{hint}")
        return name

    def draft(self, week: str | None) -> None:
        """Write the editor's files of an issue that is still to come."""
        from feeds.build.issue import Issuing
        from feeds.build.write import create
        from feeds.cli import drafts

        project = self.project()
        digests = project.planner.digests
        found = Issuing(project=project).due()
        period = self._period(project, week) if week else found.period or digests.calendar.of(digests.now)
        if any(key[1] == period.name for key in digests.issued.lines):
            raise click.UsageError(f"{period.name} was issued already; to change it, use --reissue")
        bounds = digests.issued.record.bounds(digests.calendar.rule)
        if bounds and period.last < bounds[1]:
            raise click.UsageError(f"{period.name} is over, and its reviews come in a later issue; leave out --week")
        try:
            written = create(drafts.files(project, period), self.site)
        except OutputError as error:
            self.end(project, [error.problem])
        say(written)
        there = (
            []
            if written
            else [Problem(digests.issued.folder, 0, f"has a file for {period.name}", "note", code="issue-closed")]
        )
        self.end(project, [*digests.problems, *project.found, *there, *report.sender(project.site.settings)])

    def mail(self, name: str, command: str | None) -> None:
        """Hand an issue to a mailer, or note that somebody did."""
        from feeds.cli import mailing  # which imports subprocess
        from feeds.digest.due import unmailed

        project = self.project()
        if name == ALL and command:
            names = [*dict.fromkeys(line.name for line in unmailed(project.planner.digests.issued.record))]
        else:
            names = [self._known(project, name)]
        for one in names:
            if problems := mailing.mail(self.site, self.project, one, command, quiet=self.quiet):
                self.end(project, problems)  # what is newer waits: readers get issues in their order
        self.end(project, [])


def _nothing(planner: Planner, wanted: str, lang: str | None, theme: str | None) -> Problem:
    known = planner.digests.shown
    newest = [f"{next(iter(found))} ({code})" for code, found in known.items() if found and lang in (None, code)]
    hint = f"; newest issue: {', '.join(newest)}" if newest else ""
    about = " ".join(word for word in (lang, theme, "posts") if word)
    return Problem(planner.site.settings.content_dir, 0, f"no {about} {wanted}{hint}", code="digest-empty")


def _issues(
    planner: Planner, *, week: str | None, since: str | None, until: str | None, lang: str | None, theme: str | None
) -> tuple[list[Digest | Frozen], str]:
    """The requested issues, and the requested time in words."""
    from feeds.digest import Frozen, only, period_of
    from feeds.model import OTHER

    languages, themes = planner.site.settings.languages, [*planner.site.settings.themes, OTHER]
    if lang is not None and lang not in languages:
        raise click.BadParameter(f"unknown language: {lang} (known: {', '.join(languages)})", param_hint="--lang")
    if theme is not None and theme not in themes:
        raise click.BadParameter(f"unknown theme: {theme} (known: {', '.join(themes)})", param_hint="--theme")
    chosen = [languages[lang]] if lang else list(languages.values())
    found: list[Digest | Frozen | None]
    if since or until:
        if week:
            raise click.UsageError("--week cannot be combined with --since or --until")
        last = day(until, "--until") if until else planner.now.astimezone(planner.site.settings.timezone).date()
        first = day(since, "--since") if since else last - timedelta(days=6)
        if first > last:
            raise click.BadParameter(f"{first} is after {last}", param_hint="--since")
        wanted = f"from {first} to {last}"
        found = [period_of(planner.site, language, first, last) for language in chosen]
    else:
        try:
            name = periods.named(week, planner.site.settings.digest.rule).name if week else ""
        except ValueError as error:
            raise click.BadParameter(str(error), param_hint="--week") from error
        wanted = f"in {name or 'any week'}"
        weeks = [planner.digests.shown[language.code] for language in chosen]
        found = [issues.get(name or next(iter(issues), "")) for issues in weeks]
    if theme:
        found = [only(issue, theme) for issue in found if issue and not isinstance(issue, Frozen)]
    return [issue for issue in found if issue], wanted
