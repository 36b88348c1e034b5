"""Content files -> posts. All front matter is read here; texts only when somebody asks for one.

A mistake costs the post it is in and nothing else. Files are taken in the order of their names, so the file system's
order changes no byte of any output.
"""

from __future__ import annotations

import hashlib
import posixpath
import unicodedata
from collections import Counter
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple, Protocol
from urllib.parse import quote, unquote, urljoin

from feeds import lockfile, paths, settings
from feeds.errors import NotASite, PostChanged, Problem, SettingsError, Unreadable
from feeds.model import Image, Post, Settings, Site
from feeds.reader import covers, files, frontmatter, groups
from feeds.reader.built import Built
from feeds.reader.characters import printable
from feeds.reader.mapping import Map, serial_map
from feeds.records import record
from feeds.text import allowed, expression, is_http

if TYPE_CHECKING:
    from collections.abc import Container, Mapping
    from datetime import datetime
    from pathlib import Path

    from feeds.errors import Severity
    from feeds.reader.dialect import Dialect
    from feeds.rendered import Lookup

__all__ = ["Blog", "open_blog", "recognise"]

NATIVE = "native"
DIALECTS: Mapping[str, tuple[str, ...]] = {
    "hexo": ("_config.",),
    "hugo": ("hugo.", "config"),
    "jekyll": ("_config.",),
    NATIVE: (settings.FILE,),
}
"""How the name of a file or folder in the root begins that such a blog has: without it, its module is not even loaded.

In the order they are looked for; any folder with a `feeds.toml` is native when nothing else fits.
"""


class _Read(NamedTuple):
    """What a file gave: a post, or why there is none."""

    post: Post | None
    problems: list[Problem]
    draft: bool = False
    text: str = ""
    """The mark of its text, "" if the file was not read."""


class KnownPosts(Protocol):
    """What an earlier build knows of posts whose files are the same."""

    def post(self, path: str, settings: Settings) -> tuple[Post, list[Problem]] | None:
        """The post of a file and what is wrong with it, None when the file must be read."""

    def encoded(self, post: Post, problems: list[Problem]) -> str:
        """A post as text, "" when it should not be kept. Another process may ask."""

    def keep_post(self, path: str, row: str) -> None:
        """Keep what `encoded` made."""


_ENCODED = expression(r"(?:%[89A-Fa-f][0-9A-Fa-f])+")
"""Percent-encoded characters outside ASCII: `%2F` is no `/`."""

_BUNDLE = 64
"""Posts that another process reads before it hands them over: one by one takes twice as long."""


def kind(name: str) -> type[Dialect]:
    """The class of a dialect: `Hexo` in `hexo.py`."""
    found: type[Dialect] = getattr(import_module(f"feeds.reader.generators.{name}"), name.title())
    return found


def open_blog(root: Path) -> Blog:
    """The blog in a folder: what kind it is, and its settings. Raises `NotASite` or `SettingsError`."""
    text = settings.read(root)
    found = _dialect(root, settings.dialect(text or ""))
    if not found:
        raise NotASite(
            f"{root}: no supported blog found here. Name its folder, or run `feeds init` to start a new one. "
            f"Supported: {'; '.join(kind(name).signs for name in DIALECTS)}"
        )
    if settings.says(text or "", "timezone"):  # what was guessed is of no use
        found.problems = tuple(problem for problem in found.problems if problem.code != "timezone-missing")
    names = (found.name, *(name for name in DIALECTS if name != found.name))
    try:
        found.settings = settings.parse(text or "", replace(found.found, dialects=names))
    except SettingsError as error:
        raise SettingsError([*error.problems, *found.problems]) from error
    return Blog(root, found)


def recognise(root: Path) -> Dialect | None:
    """The dialect of the blog in a folder without settings of its own yet, None for a folder that holds no blog.

    Raises `NotASite` when it may be more than one kind, or `SettingsError`.
    """
    return _dialect(root, "")


def _dialect(root: Path, said: str) -> Dialect | None:
    """The dialect that is said, else the one recognised."""
    if said in DIALECTS:
        if there := kind(said).open(root):
            return there
        raise NotASite(f'{root}: {settings.FILE} says dialect = "{said}", but there is no {said} blog here')
    try:
        files_there = [entry.name for entry in paths.entries(root, ".")]
    except Unreadable:
        return None
    named = [name for name, marks in DIALECTS.items() if any(file.startswith(marks) for file in files_there)]
    found, wrong = list["Dialect"](), list[SettingsError]()
    for name in named:
        try:
            blog = kind(name).open(root) if name != NATIVE else None
        except SettingsError as error:  # what one cannot read may be another's
            wrong.append(error)
        else:
            found += [blog] if blog else []
    if wrong and not found:
        raise wrong[0]
    if len(found) > 1:
        names = " or ".join(f'dialect = "{blog.name}"' for blog in found)
        raise NotASite(
            f"{root}: this could be more than one kind of blog; write {names} under [content] in {settings.FILE}"
        )
    return found[0] if found else kind(NATIVE).open(root)


