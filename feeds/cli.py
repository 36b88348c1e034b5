"""The command line: parses, calls, prints, exits. The only module that knows the clock, the terminal and click.

Results go to stdout, problems to stderr as `path:line: error|warning: message`. Exit codes: 0 done, 1 something to put
right (with --strict, warnings too), 2 wrong usage. A bug keeps its traceback.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from feeds import __version__
from feeds.errors import NotASite, Problem, SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import tzinfo

    from feeds.build import Build, Report
    from feeds.model import Output, Settings, Site

T = TypeVar("T")
_BAR = 40
_BLINK = 0.1
SITE = click.argument("site", type=click.Path(path_type=Path, file_okay=False), default=".")
OUT = click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Write here instead of `output`.")
NOW = click.option("--now", metavar="TIME", help="Build as of this time; posts dated later are kept out.")
STRICT = click.option("--strict", is_flag=True, help="Warnings too end with exit code 1.")
QUIET = click.option("--quiet", "-q", is_flag=True, help="Print problems only.")
JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON value instead of text.")


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="feeds")
def main() -> None:
    """Turn a folder of Markdown posts into feeds and a weekly mail."""


@main.command()
@SITE
@OUT
@NOW
@STRICT
@QUIET
@JSON
def build(site: Path, out: Path | None, now: str | None, strict: bool, quiet: bool, as_json: bool) -> None:
    """Write every feed, page and mail.

    SITE is the folder that holds feeds.toml; by default this one.
    """
    work, settings = _open(site, now)
    outputs = list(work.outputs(lambda jobs: _progress(jobs, "building")))
    folder = out or _output_folder(site, settings)
    report, unwritten = _write(outputs, folder, complete=not _errors(work.problems))
    problems = _tell(work.problems + unwritten + _lock(work.site, site))
    if as_json:
        _print_json(_build_json(work.site, report, problems))
    elif not quiet and not unwritten:
        _summary(work.site, report, problems, folder)
    sys.exit(_code(problems, strict=strict))


@main.command()
@SITE
@OUT
@NOW
@STRICT
@QUIET
@click.option("--week", metavar="WEEK", help="The issue of this ISO week, like 2026-W17. Default: the newest.")
@click.option("--lang", metavar="CODE", help="One language only. Default: all.")
def digest(
    site: Path, out: Path | None, now: str | None, strict: bool, quiet: bool, week: str | None, lang: str | None
) -> None:
    """Write the mail of one issue of the digest.

    By default the newest issue of each language of SITE.
    """
    from feeds.digest import week_name

    work, settings = _open(site, now)
    if lang is not None and lang not in settings.languages:
        known = ", ".join(settings.languages)
        raise click.BadParameter(f"{lang} is no language of this site; known: {known}", param_hint="--lang")
    try:
        wanted = week_name(week) if week else None
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--week") from error
    chosen = [issues for code, issues in work.issues.items() if lang in (None, code) and issues]
    found = [issue for issues in chosen if (issue := issues.get(wanted or next(iter(issues))))]
    outputs = list(work.outputs_of(found))
    problems = work.problems
    if not found:
        newest = " or ".join(sorted({next(iter(issues)) for issues in chosen}))
        hint = f"; the newest issue is {newest}" if newest else ""
        message = f"no {f'{lang} ' if lang else ''}review falls into {wanted or 'any week'}{hint}"
        problems.append(Problem(settings.content_dir, 0, message))
    folder = out or _output_folder(site, settings)
    report, unwritten = _write(outputs, folder, complete=False)
    problems += unwritten
    if not quiet:
        for path in sorted(report.written + report.unchanged):
            click.echo(folder / path)
    sys.exit(_code(_tell(problems), strict=strict))


@main.command()
@SITE
def init(site: Path) -> None:
    """Write a feeds.toml for the blog in SITE.

    In a Hexo, Hugo or Jekyll blog it holds what was found; an empty folder also gets two posts to begin with. Files
    that are there are left alone.
    """
    from feeds import reader, starter
    from feeds.build import create
    from feeds.errors import OutputError

    try:
        dialect = reader.recognise(site)
        outputs = starter.known(dialect) if dialect else starter.new(_now(None, UTC).date())
        written = create(outputs, site)
    except NotASite as error:
        raise click.UsageError(str(error)) from error
    except SettingsError as error:
        _tell(error.problems)
        sys.exit(1)
    except OutputError as error:
        _tell([error.problem])
        sys.exit(1)
    for path in written:
        click.echo(path)
    if not written:
        raise click.UsageError(f"{site}: everything is there already; nothing was written")


@main.command()
@SITE
@NOW
@STRICT
@JSON
def posts(site: Path, now: str | None, strict: bool, as_json: bool) -> None:
    """List every post and whether it is published."""
    work, _ = _open(site, now)
    rows = list(_rows(work.site))
    problems = _tell(work.problems)
    if as_json:
        _print_json(rows)
    else:
        for row in rows:
            day = (row["date"] or "")[:10]
            click.echo(
                f"{row['status']:<10} {day:<10} {row['lang'] or '':<6} {row['path']}  {row['title'] or ''}".rstrip()
            )
    sys.exit(_code(problems, strict=strict))


def _open(site: Path, now: str | None) -> tuple[Build, Settings]:
    """The site read, ready to be built."""
    from feeds import reader
    from feeds.build import Build

    try:
        blog = reader.open_blog(site)
    except NotASite as error:
        raise click.UsageError(str(error)) from error
    except SettingsError as error:
        _tell(error.problems)
        sys.exit(1)
    moment = _now(now, blog.settings.timezone)
    read = blog.read(moment, lambda paths: _progress(paths, "reading"))
    return Build(blog, read, moment), blog.settings


def _now(said: str | None, zone: tzinfo) -> datetime:
    """--now, else SOURCE_DATE_EPOCH (reproducible-builds.org), else the clock: the only place that asks it."""
    from feeds.reader.dates import moment

    if said:
        try:
            return moment(said, zone)
        except ValueError as error:
            raise click.BadParameter(str(error), param_hint="--now") from error
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if epoch:
        try:
            return datetime.fromtimestamp(int(epoch), UTC)
        except (ValueError, OverflowError, OSError) as error:
            raise click.UsageError(f"SOURCE_DATE_EPOCH is {epoch!r}; it must be seconds since 1970") from error
    return datetime.now(UTC)


def _output_folder(site: Path, settings: Settings) -> Path:
    """Where the settings send the outputs: inside the site, even by links. `--out` may lead anywhere."""
    folder = site / settings.output
    if not Path(os.path.realpath(folder)).is_relative_to(os.path.realpath(site)):
        raise click.UsageError(f"{folder} is a link that leads out of the site; name the folder with --out")
    return folder


def _write(outputs: list[Output], folder: Path, *, complete: bool) -> tuple[Report, list[Problem]]:
    """Put the outputs on disk; when that fails, say why beside everything else there is to say."""
    from feeds.build import Report, write
    from feeds.errors import OutputError

    try:
        return write(outputs, folder, complete=complete), []
    except OutputError as error:
        return Report(), [error.problem]


def _lock(site: Site, root: Path) -> list[Problem]:
    """Keep the ids of the posts that are published now."""
    from feeds.build import lock
    from feeds.errors import OutputError

    try:
        lock(site.lock, root)
    except OutputError as error:
        return [replace(error.problem, severity="warning")]
    return []


def _progress(items: list[T], label: str) -> Iterator[T]:
    """The items; after a second on a terminal, also a bar of how many have gone by."""
    begin, shown = time.monotonic(), 0.0
    for number, item in enumerate(items):
        now = time.monotonic()
        if sys.stderr.isatty() and now - begin > 1 and now - shown > _BLINK:
            shown = now
            done = number * _BAR // len(items)
            click.echo(f"\r{label} [{'#' * done}{'.' * (_BAR - done)}] {number} of {len(items)}", err=True, nl=False)
        yield item
    if shown:
        click.echo("\r\033[K", err=True, nl=False)


def _tell(problems: Iterable[Problem]) -> list[Problem]:
    """Print problems, sorted, each once."""
    ordered = sorted(set(problems))
    for problem in ordered:
        text = str(problem)
        colour = {"error": "red", "warning": "yellow"}[problem.severity]
        click.echo(text.replace(f"{problem.severity}:", click.style(f"{problem.severity}:", fg=colour), 1), err=True)
    return ordered


def _errors(problems: Iterable[Problem]) -> list[Problem]:
    return [problem for problem in problems if problem.severity == "error"]


def _code(problems: list[Problem], *, strict: bool) -> int:
    return 1 if _errors(problems) or (strict and problems) else 0


def _print_json(value: object) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def _rows(site: Site) -> Iterator[dict[str, Any]]:
    """A row for each post file: readable ones newest first, then those with mistakes."""
    for post in sorted((*site.posts, *site.withheld), key=lambda post: post.published, reverse=True):
        yield {
            "path": post.path,
            "url": post.url,
            "id": post.id,
            "lang": post.language.code,
            "slug": post.slug,
            "title": post.title,
            "date": post.published.isoformat(),
            "updated": post.updated.isoformat(),
            "themes": list(post.themes),
            "tags": list(post.tags),
            "translations": {other.language.code: other.url for other in site.translations(post)},
            "status": post.status,
        }
    nothing = dict.fromkeys(("url", "id", "lang", "slug", "title", "date", "updated"))
    for path, status in site.broken.items():
        row: dict[str, Any] = {"path": path, **nothing, "themes": [], "tags": [], "translations": {}}
        yield {**row, "status": status}


def _build_json(site: Site, report: Report, problems: list[Problem]) -> dict[str, Any]:
    counts = Counter(row["status"] for row in _rows(site))
    return {
        "posts": dict(sorted(counts.items())),
        "languages": {code: len(site.select(code)) for code in site.settings.languages},
        "written": list(report.written),
        "unchanged": list(report.unchanged),
        "removed": list(report.removed),
        "problems": [
            {
                "path": problem.path,
                "line": problem.line or None,
                "severity": problem.severity,
                "message": problem.message,
            }
            for problem in problems
        ],
    }


def _summary(site: Site, report: Report, problems: list[Problem], folder: Path) -> None:
    """What a person wants to know after a build."""
    from feeds.model import OTHER

    settings = site.settings
    for code in settings.languages:
        themes = [(theme, len(site.select(code, theme))) for theme in (*settings.themes, OTHER)]
        parts = ", ".join(f"{count} {theme}" for theme, count in themes if count) if settings.themes else ""
        count = len(site.select(code))
        click.echo(
            f"{click.style(f'{code:<6}', bold=True)} {count} {_plural(count, 'post')}{f': {parts}' if parts else ''}"
        )
    withheld = Counter(row["status"] for row in _rows(site) if row["status"] != "published")
    if withheld:
        click.echo("left out: " + ", ".join(f"{number} {status}" for status, number in sorted(withheld.items())))
    files = (*report.written, *report.unchanged)
    feeds = sum(name.endswith(("atom.xml", "rss.xml", "feed.json")) for name in files)
    mails = sum(name.endswith("mail.eml") for name in files)
    click.echo(
        f"{folder}: {feeds} feed {_plural(feeds, 'document')}, {mails} {_plural(mails, 'mail')}; "
        f"{len(report.written)} {_plural(len(report.written), 'file')} written, {len(report.unchanged)} unchanged"
        + (f", {len(report.removed)} removed" if report.removed else "")
    )
    found = Counter(problem.severity for problem in problems)
    if found:
        click.echo(", ".join(f"{number} {_plural(number, kind)}" for kind, number in sorted(found.items())))


def _plural(count: int, word: str) -> str:
    return word if count == 1 else f"{word}s"
