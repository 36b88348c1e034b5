"""The command line: parses, calls, prints, exits. Only it uses click; only it and `__main__` ask clock and terminal.

Results go to stdout, problems to stderr as `path:line: error|warning: message [code]`. Exit codes: 0 done, 1 something
to fix (with --strict, warnings too), 2 wrong usage. A bug keeps its traceback.
"""

from __future__ import annotations

import gc
import sys
from contextlib import suppress
from datetime import UTC
from typing import TYPE_CHECKING

import click

from feeds import __version__, paths
from feeds.cli import report
from feeds.cli.digest import digest
from feeds.cli.ids import ids
from feeds.cli.options import CACHE, JSON, NOW, OUT, QUIET, SITE, STRICT, VERBOSE
from feeds.cli.terminal import clock, now_or, say, tell, wait, with_bar, wrong_usage
from feeds.errors import NotASite, OutputError, Problem, SettingsError
from feeds.settings.ignore import without_ignored
from feeds.text import one_line

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


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
        today = now_or(None, UTC).date()
        outputs = starter.known(dialect, today) if dialect else starter.new(today)
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


main.add_command(digest)
main.add_command(ids)