@record()
class Blog:
    """A folder and its dialect, which holds its settings: all it takes to read it."""

    root: Path
    dialect: Dialect

    @property
    def settings(self) -> Settings:
        """What `feeds.toml` and the blog's own configuration say."""
        return self.dialect.settings

    def read(
        self,
        now: datetime,
        mapping: Map = serial_map,
        known: KnownPosts | None = None,
    ) -> Site:
        """The site as of `now`; posts that are `known` are not read again."""
        settings, dialect = self.settings, self.dialect
        problems: list[Problem] = []
        folders = [folder for folder in dialect.folders() if dialect.strict or paths.is_folder(self.root / folder)]
        there = {path for folder in folders for path in files.walk(self.root, folder, problems, dialect.enters)}
        sources = dialect.sources(sorted(there))
        problems += (*dialect.problems, *dialect.passed_over(there.difference(sources)))
        found: list[Post] = []
        broken: dict[str, str] = {}
        before = self._lock(problems)
        lock = lockfile.parse(before or "")
        problems += lock.problems
        built = None if dialect.strict else Built(self.root, settings, dialect.name.title())
        texts: dict[str, str] = {}
        for path, read in self._all(sources, now, mapping, known).items():
            problems += read.problems
            if read.post:
                found.append(read.post)
                texts[path] = read.text
            else:
                broken[path] = "draft" if read.draft else "error"
        if dialect.has_pages:
            problems, pages = _without_pages(problems, found)
            broken = {path: status for path, status in broken.items() if path not in pages}
        if not sources and not problems:
            empty = "contains no posts; put Markdown files there"
            problems.append(Problem(settings.content_dir, 0, empty, "warning", code="posts-missing"))
        unreadable = {problem.path for problem in problems if problem.code == "file-unreadable"}
        assigned = self._assigned(lock, found, there | unreadable, texts, built)
        problems += assigned.problems
        kept = sorted(assigned.posts, key=lambda post: post.path)
        kept.sort(key=lambda post: post.published, reverse=True)
        broken |= dict.fromkeys({post.path for post in found} - {post.path for post in kept}, "error")
        named = covers.by_name(there) if dialect.names_pictures else {}
        posts = tuple(self._pictured(post, there, named, problems) for post in kept if post.status == "published")
        problems += built.problems(posts, assigned.lines) if built else ()
        channels, wrong = dialect.channels(posts)
        problems += [replace(one, severity="warning") if one.severity == "error" else one for one in wrong]
        return Site(
            settings=settings,
            posts=posts,
            withheld=tuple(post for post in kept if post.status != "published"),
            broken=dict(sorted(broken.items())),
            channels=tuple(channels),
            assets=frozenset(there) - frozenset(sources),
            groups=groups.translations(posts, settings, problems, dialect.group_keys),
            pages={post.path: post.url for post in posts},
            problems=tuple(sorted(problems)),
            lock=None if before is None else (before, lockfile.show(assigned.lines, lock.damaged, lock.feeds)),
            known_feeds=lock.feeds,
        )

    def _assigned(
        self, lock: lockfile.Lock, found: list[Post], there: set[str], texts: dict[str, str], built: Built | None
    ) -> lockfile.Assigned:
        """The posts found, each with its id; `there` are the files that are there, read or not."""
        dialect = self.dialect
        return lockfile.assign_ids(
            lock.lines,
            found,
            there,
            lambda post: texts[post.path] or self.mark(post),
            texts,
            # Addresses that differ in capitals alone are one file on half of all servers; a site that is up decided.
            lockfile.Rules(
                fold=_folded if dialect.strict else str,
                newest_wins=dialect.newest_wins,
                strict=dialect.strict,
                address=dialect.address_of,
                fixes=built.has if built else lambda _: True,
            ),
        )

    def _lock(self, problems: list[Problem]) -> str | None:
        """The text of `feeds.lock`, None when it is there and not to be read."""
        try:
            return paths.read(self.root, lockfile.FILE, paths.RECORD).decode("utf-8", "replace")
        except Unreadable as error:
            if error.missing:
                return ""
            message = f"{error.message}; until then, a renamed post is a new one to readers"
            problems.append(Problem(lockfile.FILE, 0, message, code="file-unreadable"))
            return None

    def _pictured(self, post: Post, there: Container[str], named: Mapping[str, str], problems: list[Problem]) -> Post:
        """A post whose picture lies with it knows how large it is; what does not lie there is elsewhere on the site."""
        image = post.image
        if not image and (file := named.get(post.assets)):
            image = Image(src=urljoin(post.base, quote(posixpath.basename(file))), file=file)
        if not image or not image.file:
            return post
        if image.file not in there:
            if self.dialect.strict:
                return post
            return replace(post, image=covers.missing(image, post.assets, post.base, self.dialect.picture_address))
        try:
            return replace(post, image=files.measured(image, self.root))
        except Unreadable as error:
            problems.append(Problem(image.file, 0, error.message, "warning", code="file-unreadable"))
            return post

    def mark(self, post: Post) -> str:
        """A mark of a post's words, "" when they cannot be read."""
        try:
            return _text_mark(paths.read(self.root, post.path), post.body_line)
        except Unreadable:
            return ""

    @property
    def configuration(self) -> tuple[str, ...]:
        """The files the settings come from, as paths relative to the site."""
        return tuple(dict.fromkeys([settings.FILE, self.dialect.found.path]))

    def text(self, path: str) -> str:
        """The text of a file of the site, "" when there is none, to find in it what a message is about."""
        try:
            return paths.read(self.root, path).decode("utf-8", "replace")
        except Unreadable:
            return ""

    def markdown(self, post: Post, lookup: Lookup) -> tuple[str, list[Problem]]:
        """A post's text without its front matter as Markdown, and warnings about what had to be taken out.

        Bad text raises nothing; raises `PostChanged` when there is no text any longer.
        """
        try:
            text = frontmatter.decode(paths.read(self.root, post.path))
        except (Unreadable, frontmatter.FrontMatterError) as error:
            raise PostChanged(post.path) from error
        problems = []
        lines = self.dialect.body(text, post.body_line)
        text = "\n".join(lines)
        if frontmatter.not_utf8(text):
            for number, line in enumerate(lines):
                if found := frontmatter.not_utf8(line):
                    message = f"{frontmatter.byte_message(found)}; shown as �"
                    problems.append(
                        Problem(post.path, post.body_line + number, message, "warning", code="encoding-invalid")
                    )
                    lines[number] = line.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
            text = "\n".join(lines)
        clean, invisible = printable(text, post.path, post.body_line)
        markdown, unknown = self.dialect.markdown(clean, post, lookup)
        elsewhere = str(post.extra.get("link") or "")
        if not markdown.strip() and is_http(elsewhere):  # a post that only points to another page
            from feeds.reader.generators.replacements import link

            markdown = link(post.title, elsewhere)
        return allowed(markdown), problems + invisible + unknown  # a tag may bring in a value of the front matter

    def _all(self, paths: list[str], now: datetime, mapping: Map, known: KnownPosts | None) -> dict[str, _Read]:
        """What was read from each file, in the order of their names."""
        found = {path: _Read(*same) for path in paths if known and (same := known.post(path, self.settings))}

        def read(path: str) -> tuple[_Read, str]:
            new = self._read(path, now)
            return new, known.encoded(new.post, new.problems) if known and new.post else ""

        unread = [path for path in paths if path not in found]
        for path, (new, row) in mapping(unread, read, at_once=_BUNDLE):
            found[path] = new
            if known and row:
                known.keep_post(path, row)
        return {path: found[path] for path in paths}

    def _read(self, path: str, now: datetime) -> _Read:
        data = b""
        try:
            front, data = files.read_front_matter(self.root, path, lambda text: self.dialect.front_matter(text, path))
        except frontmatter.NoFrontMatter as error:
            if self.dialect.strict:
                return _Read(None, [Problem(path, error.line, error.message, code=error.code)])
            severity: Severity = "note" if error.code == "front-matter-missing" else "warning"
            problem = Problem(path, error.line, error.message, severity, code=error.code)
            front = frontmatter.FrontMatter({}, {}, 1, (problem,))
        except frontmatter.FrontMatterError as error:
            return _Read(None, [Problem(path, error.line, error.message, code=error.code)])
        except Unreadable as error:
            return _Read(None, [Problem(path, 0, error.message, code="file-unreadable")])
        post, problems, draft = self.dialect.post(path, front, now)
        return _Read(post, problems, draft, _text_mark(data, front.body_line) if post and data else "")


