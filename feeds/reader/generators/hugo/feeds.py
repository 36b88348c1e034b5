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

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import PurePosixPath

    from feeds.errors import Problem
    from feeds.model import Format, Post

_MEDIA: Mapping[str, Format] = {
    "application/rss+xml": "rss",
    "application/atom+xml": "atom",
    "application/feed+json": "json",
}
_SUFFIXES = {"application/rss+xml": "xml"}
"""Of the three, Hugo knows one; the others are in the blog's `mediaTypes`."""
_TAXONOMIES = {"tag": "tags", "category": "categories"}
_NUMBER = re.compile(r"-?[0-9]{1,9}")
_LIGHT = 1 << 31
"""A page without a weight comes after all that have one."""


class Layout(NamedTuple):
    """What feeds ask of a Hugo blog: its configuration, that of each language, the front matter of each `_index.md` by
    folder and language, and where pages lie. `above` are the folders of a page: name, part of the address, whether it
    has an `_index.md`; `named` and `titled` are what names and titles become in addresses.
    """

    config: Fields
    languages: Mapping[str, Fields]
    indexes: Mapping[tuple[str, str], Fields]
    inner: Callable[[str], PurePosixPath]
    prefix: Callable[[str], str]
    above: Callable[[str], list[tuple[str, str, bool]]]
    named: Callable[[str], str]
    titled: Callable[[str], str]


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
    work = _Channels(blog, posts)
    return [*work.all()], work.config.problems


class _Channels:
    """The channels of one blog. `order` has the posts as Hugo lists them."""

    def __init__(self, blog: Layout, posts: Sequence[Post]) -> None:
        config = blog.config
        self.blog, self.config = blog, Fields(config.path, config.data, config.lines, files=config.files)
        self.languages = blog.languages if len(blog.languages) > 1 else {}
        self.disabled = {word.lower() for word in self.config.words("disablekinds")}
        self.order = sorted(posts, key=_ordinary)
        self.indexes: dict[tuple[str, str], Fields] = {}
        for (folder, code), keys in blog.indexes.items():
            below = blog.inner(f"{folder}/_index.md").parent
            self.indexes.setdefault((blog.named(str(below)), code), keys)

    def all(self) -> Iterator[Channel]:
        """Home pages, sections, terms."""
        for code in [*self.languages] or [""]:
            own = [post for post in self.order if post.language.code == code or not code]
            yield from self._of("home", code, _Page("", "", "", Fields("", {}, {})), own)
            yield from self._sections(code, own)
            for plural in self._taxonomies(code):
                yield from self._terms(plural, code, own)

    def _sections(self, code: str, posts: list[Post]) -> Iterator[Channel]:
        """A page is listed by the nearest folder above it that has an `_index.md`, else by the outermost."""
        found: dict[str, tuple[_Page, list[Post]]] = {}
        for post in posts:
            if above := self.blog.above(post.path):
                depth = max((number for number, one in enumerate(above) if one[2]), default=0) + 1
                name = "/".join(one[0] for one in above[:depth])
                keys = self.indexes.get((name, post.language.code), Fields("", {}, {}))
                path = self._moved("section", above[0][0], keys) or "/".join(one[1] for one in above[:depth])
                found.setdefault(name, (_Page(name, path, posixpath.basename(name), keys), []))[1].append(post)
        for page, own in found.values():
            yield from self._of("section", code, page, own)

    def _taxonomies(self, code: str) -> list[str]:
        tables = [self.languages[code].data.get("taxonomies")] if code else []
        tables += [self.config.data.get("taxonomies"), _TAXONOMIES]
        said = next(table for table in tables if isinstance(table, dict))
        return [plural.lower() for plural in said.values() if isinstance(plural, str)]

    def _terms(self, plural: str, code: str, posts: list[Post]) -> Iterator[Channel]:
        found: dict[str, tuple[_Page, list[Post]]] = {}
        for post in posts:
            for word in Fields(post.path, post.extra, {}).words(plural):
                name = f"{self.blog.named(plural)}/{self.blog.named(word)}"
                if name not in found:
                    keys = self.indexes.get((name, post.language.code), Fields("", {}, {}))
                    path = self._moved("term", plural, keys, word) or name
                    found[name] = (_Page(name, path, word, keys), [])
                if post not in found[name][1][-1:]:
                    found[name][1].append(post)
        for page, own in found.values():
            yield from self._of("term", code, page, sorted(own, key=lambda post: _weight(post, f"{plural}_weight")))

    def _moved(self, kind: str, name: str, keys: Fields, title: str = "") -> str:
        """Where a key or `permalinks` puts a page, "" when they do not say."""
        if url := keys.text("url"):
            return "/" * url.startswith("/") + url.strip("/")
        patterns = self.config.below("permalinks")
        inner = patterns.below(kind)
        flat = patterns.text(name) if kind == "term" and isinstance(patterns.data.get(name), str) else ""
        pattern = inner.text(name) if name in inner.data else flat
        slug = self.blog.titled(keys.text("slug") or keys.text("title") or title)
        return re.sub(r":(?:slug|title)\b", lambda _: slug, pattern).strip("/")

    def _of(self, kind: str, code: str, page: _Page, posts: list[Post]) -> Iterator[Channel]:
        """The feeds of a page."""
        if {kind, "rss"} & self.disabled or _is_left_out(page.keys):
            return
        place, name = posixpath.join(self.blog.prefix(code) if code else "", page.path).lstrip("/"), page.name
        whole = not code and {post.language.code for post in posts} == {name}  # a folder that is a language
        for form, folder, file in self._files(kind, code, page.keys):
            yield Channel(
                place=Place(posixpath.join(folder, place, file).lstrip("/"), self.config.path),
                format=form,
                posts=tuple(posts),
                language=name if whole else code,
                name="" if whole and len(posts) == sum(one.language.code == name for one in self.order) else name,
                title=page.keys.text("title") or page.title,
            )

    def _files(self, kind: str, code: str, keys: Fields) -> Iterator[tuple[Format, str, str]]:
        """The format, the folder above all others and the file of each output of a page that is a feed."""
        tables = [config.below("outputs") for config in (self.languages.get(code), self.config) if config]
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
