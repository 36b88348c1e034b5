"""Handing an issue to a mailer: a program that is started once a language, and says by its exit code how it went."""

from __future__ import annotations

import shlex
import subprocess
from typing import TYPE_CHECKING

import click

from feeds import issued
from feeds.cli import report
from feeds.cli.terminal import wait
from feeds.errors import OutputError, Problem

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from feeds.build.project import Project


def mail(site: Path, read: Callable[[], Project], name: str, command: str | None, *, quiet: bool) -> list[Problem]:
    """Mail an issue that is frozen and was not mailed, in each of its languages; without a command, note that somebody
    did. Returns what is wrong. `read` reads the site as it is now.

    The folder of the issues is locked meanwhile, not the site: the mailer may build it.
    """
    from feeds.build.exclusive import alone
    from feeds.build.issue import whole

    words = _words(command) if command is not None else []
    folder = read().planner.digests.issued.folder
    problems: list[Problem] = []
    with alone(site / folder, wait):
        project = read()  # another run may have mailed it while we waited
        lines = project.planner.digests.issued.lines
        for key, line in lines.items():
            if key[1] != name or line.state == "skipped":
                continue
            if line.state == "mailed":
                click.echo(f"{name} ({key[0]}): already mailed", err=True)
                continue
            if key not in project.planner.digests.issued.issues or (wrong := whole(project, [key])):
                problems += wrong if key in project.planner.digests.issued.issues else project.planner.digests.problems
                continue
            if words and (failed := _run(words, site, folder, line)):
                problems.append(failed)
                continue
            try:
                _mark(site, read, key)
            except OutputError as error:
                message = f"{name} ({key[0]}) was mailed, but that could not be written down: {error.problem.message};"
                remedy = f"mail it to nobody again, and run `feeds digest --mailed {name}`"
                problems.append(Problem(issued.FILE, line.number, f"{message} {remedy}", code="output-unwritable"))
                continue
            if not quiet:
                click.echo(f"{name} ({key[0]}): mailed")
    return problems


def _mark(site: Path, read: Callable[[], Project], key: tuple[str, str]) -> None:
    """Note that an issue was mailed, in the file as it is now."""
    from feeds.build.exclusive import alone
    from feeds.build.issue import Issuing

    with alone(site, wait):
        Issuing(project=read()).mark([key], "mailed")


def _words(command: str) -> list[str]:
    """A command as a shell would split it; no shell sees it."""
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise click.BadParameter(f"{error}: {command}", param_hint="--exec") from error
    names = ", ".join(f"{{{name}}}" for name in report.FILES)
    if not words or not any(f"{{{name}}}" in word for word in words for name in report.FILES):
        raise click.BadParameter(f"names no file of the issue; write one of {names}", param_hint="--exec")
    return words


def _run(words: list[str], site: Path, folder: str, line: issued.Line) -> Problem | None:
    """Run a mailer for one language. Returns what went wrong."""
    argv = list(words)
    for name, path in report.files(site.absolute(), folder, line.language, line.name).items():
        argv = [word.replace(f"{{{name}}}", str(path)) for word in argv]
    try:
        code = subprocess.run(argv, check=False).returncode  # noqa: S603  # what the owner typed
        reason = f"ended with {code}" if code else ""
    except OSError as error:
        reason = f"could not be started: {error.strerror}"
    if not reason:
        return None
    message = f"{line.name} ({line.language}) was not mailed: `{argv[0]}` {reason}; look what it sent, then try again"
    return Problem(issued.FILE, line.number, message, code="mail-failed")
