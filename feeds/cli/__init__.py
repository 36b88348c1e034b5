"""The command line: parses, calls, prints, exits. Only it uses click; only it and `__main__` ask clock and terminal.

Results go to stdout, problems to stderr as `path:line: error|warning: message [code]`. Exit codes: 0 done, 1 something
to fix (with --strict, warnings too), 2 wrong usage. A bug keeps its traceback.
"""

from __future__ import annotations

import gc
import sys
from contextlib import suppress
from datetime import UTC, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from feeds import __version__, paths
from feeds.cli import report
from feeds.cli.ids import ids
from feeds.cli.terminal import clock, day, now_or, say, tell, wait, with_bar, wrong_usage
from feeds.errors import NotASite, OutputError, Problem, SettingsError
from feeds.settings.ignore import without_ignored
from feeds.text import one_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from feeds.build.plan import Planner
    from feeds.model import Digest

SITE = click.argument("site", type=click.Path(path_type=Path, file_okay=False), default=".")
OUT = click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), help="Write to this folder instead of `output`."
)
NOW = click.option("--now", metavar="TIME", help="Build as of this time; later posts are left out.")
STRICT = click.option("--strict", is_flag=True, help="Treat warnings as errors.")
VERBOSE = click.option("--verbose", "-v", is_flag=True, help="Print every warning and note, not one line for many.")
QUIET = click.option("--quiet", "-q", is_flag=True, help="Print only problems.")
CACHE = click.option(
    "--no-cache",
    "use_cache",
    is_flag=True,
    flag_value=False,
    default=True,
    help="Build everything from scratch and cache nothing.",
)
JSON = click.option("--json", "as_json", is_flag=True, help="Print a JSON value instead of text.")


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="feeds")
def main() -> None:
    """Turn a folder of Markdown posts into feeds and a weekly email."""


@main.command(epilog="Example: feeds build --out preview --now 2026-05-01")
@SITE
@OUT
@NOW
@STRICT
@QUIET
@VERBOSE
@JSON
@CACHE
@click.option("--watch", is_flag=True, help="Rebuild whenever a file changes.")
def build(
    site: Path,
    out: Path | None,
    now: str | None,
    strict: bool,
    quiet: bool,
    verbose: bool,
    as_json: bool,
    use_cache: bool,
    watch: bool,
) -> None:
    """Write all feeds, pages and emails.

    SITE is the folder of your site or blog. Default: the current folder.
    """
    from feeds.build.builder import Builder

    builder = Builder(root=site, cache=use_cache, resident=watch, mapping=with_bar, waiting=wait)

    def once() -> int:
        with wrong_usage():
            result = builder.build(clock(now), out)
        said = report.said(result)
        tell(result.problems, verbose=verbose, notes=result.notes)
        if as_json:
            click.echo(report.as_json(report.build_json(result.site, result.report, result.problems)))
        elif not quiet and result.is_written:
            say(report.summary(result.site, result.report, result.problems, result.out))
        result.remember(said)
        return report.exit_code(result.problems, strict=strict)

    if watch:
        _watch(site, out, now, once)
    else:
        sys.exit(once())


def _watch(site: Path, out: Path | None, now: str | None, once: Callable[[], int]) -> None:
    """Build now and after every change until interrupted; after a mistake, wait for the next change."""
    from feeds.build.cache import uptodate
    from feeds.cli.watch import changes

    def again() -> None:
        try:
            once()
        except click.ClickException as error:
            error.show()
        except SystemExit:  # the settings are wrong, and that was printed
            pass
        gc.collect()  # `__main__` turned automatic collection off

    with suppress(KeyboardInterrupt):
        again()
        for changed in changes(site):
            if changed:
                say(f"changed: {path}" for path in changed)
                again()
            else:
                if not uptodate.unchanged(str(site), str(out) if out else None, now_or(now, UTC).timestamp()):
                    again()  # something changed while nobody was watching
                say([f"watching {site}; press Ctrl-C to stop"])


