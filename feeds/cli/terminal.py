"""What the command line shows and what it takes from the terminal: problems, a progress bar, times."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import click

from feeds.cli.report import lines
from feeds.errors import NotASite, OutputError, SettingsError
from feeds.text import expression, one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import tzinfo

    from feeds.errors import Problem
    from feeds.reader.mapping import Map

T = TypeVar("T")
R = TypeVar("R")
_COLOURS = {"error": "red", "warning": "yellow", "note": "cyan"}
_SEVERITY = expression(r"(?<=: )(?:error|warning|note)(?=: )")
_MANY = 500
"""From this number of posts or documents on, the wait is long enough for a progress bar."""


def say(lines: Iterable[object]) -> None:
    """Print lines; what a title or the name of a file holds must not speak to the terminal."""
    click.echo("\n".join(one_line(str(line)) for line in lines))


def tell(problems: Iterable[Problem], *, verbose: bool = False, notes: Iterable[str] = ()) -> None:
    """Print problems, sorted, each once; those that are many and alike only with `verbose`."""
    show((*map(one_line, notes), *lines(sorted(set(problems)), verbose=verbose)))


def show(told: Iterable[str]) -> None:
    """Print lines about problems, on a terminal with their severity in colour."""
    for line in told:
        click.echo(_SEVERITY.sub(lambda found: click.style(found[0], fg=_COLOURS[found[0]]), line, count=1), err=True)


@contextmanager
def wrong_usage() -> Iterator[None]:
    """Turn a wrong folder or wrong settings into messages, and end the program."""
    try:
        yield
    except NotASite as error:
        raise click.UsageError(one_line(str(error))) from error
    except OutputError as error:
        raise click.UsageError(one_line(f"{error.problem.path} {error.problem.message}")) from error
    except SettingsError as error:
        tell(error.problems)
        sys.exit(1)


def wait() -> None:
    """Say that another build must end first."""
    click.echo("another build is writing here; waiting for it to end", err=True)


def with_bar(label: str) -> Map:
    """Like `parallel_map`, with a progress bar on a terminal."""
    from feeds.build.parallel import parallel_map

    def mapping(items: Sequence[T], work: Callable[[T], R], at_once: int = 1) -> Iterator[tuple[T, R]]:
        done = parallel_map(items, work, at_once)
        if not sys.stderr.isatty() or len(items) < _MANY:
            yield from done
            return
        steps = len(items) // 50
        with click.progressbar(done, len(items), label, show_pos=True, file=sys.stderr, update_min_steps=steps) as bar:
            yield from bar

    return mapping


def clock(now: str | None) -> Callable[[tzinfo], datetime]:
    """The time of a build, once its site's time zone is known."""
    return partial(now_or, now)


def now_or(said: str | None, zone: tzinfo) -> datetime:
    """--now, else SOURCE_DATE_EPOCH (reproducible-builds.org), else the clock: the only place that reads it."""
    from feeds.reader.dates import moment

    if said:
        try:
            return moment(said, zone)
        except ValueError as error:
            raise click.BadParameter(str(error), param_hint="--now") from error
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if epoch:
        try:
            return moment(datetime.fromtimestamp(int(epoch), UTC), UTC)
        except (ValueError, OverflowError, OSError) as error:
            raise click.UsageError(
                f"SOURCE_DATE_EPOCH is {epoch!r}; it must be a number of seconds since 1970"
            ) from error
    return datetime.now(UTC)


def day(said: str, option: str) -> date:
    """A day as ISO 8601 writes it, of a year that a post can have."""
    from feeds.reader.dates import FIRST_YEAR, LAST_YEAR

    try:
        found = date.fromisoformat(said)
    except ValueError as error:
        raise click.BadParameter(f'"{said}" is not a date; write one like 2026-04-20', param_hint=option) from error
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise click.BadParameter(
            f'"{said}" is out of range; posts are of the years {FIRST_YEAR} to {LAST_YEAR}', param_hint=option
        )
    return found
