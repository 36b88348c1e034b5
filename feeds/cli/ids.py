"""`feeds ids`: which ids are fixed and why, and what to do about those that are not, or wrongly."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from feeds import lockfile
from feeds.cli.report import as_json as json_text
from feeds.cli.terminal import clock, say, tell, wait, with_bar, wrong_usage
from feeds.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from feeds.build.project import Project
    from feeds.model import Post

_PLACES = ("fixed", "derived")


class Row(NamedTuple):
    """A post, its id, the one its address would give it now, whether the lock has it, and why it is so."""

    post: Post
    derived: str
    is_fixed: bool
    why: str


@click.command(epilog="Example: feeds ids --json")
@click.argument("names", metavar="[SITE] [POST]...", nargs=-1)
@click.option("--confirm", is_flag=True, help="Fix the ids of these posts, or of all, as they are.")
@click.option("--derive", is_flag=True, help="Forget the ids of these posts, so that their addresses give them anew.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask before readers see posts again.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON value instead of text.")
def ids(names: tuple[str, ...], confirm: bool, derive: bool, yes: bool, as_json: bool) -> None:
    """List the ids of published posts, and which of them are fixed in feeds.lock.

    POST is a path relative to SITE, which is the current folder by default.
    """
    from feeds.build.builder import Builder

    if confirm and derive:
        raise click.UsageError("--confirm and --derive cannot be combined")
    root, names = (Path(names[0]), names[1:]) if names and Path(names[0]).is_dir() else (Path(), names)
    with wrong_usage():
        project = Builder(root=root, mapping=with_bar).project(clock(None))
    rows = _chosen(_rows(project), names)
    if derive:
        if not names:
            raise click.UsageError("--derive needs the posts whose ids are to be forgotten")
        _forget(project, rows, yes=yes)
    elif confirm:
        _fix(project, rows)
    elif as_json:
        click.echo(json_text([_as_json(row) for row in rows]))
    else:
        say(_line(row) for row in rows)


def _rows(project: Project) -> list[Row]:
    lines = _lines(project)
    return [_row(project, post, is_fixed=post.path in lines) for post in project.site.posts]


def _lines(project: Project) -> dict[str, lockfile.Line]:
    """The lines of the lock as it is now; none when it cannot be read."""
    return lockfile.parse(project.site.lock[0] if project.site.lock else "").lines


def _row(project: Project, post: Post, *, is_fixed: bool) -> Row:
    derived = project.blog.dialect.id(post)
    if post.extra.get("id") == post.id:
        why = "its front matter says so"
    elif not is_fixed:
        why = "by its address; there is no line yet"
    elif post.id == derived:
        why = "by its address, which it was published at"
    else:
        why = f"it was published so; its address would give {derived}"
    return Row(post, derived, is_fixed, why)


def _chosen(rows: Sequence[Row], names: Iterable[str]) -> list[Row]:
    """The rows of the posts that are named, all if none is."""
    known = {row.post.path: row for row in rows}
    chosen = [name.removeprefix("./").replace("\\", "/") for name in names]
    if unknown := [name for name in chosen if name not in known]:
        raise click.UsageError(f"{unknown[0]} is no published post; name it by its path, like {next(iter(known), '')}")
    return [known[name] for name in chosen] or [*rows]


def _fix(project: Project, rows: Sequence[Row]) -> None:
    lines = _lines(project)
    new = [row.post for row in rows if not row.is_fixed]
    for post in new:
        text = project.blog.mark(post)
        lines[post.path] = lockfile.Line(post.path, post.id, post.language.code, post.slug, post.group, text)
    _write(project, lines)
    say([f"{len(new)} fixed, {len(rows) - len(new)} were before"])


def _forget(project: Project, rows: Sequence[Row], *, yes: bool) -> None:
    there = [row for row in rows if row.is_fixed and row.post.extra.get("id") != row.post.id]
    if other := [row for row in there if row.post.id != row.derived]:
        say(f"{row.post.path}: {row.post.id} becomes {row.derived}" for row in other)
        if not yes:
            click.confirm("Readers who have seen these posts will see them again. Go on?", abort=True)
    lines = _lines(project)
    for row in there:
        del lines[row.post.path]
    _write(project, lines)
    say([f"{len(there)} forgotten; the next build fixes each whose page is there"])


def _write(project: Project, lines: dict[str, lockfile.Line]) -> None:
    from feeds.build import write
    from feeds.build.exclusive import alone

    if project.site.lock is None:
        tell(problem for problem in project.site.problems if problem.path == lockfile.FILE)
        sys.exit(1)
    before = project.site.lock[0]
    lock = lockfile.parse(before)
    try:
        with alone(project.blog.root, wait):
            write.lock(before, lockfile.show(lines, lock.damaged, lock.feeds), project.blog.root)
    except OutputError as error:
        tell([error.problem])
        sys.exit(1)


def _line(row: Row) -> str:
    return f"{_PLACES[not row.is_fixed]:<8} {row.post.path}  {row.post.id}  ({row.why})"


def _as_json(row: Row) -> dict[str, object]:
    said = {"path": row.post.path, "id": row.post.id, "derived": row.derived}
    return {**said, "fixed": row.is_fixed, "why": row.why}