def _text_mark(data: bytes, body_line: int) -> str:
    """A mark of the words of a file, without its front matter."""
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    lines = data.split(b"\n")[body_line - 1 :]
    return hashlib.sha256(b"\n".join(map(bytes.rstrip, lines)).strip()).hexdigest()[:16]


def _folded(text: str) -> str:
    """An address or an id as a file system that minds neither capitals nor normal forms would compare it."""
    if "%" in text:
        text = _ENCODED.sub(lambda found: unquote(found[0], errors="surrogateescape"), text)
    folded = text.casefold()
    return folded if folded.isascii() else unicodedata.normalize("NFC", folded)


def _without_pages(problems: list[Problem], posts: list[Post]) -> tuple[list[Problem], set[str]]:
    """The problems, and the files that are pages: a missing date is a mistake in a folder where most files have one,
    and makes a page elsewhere.
    """
    undated = Counter(_folder(problem.path) for problem in problems if problem.code == "date-missing")
    if not undated:
        return problems, set()
    dated = Counter(_folder(post.path) for post in posts if post.status != "draft")
    folders = {folder for folder, number in undated.items() if dated[folder] <= number}
    of_pages = {one for one in problems if one.code == "date-missing" and _folder(one.path) in folders}
    told = [replace(problem, severity="note") if problem in of_pages else problem for problem in problems]
    return told, {problem.path for problem in of_pages}


def _folder(path: str) -> str:
    """The folder a file stands in; of a bundle, the one that the bundle lies in."""
    folder, name = posixpath.split(path)
    return posixpath.dirname(folder) if name.startswith("index.") else folder
