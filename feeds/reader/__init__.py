"""Content files -> posts. All heads are read here; texts only when somebody asks for one with `body`.

A mistake costs the post it is in and nothing else. Files are taken in the order of their names, so the file system's
order changes no byte of any output. Nothing outside the site is read: a link that leads out of it is a problem.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from feeds.errors import Problem, Severity
from feeds.model import Post, Settings, Site
from feeds.reader import head as heads
from feeds.reader.native import assets_folder, is_post, parse_post
from feeds.reader.text import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

__all__ = ["assets_folder", "body", "read"]


def read(
    root: Path,
    settings: Settings,
    now: datetime,
    progress: Callable[[list[str]], Iterable[str]] = lambda paths: paths,
) -> Site:
    """The site in folder `root` as of `now`. `progress` wraps the list of posts to be read, to show how far it is."""
    problems: list[Problem] = []
    paths = sorted(_walk(root, settings.content_dir, problems))
    sources = [path for path in paths if is_post(str(PurePosixPath(path).relative_to(settings.content_dir)))]
    found: list[Post] = []
    for path in progress(sources):
        post, wrong = _read_post(root, path, settings, now)
        problems += wrong
        if post:
            found.append(post)
    if not sources and not problems:
        problems.append(Problem(settings.content_dir, 0, "holds no posts; put Markdown files there", "warning"))
    kept = _without_collisions(found, problems)
    kept.sort(key=lambda post: post.path)
    kept.sort(key=lambda post: post.published, reverse=True)
    broken = {*sources} - {post.path for post in kept}
    posts = tuple(post for post in kept if post.status == "published")
    return Site(
        settings=settings,
        posts=posts,
        withheld=tuple(post for post in kept if post.status != "published"),
        broken=tuple(sorted(broken)),
        assets=frozenset(paths) - frozenset(sources),
        groups=_groups(posts, settings, problems),
        pages={post.path: post.url for post in posts},
        problems=tuple(sorted(problems)),
    )


def body(root: Path, post: Post) -> tuple[str, list[Problem]]:
    """A post's text without its head, and warnings about what had to be taken out. Never raises for bad text."""
    try:
        text = heads.decode((root / post.path).read_bytes())
    except OSError as error:
        return "", [Problem(post.path, 0, f"cannot be read: {error.strerror}")]
    except heads.HeadError as error:  # replaced since its head was read
        return "", [Problem(post.path, error.line, error.message)]
    problems = []
    lines = text.split("\n")[post.body_line - 1 :]
    for number, line in enumerate(lines):
        if found := heads.not_utf8(line):
            message = f"{heads.octet_message(found)}; � stands for it"
            problems.append(Problem(post.path, post.body_line + number, message, "warning"))
            lines[number] = line.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    clean, invisible = printable("\n".join(lines), post.path, post.body_line)
    return clean, problems + invisible


def _walk(root: Path, folder: str, problems: list[Problem]) -> Iterator[str]:
    """Every file below a folder of the site, as paths relative to it. Links are followed inside the site only."""

    def complain(path: str, message: str) -> None:
        place = Path(os.path.relpath(path, root)).as_posix()
        problems.append(Problem(os.fsencode(place).decode("utf-8", "replace"), 0, message))

    def unreadable(error: OSError) -> None:
        where = error.filename or str(root / folder)
        complain(where, f"cannot be read: {error.strerror}; create it or name another in [content] dir")

    if Path(os.path.realpath(root / folder)).is_relative_to(os.path.realpath(root)):
        for base, folders, files in os.walk(root / folder, onerror=unreadable):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in folders:
                if _leads_out(Path(base, name), root):  # os.walk follows no links to folders in any case
                    complain(os.path.join(base, name), "is a link that leads out of the site; copy the folder instead")
            for name in files:
                path = Path(base, name)
                if heads.not_utf8(name):
                    complain(str(path), "has a name that is not UTF-8; rename it")
                elif _leads_out(path, root):
                    complain(str(path), "is a link that leads out of the site; copy the file instead")
                else:
                    yield path.relative_to(root).as_posix()
    else:
        complain(str(root / folder), "is a link that leads out of the site; copy the folder instead")


def _leads_out(path: Path, root: Path) -> bool:
    return path.is_symlink() and not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root))


def _read_post(root: Path, path: str, settings: Settings, now: datetime) -> tuple[Post | None, list[Problem]]:
    try:
        head = _read_head(root / path, path)
    except heads.HeadError as error:
        return None, [Problem(path, error.line, error.message)]
    except OSError as error:
        return None, [Problem(path, 0, f"cannot be read: {error.strerror}")]
    return parse_post(path, head, settings, now)


def _read_head(file: Path, path: str) -> heads.Head:
    """The head of a file; the rest of it is read only when the head does not end in the first octets."""
    if not stat.S_ISREG(file.stat().st_mode):
        raise heads.HeadError(0, "is not a file but a pipe or a device; remove it")
    with file.open("rb") as stream:
        raw = stream.read(heads.FIRST_READ)
        if len(raw) == heads.FIRST_READ:
            try:
                return heads.parse(heads.decode(raw[: raw.rfind(b"\n") + 1]), path)
            except heads.HeadError:
                raw += stream.read()
        return heads.parse(heads.decode(raw), path)


def _without_collisions(posts: list[Post], problems: list[Problem]) -> list[Post]:
    """Posts without those that claim an address or an id another has: the elder keeps it, subscribers know it."""
    kept: list[Post] = []
    seen: dict[str, Post] = {}
    for post in sorted(posts, key=lambda post: (post.status != "published", post.published, post.path)):
        # Addresses that differ in capitals alone are one file on half of all servers.
        claims = {"slug": f"address {post.url}", "id": f"id {post.id}"}
        taken = [key for key, claim in claims.items() if claim.casefold() in seen]
        for key in taken[:1]:
            other = seen[claims[key].casefold()]
            message = f"has the {claims[key]}, as {other.path} has; change its `{key}`"
            severity: Severity = "warning" if post.status == "draft" else "error"
            problems.append(Problem(post.path, post.line(key), message, severity))
        if not taken:
            seen.update({claim.casefold(): post for claim in claims.values()})
            kept.append(post)
    return kept


def _groups(posts: tuple[Post, ...], settings: Settings, problems: list[Problem]) -> dict[str, tuple[Post, ...]]:
    """Published posts by translation group, one a language, in the order of the languages."""
    groups: dict[str, dict[str, Post]] = {}
    for post in posts:
        first = groups.setdefault(post.group, {}).setdefault(post.language.code, post)
        if first is not post:
            message = f"is in translation group `{post.group}` with {first.path} of the same language; not linked"
            problems.append(Problem(post.path, post.line("translation"), message, "warning"))
    order = list(settings.languages)
    return {
        key: tuple(sorted(members.values(), key=lambda post: order.index(post.language.code)))
        for key, members in groups.items()
        if len(members) > 1
    }
