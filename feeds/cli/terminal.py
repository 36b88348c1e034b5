"""What the command line shows and what it takes from the terminal: problems, a progress bar, times."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import click

from feeds.errors import NotASite, OutputError, Problem, SettingsError
from feeds.text import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import tzinfo

    from feeds.reader.mapping import Map

T = TypeVar("T")
R = TypeVar("R")
_MANY = 500
"""From this number of posts or documents on, the wait is long enough for a progress bar."""


def say(lines: Iterable[object]) -> None:
    """Print lines; what a title or the name of a file holds must not speak to the terminal."""
    click.echo("\n".join(one_line(str(line)) for line in lines))


def tell(problems: Iterable[Problem], notes: Iterable[str] = ()) -> list[Problem]:
    """Print problems, sorted, each once."""
    for note in notes:
        click.echo(one_line(note), err=True)
    ordered = sorted(set(problems))
    for problem in ordered:
        text = str(problem)
        colour = {"error": "red", "warning": "yellow"}[problem.severity]
        click.echo(text.replace(f"{problem.severity}:", click.style(f"{problem.severity}:", fg=colour), 1), err=True)
    return ordered


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
