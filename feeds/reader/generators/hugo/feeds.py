"""The feeds Hugo makes: of the whole site, of each section, of each term, in every format whose media type is a feed's.

The rules were checked against Hugo 0.168, its embedded `rss.xml` and what it builds. The bare list of terms (`/tags/`)
is nobody's feed, and neither is a term's list of sections.
"""

from __future__ import annotations

import posixpath
import re
import unicodedata
from typing import TYPE_CHECKING, NamedTuple

from feeds.model import Channel
from feeds.places import Place
from feeds.reader.fields import Fields
from feeds.reader.generators.hugo.permalinks import path_words, title_words
from feeds.text import expression

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from feeds.errors import Problem
    from feeds.model import Format, Post
    from feeds.reader.generators.hugo.permalinks import Folder
    from feeds.reader.generators.hugo.site import Configuration

_MEDIA: Mapping[str, Format] = {
    "application/rss+xml": "rss",
    "application/atom+xml": "atom",
    "application/feed+json": "json",
}
_SUFFIXES = {"application/rss+xml": "xml"}
"""Of the three, Hugo knows one; the others are in the blog's `mediaTypes`."""
_TAXONOMIES = {"tag": "tags", "category": "categories"}
_NUMBER = expression(r"-?[0-9]{1,9}")
_LIGHT = 1 << 31
"""A page without a weight comes after all that have one."""


class Layout(NamedTuple):
    """What feeds ask of a Hugo blog: its configuration, our code of each of its languages, the front matter of each
    `_index.md` by folder and language, the language of a file, and the folders above a page.
    """

    config: Configuration
    codes: Mapping[str, str]
    indexes: Mapping[tuple[str, str], Fields]
    code: Callable[[str], str]
    above: Callable[[str], Sequence[Folder]]


class _Page(NamedTuple):
    """A page that lists posts: `path` is where it lies, without the language, `keys` the front matter of its
    `_index.md`.
    """

    name: str
    path: str
    title: str
    keys: Fields


def limit(config: Fields) -> int | None:
    """How many posts the configuration says a feed has, 0 for all, None when it does not say."""
    said = config.below("services").below("rss").data.get("limit", config.data.get("rsslimit"))
    return max(said, 0) if isinstance(said, int) else None


def channels(blog: Layout, posts: Sequence[Post]) -> tuple[list[Channel], list[Problem]]:
    """Every feed Hugo would make of these posts."""
    order = sorted(posts, key=_ordinary)
    found: list[Channel] = []
    problems: list[Problem] = []
    for code in blog.config.own:
        work = _Channels(blog, code, [post for post in order if blog.code(post.path) == code])
        found += work.all()
        problems += work.config.problems
    return found, problems


