"""The id under which each post was first published, kept in `feeds.lock`, which is committed with the posts.

A feed reader recognises an entry only by its id: a new id shows every subscriber an old review as new (RFC 4287 section
4.2.6). So an id is made once and then stays, even if file name, slug, title, domain or permalink change. Losing the
lock does no harm as long as nothing was renamed: the same rules give the same ids. All functions here are pure; the
build writes the file.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, unquote, urlsplit

from feeds.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from datetime import datetime

    from feeds.errors import Code
    from feeds.model import Post

FILE = "feeds.lock"
HEADER = (
    "# The id each post was first published under; commit this file. Path, id, language, slug, group, mark of text.\n"
)
_PARTING = re.compile("[%\t\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029]")
_COLUMNS = 6
_CONFLICT = ("<<<<<<<", "|||||||", "=======", ">>>>>>>")


class Line(NamedTuple):
    """What is kept about a post. `text` is a hash of its words, to recognise it under another name."""

    path: str
    id: str
    language: str
    slug: str
    group: str
    text: str


def tag_uri(site_url: str, published: datetime, language: str, slug: str) -> str:
    """The id of a new post, ASCII only: a `tag:` URI (RFC 4151) of host, day, language and slug, percent-encoded.

    >>> from datetime import datetime, UTC
    >>> tag_uri("https://example.org/blog/", datetime(2026, 4, 20, tzinfo=UTC), "en", "lats")
    'tag:example.org,2026-04-20:en/lats'
    """
    day = f"{published.year:04}-{published.month:02}-{published.day:02}"
    return f"tag:{_host(site_url)},{day}:{language}/{quote(slug, safe='')}"


@lru_cache(maxsize=8)  # one site's
def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").encode("idna").decode("ascii")


def parse(text: str) -> tuple[dict[str, Line], list[Problem]]:
    """The lines of a lock by path, and what is wrong with it. Both sides of a merge conflict are kept."""
    lines: dict[str, Line] = {}
    problems = []
    for number, source in enumerate(text.splitlines(), 1):
        fields = source.split("\t") if "%" not in source else [unquote(field) for field in source.split("\t")]
        if source.startswith(_CONFLICT):
            problems.append(
                _warning(
                    number,
                    "a merge conflict was left here; both sides were kept, so commit the result",
                    code="lock-conflict",
                )
            )
        elif not source.strip() or source.startswith("#"):
            continue
        elif len(fields) != _COLUMNS or not fields[0] or ":" not in fields[1]:
            problems.append(
                _warning(number, "is not a valid line and is ignored; restore it or delete it", code="lock-invalid")
            )
        elif fields[0] in lines:
            if lines[fields[0]].id != fields[1]:
                message = f"gives {fields[0]} a second id; the first, {lines[fields[0]].id}, is used"
                problems.append(_warning(number, message, code="lock-repeated"))
        else:
            lines[fields[0]] = Line(*fields)
    return lines, problems


def show(lines: Mapping[str, Line]) -> str:
    """The text of a lock, sorted by path, so that two branches that add posts rarely touch the same lines."""
    rows = [lines[path] for path in sorted(lines)]
    text = HEADER + "".join(["\t".join(row) + "\n" for row in rows])
    tabs = len(rows) * (_COLUMNS - 1)
    if "%" not in text and text.count("\t") == tabs and len(text.splitlines()) == len(rows) + 1:
        return text  # no separators inside the fields, as is nearly always the case
    return HEADER + "".join("\t".join(map(_field, row)) + "\n" for row in rows)


def _field(text: str) -> str:
    """A text without tabs and line ends; nothing else is encoded, so that people can read a lock."""
    return _PARTING.sub(lambda found: quote(found[0]), text) if _PARTING.search(text) else text


def assign_ids(
    lock: Mapping[str, Line], posts: Sequence[Post], files: Collection[str], mark: Callable[[Post], str]
) -> tuple[tuple[Post, ...], dict[str, Line], list[Problem]]:
    """Posts with the ids they keep, the new lock, and problems for the author.

    `files` are all files that exist; `mark` hashes a post's text and is called only for posts that are not in the lock.
    An id in the front matter is used whatever the lock says.
    """
    lines = dict(lock)
    own = {post.path: post.id for post in posts if post.extra.get("id") == post.id}
    gone = {path: line for path, line in lock.items() if path not in files}
    problems: list[Problem] = []
    ids = {path: line.id for path, line in lock.items() if path in files} | own
    taken = {*(line.id for line in lock.values() if line.path in files), *own.values()}
    for post in sorted((post for post in posts if post.path not in ids), key=lambda post: (post.published, post.path)):
        chosen, heir = _new(post, gone, taken, mark, problems)
        if heir:
            del gone[heir], lines[heir]
        taken.add(chosen)
        ids[post.path] = chosen
    settled = []
    for post in posts:
        chosen = ids[post.path]
        if post.path not in lock or lock[post.path].id != chosen:
            lines[post.path] = Line(post.path, chosen, post.language.code, post.slug, post.group, mark(post))
        settled.append(post if post.id == chosen else replace(post, id=chosen))
    return tuple(settled), lines, problems


def _new(
    post: Post, gone: Mapping[str, Line], taken: AbstractSet[str], mark: Callable[[Post], str], problems: list[Problem]
) -> tuple[str, str]:
    """The id of a post that is not in the lock, and the path of the file it was before, "" if it is new.

    It is an old post under another name if it has the text of a missing file, or else its slug, or else its translation
    group. If several match, it is treated as new, and the author gets a warning.
    """
    same = [line for line in gone.values() if line.language == post.language.code and line.id not in taken]
    if same:
        text = mark(post)
        for alike in (
            [line for line in same if line.text == text],
            [line for line in same if line.slug == post.slug],
            [line for line in same if line.group == post.group],
        ):
            if len(alike) == 1:
                return alike[0].id, alike[0].path
            if alike:
                choices = " or ".join(f"`id: {line.id}` ({line.path})" for line in alike)
                message = f"may be an old post under a new name; it gets a new id unless its front matter has {choices}"
                problems.append(Problem(post.path, 1, message, "warning", code="post-renamed"))
                break
    chosen, number = post.id, 2
    while chosen in taken:  # the address of an old post that kept its id
        chosen, number = f"{post.id}/{number}", number + 1
    return chosen, ""


def _warning(line: int, message: str, *, code: Code) -> Problem:
    return Problem(FILE, line, message, "warning", code=code)
