"""Content files -> posts. All heads are read here; texts only when somebody asks for one with `body`.

A mistake costs the post it is in and nothing else. Files are taken in the order of their names, so the file system's
order changes no byte of any output. Nothing outside the site is read: a link that leads out of it is a problem.
"""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from feeds.errors import Problem
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
        raw = (root / post.path).read_bytes()
        try:
            text = heads.decode(raw)
        except heads.HeadError as error:
            wrong = [Problem(post.path, error.line, f"{error.message}; � stands for it", "warning")]
            return _text(raw.decode("utf-8-sig", errors="replace"), post, wrong)
        return _text(text, post, [])
    except OSError as error:
        return "", [Problem(post.path, 0, f"cannot be read: {error.strerror}")]


def _text(text: str, post: Post, problems: list[Problem]) -> tuple[str, list[Problem]]:
    lines = text.split("\n")[post.body_line - 1 :]
    clean, found = printable("\n".join(lines), post.path, post.body_line)
    return clean, problems + found


def _walk(root: Path, folder: str, problems: list[Problem]) -> Iterator[str]:
    """Every file below a folder of the site, as paths relative to it."""
    home = os.path.realpath(root)

    def unreadable(error: OSError) -> None:
        place = os.path.relpath(error.filename, root) if error.filename else folder
        problems.append(
            Problem(place, 0, f"cannot be read: {error.strerror}; create it or name another in [content] dir")
        )

    for base, folders, files in os.walk(root / folder, onerror=unreadable):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in files:
            path = os.path.join(base, name)
            relative = Path(os.path.relpath(path, root)).as_posix()
            if os.path.islink(path) or os.path.islink(base):
                target = os.path.realpath(path)
                if os.path.commonpath((home, target)) != home:
                    problems.append(Problem(relative, 0, "is a link that leads out of the site; copy the file instead"))
                    continue
            yield relative


def _read_post(root: Path, path: str, settings: Settings, now: datetime) -> tuple[Post | None, list[Problem]]:
    try:
        with (root / path).open("rb") as file:
            raw = file.read(heads.FIRST_READ)
            try:
                head, _ = heads.parse(heads.decode(_whole_characters(raw)))
            except heads.HeadError:
                if len(raw) < heads.FIRST_READ:
                    raise
                head, _ = heads.parse(heads.decode(raw + file.read()))
    except heads.HeadError as error:
        return None, [Problem(path, error.line, error.message)]
    except OSError as error:
        return None, [Problem(path, 0, f"cannot be read: {error.strerror}")]
    return parse_post(path, head, settings, now)


def _whole_characters(raw: bytes) -> bytes:
    """Cut after the last line end, so that no character and no fence is cut in two."""
    return raw if len(raw) < heads.FIRST_READ else raw[: raw.rfind(b"\n") + 1] or raw


def _without_collisions(posts: list[Post], problems: list[Problem]) -> list[Post]:
    """Posts without those that claim an address or an id another has: the elder keeps it, subscribers know it."""
    kept: list[Post] = []
    seen: dict[str, Post] = {}
    for post in sorted(posts, key=lambda post: (post.status != "published", post.published, post.path)):
        address = post.url.casefold()
        other = seen.get(address) or seen.get(post.id)
        if other:
            key, what = ("slug", f"address {post.url}") if address == other.url.casefold() else ("id", f"id {post.id}")
            problems.append(
                Problem(post.path, post.line(key), f"has the {what}, as {other.path} has; change its `{key}`")
            )
            continue
        seen[address] = seen[post.id] = post
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