class _Channels:
    """The channels of one language. `posts` are as Hugo lists them."""

    def __init__(self, blog: Layout, code: str, posts: list[Post]) -> None:
        config = blog.config.of(code)
        self.blog, self.code, self.posts = blog, code, posts
        self.config = Fields(config.path, config.data, config.lines, files=config.files)
        self.disabled = {word.lower() for word in self.config.words("disablekinds")}
        self.indexes = {path_words(folder): keys for (folder, own), keys in blog.indexes.items() if own == code}

    def all(self) -> Iterator[Channel]:
        """Home page, sections, terms."""
        yield from self._of("home", _Page("", "", "", Fields("", {}, {})), self.posts)
        yield from self._sections()
        said = self.config.data.get("taxonomies")
        for plural in (said if isinstance(said, dict) else _TAXONOMIES).values():
            if isinstance(plural, str):
                yield from self._terms(plural.lower())

    def _sections(self) -> Iterator[Channel]:
        """A page is listed by the nearest folder above it that has an `_index.md`, else by the outermost."""
        found: dict[str, tuple[_Page, list[Post]]] = {}
        for post in self.posts:
            if above := self.blog.above(post.path):
                depth = max((number for number, one in enumerate(above) if one.is_section), default=0) + 1
                name = "/".join(one.name for one in above[:depth])
                keys = self.indexes.get(name, Fields("", {}, {}))
                path = self._moved("section", above[0].name, keys) or "/".join(one.slug for one in above[:depth])
                found.setdefault(name, (_Page(name, path, posixpath.basename(name), keys), []))[1].append(post)
        for page, own in found.values():
            yield from self._of("section", page, own)

    def _terms(self, plural: str) -> Iterator[Channel]:
        found: dict[str, tuple[_Page, list[Post]]] = {}
        for post in self.posts:
            for word in Fields(post.path, post.extra, {}).words(plural):
                name = f"{path_words(plural)}/{path_words(word)}"
                if name not in found:
                    keys = self.indexes.get(name, Fields("", {}, {}))
                    found[name] = (_Page(name, self._moved("term", plural, keys, word) or name, word, keys), [])
                if post not in found[name][1][-1:]:
                    found[name][1].append(post)
        for page, own in found.values():
            yield from self._of("term", page, sorted(own, key=lambda post: _weight(post, f"{plural}_weight")))

    def _moved(self, kind: str, name: str, keys: Fields, title: str = "") -> str:
        """Where a key or `permalinks` puts a page, "" when they do not say."""
        if url := keys.text("url"):
            return "/" * url.startswith("/") + url.strip("/")
        patterns = self.config.below("permalinks")
        inner = patterns.below(kind)
        flat = patterns.text(name) if kind == "term" and isinstance(patterns.data.get(name), str) else ""
        pattern = inner.text(name) if name in inner.data else flat
        slug = title_words(keys.text("slug") or keys.text("title") or title)
        return re.sub(r":(?:slug|title)\b", lambda _: slug, pattern).strip("/")

    def _of(self, kind: str, page: _Page, posts: list[Post]) -> Iterator[Channel]:
        """The feeds of a page."""
        if {kind, "rss"} & self.disabled or _is_left_out(page.keys):
            return
        place, name = posixpath.join(self.blog.config.prefix(self.code), page.path).lstrip("/"), page.name
        code = self.blog.codes.get(self.code, "") if len(self.blog.config.own) > 1 else ""
        if not code and kind == "section" and posts == [one for one in self.posts if one.language.code == name]:
            code, name = name, ""  # a folder that is a language
        for form, folder, file in self._files(kind, page.keys):
            yield Channel(
                place=Place(posixpath.join(folder, place, file).lstrip("/"), self.config.path),
                format=form,
                posts=tuple(posts),
                language=code,
                name=name,
                title=page.keys.text("title") or page.title,
            )

    def _files(self, kind: str, keys: Fields) -> Iterator[tuple[Format, str, str]]:
        """The format, the folder above all others and the file of each output of a page that is a feed."""
        tables = [self.blog.config.own[self.code].below("outputs"), self.blog.config.whole.below("outputs")]
        said = keys.words("outputs") or next((table.words(kind) for table in tables if kind in table.data), ("rss",))
        formats, medias = self.config.below("outputformats"), self.config.below("mediatypes")
        for name in dict.fromkeys(word.lower() for word in said):
            about = formats.below(name)
            media = (about.text("mediatype") or ("application/rss+xml" if name == "rss" else "")).lower()
            if form := _MEDIA.get(media):
                suffix = (*medias.below(media).words("suffixes"), _SUFFIXES.get(media, ""))[0]
                if suffix:
                    yield form, about.text("path"), f"{about.text('basename') or 'index'}.{suffix}"


def _is_left_out(keys: Fields) -> bool:
    """Whether Hugo makes no page of a section or a term."""
    render = str({**keys.below("_build").data, **keys.below("build").data}.get("render", "")).lower()
    return keys.flag("draft") or render in ("never", "false")


def _weight(post: Post, key: str) -> int:
    said = str(post.extra.get(key) or "")
    return int(said) if _NUMBER.fullmatch(said) else 0


def _ordinary(post: Post) -> tuple[int, float, str, str, str]:
    """How Hugo lists pages: by weight, the newest first, by title as a dictionary has it, by file."""
    title = str(post.extra.get("linktitle") or "") or post.title
    plain = "".join(char for char in unicodedata.normalize("NFKD", title) if not unicodedata.combining(char))
    return _weight(post, "weight") or _LIGHT, -post.published.timestamp(), plain.casefold(), title.swapcase(), post.path
