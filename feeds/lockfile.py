"""The id under which each post was first published, kept in `feeds.lock`, which is committed with the posts.

A feed reader recognises an entry only by its id: a new id shows every subscriber an old review as new (RFC 4287 section
4.2.6). So an id is made once and then stays, even if file name, slug, title, domain or permalink change. Losing the
lock does no harm as long as nothing was renamed: the same rules give the same ids. All functions here are pure; the
build writes the file.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from functools import lru_cache
from itertools import chain, count
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, unquote, urlsplit

from feeds.errors import Problem
from feeds.places import KnownFeed
from feeds.records import record
from feeds.text import NOT_IN_A_LINE, expression, uri_wrong

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from feeds.errors import Code, Severity
    from feeds.model import Post

FILE = "feeds.lock"
HEADER = (
    "# The id each post was first published under; commit this file. Path, id, language, slug, group, mark of text.\n"
)
_PARTING = expression(f"^[#<=>|]|%|{NOT_IN_A_LINE.pattern}")
"""What would end a field or a line, make a comment or a merge conflict of a line, or speak to a terminal."""
_EMPTY = hashlib.sha256().hexdigest()[:16]
"""The mark of no text, by which nothing is recognised."""
_USUAL = expression(r"tag:[a-z0-9]+(?:[.-][a-z0-9]+)*,\d{4}-\d\d-\d\d:(?:[\w.~/-]|%[0-9A-F]{2})+", re.ASCII)
"""What `tag_uri` makes: no need to ask what is wrong with it."""
_COLUMNS = 6
_FEED = "#feed\t"
"""How a line about a feed begins: to versions before it, a comment. Then path in our own layout, id, every address."""
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


class Lock(NamedTuple):
    """The lines of a lock by path, what is wrong with it, lines that say nothing any more, as they are, and the
    documents that do not lie in our own layout.
    """

    lines: dict[str, Line]
    problems: list[Problem]
    damaged: list[str]
    feeds: dict[str, KnownFeed]


def parse(text: str) -> Lock:  # scanner
    """Read a lock. Both sides of a merge conflict are kept, and what a damaged line still says."""
    lock = Lock({}, [], [], {})
    for number, source in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        fields = source.split("\t") if "%" not in source else [unquote(field) for field in source.split("\t")]
        if source.startswith(_CONFLICT):
            message = "a merge conflict was left here; both sides were kept, so commit the result"
            lock.problems.append(_warning(number, message, code="lock-conflict"))
            continue
        if not source.strip() or source.startswith("#"):
            if source.startswith(_FEED):
                _add_feed(lock.feeds, fields[1:])
            continue
        if len(fields) != _COLUMNS or not fields[0] or not _is_id(fields[1]):
            fields = _mended(source, fields)
            if not fields:
                lock.damaged.append(source)
                message = "is not a valid line and is ignored; restore it or delete it"
                lock.problems.append(_warning(number, message, code="lock-invalid"))
                continue
            message = f"is damaged; {fields[0]} keeps the id {fields[1]}, so commit the result"
            lock.problems.append(_warning(number, message, code="lock-invalid"))
        known = lock.lines.setdefault(fields[0], Line(*fields))
        if known.id != fields[1]:
            message = f"gives {fields[0]} a second id; the first, {known.id}, is used"
            lock.problems.append(_warning(number, message, code="lock-repeated"))
    return lock


def _add_feed(feeds: dict[str, KnownFeed], fields: list[str]) -> None:
    """Keep what a line says of a document; of two lines, as a merge leaves them, all addresses."""
    if len(fields) > 2 and fields[0]:  # noqa: PLR2004  # its path, its id, and an address at least
        known = feeds.get(fields[0], KnownFeed("", ()))
        own = fields[1] if fields[1] and _is_id(fields[1]) else ""
        feeds[fields[0]] = KnownFeed(known.id or own, tuple(dict.fromkeys([*known.paths, *filter(None, fields[2:])])))


def _mended(source: str, fields: list[str]) -> list[str]:
    """The fields of a line that was cut off, or whose tabs an editor turned into blanks; none if it cannot be told."""
    blanks = source.split()
    if len(fields) < _COLUMNS and len(blanks) == _COLUMNS and _is_id(unquote(blanks[1])):
        return [unquote(field) for field in blanks]
    if 1 < len(fields) < _COLUMNS and fields[0] and _is_id(fields[1]):
        return [*fields, *[""] * (_COLUMNS - len(fields))]
    return []


def _is_id(text: str) -> bool:
    return bool(_USUAL.fullmatch(text)) or not uri_wrong(text)


def show(lines: Mapping[str, Line], damaged: Sequence[str] = (), feeds: Mapping[str, KnownFeed] | None = None) -> str:
    """The text of a lock, sorted by path, so that two branches that add posts rarely touch the same lines. Lines that
    are damaged follow as they are: somebody may be able to restore them.
    """
    text = _shown([lines[path] for path in sorted(lines)]) + "".join(f"{line}\n" for line in damaged)
    return with_feeds(text, feeds) if feeds else text


def with_feeds(text: str, feeds: Mapping[str, KnownFeed]) -> str:
    """The text of a lock with these documents in the place of those it had."""
    posts = "".join(line for line in text.splitlines(keepends=True) if not line.startswith("#"))
    rows = [[name, feeds[name].id, *feeds[name].paths] for name in sorted(feeds)]
    return HEADER + "".join(_FEED + "\t".join(map(_field, row)) + "\n" for row in rows) + posts


def _shown(rows: Sequence[Line]) -> str:
    text = HEADER + "".join(["\t".join(row) + "\n" for row in rows])
    tabs, starts = len(rows) * (_COLUMNS - 1), {row.path[:1] for row in rows}
    usual = "%" not in text and starts.isdisjoint("#<=>|")
    flat = text.replace("\t", "").replace("\n", "")
    if usual and len(text) - len(flat) == tabs + len(rows) + 1 and not NOT_IN_A_LINE.search(flat):
        return text  # no separators inside the fields, as is nearly always the case
    return HEADER + "".join("\t".join(map(_field, row)) + "\n" for row in rows)


def _field(text: str) -> str:
    """A text without tabs and line ends; nothing else is encoded, so that people can read a lock."""
    return _PARTING.sub(lambda found: quote(found[0]), text) if _PARTING.search(text) else text


class Assigned(NamedTuple):
    """Posts with the ids they keep, in the order they were given; the new lock; and problems for the author."""

    posts: list[Post]
    lines: dict[str, Line]
    problems: list[Problem]


@record(kw_only=True)
class Rules:
    """What a blog's generator says of posts that claim the same: `fold` makes addresses equal that are one file to a
    server; `newest_wins`: it publishes the newest of several, otherwise the oldest keeps its place; `strict`: it is an
    error, otherwise the generator has published the other one, and the author gets a warning. `address(language, slug)`
    is that of any post with these, "" when an address has more to it. `fixes`: the id of a published post is sure.
    """

    fold: Callable[[str], str] = str
    address: Callable[[str, str], str] = lambda _language, _slug: ""
    newest_wins: bool = False
    strict: bool = True
    fixes: Callable[[Post], bool] = lambda _: True


def assign_ids(
    lock: Mapping[str, Line],
    posts: Sequence[Post],
    files: Collection[str],
    mark: Callable[[Post], str],
    read: Mapping[str, str],
    rules: Rules,
) -> Assigned:
    """Give each post the id it was first published under, and each id and address to one post.

    A stranger chooses the date and the front matter of his post, but not what the lock says. So first comes who has an
    id or address by the lock, then who has the text of a post in the lock whose file is gone, then the rest, by the
    generator's rule. What another holds is an error, and the post is left out.

    `files` are all files that exist, readable or not. `mark` hashes a post's text; `read` has the marks of those read
    in this build, by path. The mark of a line follows the edits of its text, so that a post is still known when its
    file is renamed after them.
    """
    work = _Assignment(lock, posts, files, mark, read, rules)
    order = sorted(posts, key=work.order)
    kept = {post.path: held for post in order if (held := work.hold(post))}
    for post in kept.values():
        known = work.lines.get(post.path)
        if known or (post.status == "published" and rules.fixes(post)):
            text = read.get(post.path) or (known.text if known else "") or mark(post)
            work.lines[post.path] = Line(post.path, post.id, post.language.code, post.slug, post.group, text)
    return Assigned([kept[post.path] for post in posts if post.path in kept], work.lines, work.problems)


class _Assignment:
    """Ids and addresses being given to posts. `lines` becomes the new lock."""

    def __init__(
        self,
        lock: Mapping[str, Line],
        posts: Sequence[Post],
        files: Collection[str],
        mark: Callable[[Post], str],
        read: Mapping[str, str],
        rules: Rules,
    ) -> None:
        self.lines, self.problems = dict(lock), list[Problem]()
        self._mark, self._rules = mark, rules
        self._own = {post.path: post.id for post in posts if post.extra.get("id") == post.id}
        there = {post.path: post for post in posts}

        def is_other(line: Line) -> bool:
            """Whether the file of a line holds another post now."""
            edited, post = (read.get(line.path) or line.text) != line.text, there.get(line.path)
            return bool(edited and post and f"{post.published:%Y-%m-%d}" not in line.id)

        free = {path: line for path, line in lock.items() if path not in files or is_other(line)}
        self._heirs = self._same_text(posts, free, lock) if free else {}
        taken = {line.path for line in self._heirs.values()}
        self._lock = {path: line for path, line in lock.items() if path not in taken}
        self._known = _index(line for path, line in self._lock.items() if path not in files)
        held = [line for path, line in self._lock.items() if path in files and path not in self._heirs]
        held += [line._replace(path=path) for path, line in self._heirs.items()]
        self._ids = {line.id: line.path for line in held if self._own.get(line.path, line.id) == line.id}
        self._addresses = {
            rules.fold(address): line.path
            for line in held
            if line.path not in there and (address := rules.address(line.language, line.slug))
        }

    def _same_text(self, posts: Sequence[Post], free: Mapping[str, Line], lock: Mapping[str, Line]) -> dict[str, Line]:
        """The lines of files that are gone, or have another text and another day, by the path of the only post that has
        their text now.
        """
        texts: dict[tuple[str, str], list[Line]] = {}
        for line in free.values():
            texts.setdefault((line.language, line.text), []).append(line)
        found: dict[str, list[tuple[str, Line]]] = {}
        for post in posts:
            own = lock.get(post.path)
            text = self._mark(post) if not own or post.path in free else ""
            lines = texts.get((post.language.code, text), []) if text not in ("", _EMPTY) else []
            if len(lines) == 1 and lines[0] is not own:
                found.setdefault(lines[0].path, []).append((post.path, lines[0]))
        return dict(same[0] for same in found.values() if len(same) == 1)

    def order(self, post: Post) -> tuple[int, bool, float, str]:
        """Whose claims come first."""
        line = self._lock.get(post.path) if post.path not in self._heirs else None
        same = line and line.slug == post.slug and self._own.get(post.path, line.id) == line.id
        rank = 0 if same else 1 if line or post.path in self._heirs else 2
        time = post.published.timestamp()
        return rank, post.status != "published", -time if self._rules.newest_wins else time, post.path

    def hold(self, post: Post) -> Post | None:
        """The post with its id, once nobody else has that or its address; else None, and the author is told."""
        address = self._rules.fold(post.url)
        other = self._addresses.get(address, post.path)
        if other != post.path:
            self._refuse(post, other, "slug", f"address {post.url}")
            return None
        chosen, heir = self._id(post)
        other = self._ids.get(chosen, post.path)
        if other != post.path:
            self._refuse(post, other, "id", f"id {chosen}")
            return None
        if heir and self.lines.get(heir, Line(*[""] * _COLUMNS)).id == chosen:  # nobody has taken its place yet
            del self.lines[heir]
        if post.path in self._heirs:
            self.lines[post.path] = self._heirs[post.path]
        self._ids[chosen] = self._addresses[address] = post.path
        return post if post.id == chosen else replace(post, id=chosen)

    def _refuse(self, post: Post, other: str, key: str, claim: str) -> None:
        severity: Severity = "note" if post.status == "draft" else "error" if self._rules.strict else "warning"
        remedy = f"change its `{key}`" if self._rules.strict else "give one of them another"
        message = f"has the same {claim} as {other}; {remedy}"
        code: Code = "address-taken" if key == "slug" else "id-taken"
        self.problems.append(Problem(post.path, post.line(key), message, severity, code=code))

    def _id(self, post: Post) -> tuple[str, str]:
        """The id of a post, and the path of the file it was before, "" if it was none."""
        said = self._own.get(post.path)
        if said:
            return said, next((line.path for line in self._known.get(("", "id", said), ())), "")
        if heir := self._heirs.get(post.path):
            return heir.id, heir.path
        if post.path in self._lock:
            return self._lock[post.path].id, ""
        return self._new(post) if post.status == "published" else (post.id, "")

    def _new(self, post: Post) -> tuple[str, str]:
        """The same for a post that is not in the lock and has no text of a missing file.

        It is an old post under another name if it has the slug of one, or else its translation group. If several match,
        or one was published on the same day, it is treated as new, and the author gets a warning.
        """
        code, known = post.language.code, self._known
        day = post.id.rpartition("/")[0] if post.id.startswith("tag:") else ""
        text = self._mark(post) if known else ""
        for kind, value in (("text", text), ("slug", post.slug), ("group", post.group), ("day", day)):
            alike = [line for line in known.get((code, kind, value), ()) if line.id not in self._ids]
            if len(alike) == 1 and kind != "day":
                return alike[0].id, alike[0].path
            if alike:
                choices = " or ".join(f"`id: {line.id}` ({line.path})" for line in alike)
                message = f"may be an old post under a new name; it gets a new id unless its front matter has {choices}"
                self.problems.append(Problem(post.path, 1, message, "warning", code="post-renamed"))
                break
        others = (f"{post.id}/{number}" for number in count(2))  # the address of an old post that kept its id
        derived = (post.id,) if post.id.startswith("tag:") else (post.id, post.url)
        return next(one for one in chain(derived, others) if one not in self._ids), ""


def _index(lines: Iterable[Line]) -> dict[tuple[str, str, str], list[Line]]:
    """Lines by language and what posts are recognised by."""
    found: dict[tuple[str, str, str], list[Line]] = {}
    for line in lines:
        found.setdefault(("", "id", line.id), []).append(line)
        for key in ("text", "slug", "group"):
            found.setdefault((line.language, key, getattr(line, key)), []).append(line)
        if line.id.startswith("tag:"):
            found.setdefault((line.language, "day", line.id.rpartition("/")[0]), []).append(line)
    return found


def merge(before: str, now: str, after: str) -> str:
    """The lock `after` a build that read `before`, when somebody else has changed the file since: it is `now`.

    Their lines are kept where the build changed nothing.
    """
    locks = [parse(text) for text in (before, now, after)]
    old, theirs, ours = (lock.lines for lock in locks)
    changed = {
        path for path in {*old, *theirs} if old.get(path) != theirs.get(path) and old.get(path) == ours.get(path)
    }
    lines = {path: line for path, line in ours.items() if path not in changed}
    feeds: dict[str, KnownFeed] = {}
    for name, known in (*locks[1].feeds.items(), *locks[2].feeds.items()):
        _add_feed(feeds, [name, known.id, *known.paths])
    return show(lines | {path: theirs[path] for path in changed if path in theirs}, locks[1].damaged, feeds)


def _warning(line: int, message: str, *, code: Code) -> Problem:
    return Problem(FILE, line, message, "warning", code=code)