@main.command(epilog="Example: feeds digest --week 2026-W17 --lang en")
@SITE
@OUT
@NOW
@STRICT
@QUIET
@VERBOSE
@click.option("--list", "listed", is_flag=True, help="Show what the email would contain; write nothing.")
@click.option("--week", metavar="WEEK", help="Issue of this ISO week, like 2026-W17. Default: the newest.")
@click.option("--since", metavar="DATE", help="First day, instead of a week. Default: six days before --until.")
@click.option("--until", metavar="DATE", help="Last day, instead of a week. Default: today.")
@click.option("--lang", metavar="CODE", help="Only this language. Default: all.")
@click.option("--theme", metavar="THEME", help="Only this theme. Default: all.")
def digest(
    site: Path,
    out: Path | None,
    now: str | None,
    strict: bool,
    quiet: bool,
    verbose: bool,
    listed: bool,
    week: str | None,
    since: str | None,
    until: str | None,
    lang: str | None,
    theme: str | None,
) -> None:
    """Write the email for one issue of the digest.

    The default is the newest issue in each language of SITE.
    """
    from feeds.build import write
    from feeds.build.builder import Builder
    from feeds.build.exclusive import alone

    with wrong_usage():
        project = Builder(root=site, mapping=with_bar).project(clock(now))
        folder = out or write.output_folder(site, project.site.settings, project.blog.dialect.folders())
    issues, wanted = _issues(project.planner, week=week, since=since, until=until, lang=lang, theme=theme)
    unwritten: list[Problem] = []
    if listed:
        for issue in issues:
            if made := project.draft(issue):
                say(report.issue(issue, made, project.site.settings))
    else:
        try:
            with alone(folder, wait):
                done = write.write(project.make(project.planner.issue(issues)), folder, lambda: False)
            unwritten += done.problems
            for path in () if quiet else sorted(done.written + done.unchanged):
                say([folder / path])
        except OutputError as error:
            unwritten.append(error.problem)
    problems = project.problems + unwritten
    if not issues:
        known = project.planner.issues
        newest = [f"{next(iter(found))} ({code})" for code, found in known.items() if found and lang in (None, code)]
        hint = f"; newest issue: {', '.join(newest)}" if newest else ""
        about = " ".join(word for word in (lang, theme, "posts") if word)
        problems.append(
            Problem(project.site.settings.content_dir, 0, f"no {about} {wanted}{hint}", code="digest-empty")
        )
    problems = without_ignored(problems, project.site.settings.ignore)
    tell(problems, verbose=verbose)
    sys.exit(report.exit_code(problems, strict=strict))


@main.command(epilog="Example: feeds init my-blog")
@SITE
def init(site: Path) -> None:
    """Write a feeds.toml for the blog in SITE.

    In a Hexo, Hugo or Jekyll blog, it lists the settings that were found. An empty folder also gets two sample posts.
    Existing files are never changed.
    """
    from feeds import reader
    from feeds.build.write import create
    from feeds.site import starter

    try:
        dialect = reader.recognise(site)
        outputs = starter.known(dialect) if dialect else starter.new(now_or(None, UTC).date())
        folders = {(site / output.path).parent for output in outputs}
        if outside := [folder for folder in folders if not paths.contains(site, folder)]:  # before any is made
            tell(
                Problem(
                    str(folder), 0, "leads out of the site through a link; remove the link", code="output-unwritable"
                )
                for folder in outside
            )
            sys.exit(1)
        written = create(outputs, site)
    except NotASite as error:
        raise click.UsageError(one_line(str(error))) from error
    except SettingsError as error:
        tell(error.problems)
        sys.exit(1)
    except OutputError as error:
        tell([error.problem])
        sys.exit(1)
    if not written:
        raise click.UsageError(f"{site}: all files already exist; nothing was written")
    say(written)


@main.command(epilog="Example: feeds posts --json")
@SITE
@NOW
@STRICT
@VERBOSE
@JSON
def posts(site: Path, now: str | None, strict: bool, verbose: bool, as_json: bool) -> None:
    """List all posts and whether each one is published."""
    from feeds.build.builder import Builder

    with wrong_usage():
        project = Builder(root=site, mapping=with_bar).project(clock(now))
    rows = list(report.rows(project.site))
    problems = without_ignored(project.site.problems, project.site.settings.ignore)
    tell(problems, verbose=verbose)
    if as_json:
        click.echo(report.as_json(rows))
    else:
        say(map(report.line, rows))
    sys.exit(report.exit_code(problems, strict=strict))


main.add_command(ids)


def _issues(
    planner: Planner, *, week: str | None, since: str | None, until: str | None, lang: str | None, theme: str | None
) -> tuple[list[Digest], str]:
    """The requested issues, and the requested time in words."""
    from feeds.digest import only, period_of, week_name
    from feeds.model import OTHER

    languages, themes = planner.site.settings.languages, [*planner.site.settings.themes, OTHER]
    if lang is not None and lang not in languages:
        raise click.BadParameter(f"unknown language: {lang} (known: {', '.join(languages)})", param_hint="--lang")
    if theme is not None and theme not in themes:
        raise click.BadParameter(f"unknown theme: {theme} (known: {', '.join(themes)})", param_hint="--theme")
    chosen = [languages[lang]] if lang else list(languages.values())
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
            name = week_name(week) if week else ""
        except ValueError as error:
            raise click.BadParameter(str(error), param_hint="--week") from error
        wanted = f"in {name or 'any week'}"
        weeks = [planner.issues[language.code] for language in chosen]
        found = [issues.get(name or next(iter(issues), "")) for issues in weeks]
    issues = [only(issue, theme) if theme else issue for issue in found if issue]
    return [issue for issue in issues if issue], wanted
