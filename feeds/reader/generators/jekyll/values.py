"""What Liquid's names stand for: the site, its data files, the page, and variables."""

from __future__ import annotations

import csv
import io
import posixpath
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from feeds import paths
from feeds.errors import Unreadable
from feeds.reader import frontmatter
from feeds.reader.generators.jekyll.filters import UNKNOWN
from feeds.reader.generators.jekyll.liquid import CONSTANTS
from feeds.settings import inside

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, tzinfo
    from pathlib import Path

    from feeds.model import Post
    from feeds.reader.fields import Fields
    from feeds.rendered import Lookup

_DATA = (".yml", ".yaml", ".json", ".csv", ".tsv")
_ROOTS = frozenset(("site", "page", "jekyll", "layout", "forloop", "paginator"))
_LATER = frozenset(
    "time related_posts static_files pages html_pages html_files collections documents categories tags github".split()  # noqa: SIM905
)
"""What Jekyll has once it has read everything, or asks others for."""
_MANY = 500
"""Posts that a text may go through: more would make a thousand texts take the square of it."""


class Surroundings(NamedTuple):
    """What Liquid may ask of the blog: its folder and configuration, its host ("https://x.org") and the path below
    it ("" or "blog"), and when a post was published by the blog's own clock.
    """

    root: Path
    config: Fields
    host: str
    base: str
    local: Callable[[Post], datetime]


class Values:
    """The values of names in one post's text; `variables` are what `assign`, `capture`, loops and inclusions set."""

    def __init__(self, post: Post, lookup: Lookup, blog: Surroundings) -> None:
        self._post, self._lookup, self._blog = post, lookup, blog
        self.variables: dict[str, Any] = {}
        self._roots: dict[str, Any] = {"site": _Site(lookup, blog)}

    @property
    def zone(self) -> tzinfo:
        """Of the site."""
        return self._lookup.settings.timezone

    def knows(self, name: str) -> bool:
        """Whether a name stands for something, though it may be nothing."""
        return not re.match(r"[A-Za-z_]", name) or name in self.variables or name in _ROOTS or name in CONSTANTS

    def name(self, word: str) -> Any:
        """The value of a name."""
        if word in self.variables:
            return self.variables[word]
        if word == "page" and word not in self._roots:
            self._roots[word] = _page(self._post, self._blog)
        return self._roots.get(word)

    def whole(self, path: str) -> str:
        """An address of the site in full."""
        return path if "://" in path else self._lookup.settings.url + path.lstrip("/")


def _page(post: Post, blog: Surroundings) -> dict[str, Any]:
    """What a text knows of its own post, or of another."""
    tags = {key: post.extra.get(key) for key in ("tags", "categories")}
    return {
        **post.extra,
        **{key: value.split() if isinstance(value, str) else value for key, value in tags.items()},
        "title": post.title,
        "url": post.url,
        "date": blog.local(post).isoformat(),
        "path": post.path,
        "slug": post.slug,
        "collection": "posts",
        "id": post.id,
        **dict.fromkeys(("content", "next", "previous"), UNKNOWN),
        "excerpt": post.extra.get("excerpt", UNKNOWN),
    }


class _Other(dict[str, Any]):
    """Another post: what `Site.posts_digest` covers, so that a text is made again when it changes."""

    def __init__(self, post: Post, blog: Surroundings) -> None:
        date = blog.local(post).isoformat()
        super().__init__(title=post.title, url=post.url, path=post.path, slug=post.slug, date=date)

    def get(self, key: str, default: Any = UNKNOWN) -> Any:
        """What is known of it."""
        return super().get(key, UNKNOWN)


class _Site(dict[str, Any]):
    """`site`, each key when it is asked for."""

    def __init__(self, lookup: Lookup, blog: Surroundings) -> None:
        super().__init__()
        self._lookup, self._blog = lookup, blog

    def get(self, key: str, default: Any = None) -> Any:
        """A key of the configuration, or what Jekyll adds to it."""
        blog = self._blog
        if key in ("baseurl", "url"):
            return blog.host if key == "url" else f"/{blog.base}" if blog.base else ""
        if key == "data":
            return self.setdefault(key, _Data(self._lookup, blog, _data_folder(blog.config)))
        if key == "posts":
            posts = self._lookup.posts
            return self.setdefault(key, [_Other(post, blog) for post in posts] if len(posts) <= _MANY else UNKNOWN)
        return UNKNOWN if key in _LATER else blog.config.data.get(key, default)


def _data_folder(config: Fields) -> str:
    return posixpath.normpath(f"{config.text('source') or '.'}/{config.text('data_dir') or '_data'}")


class _Data(dict[str, Any]):
    """`site.data`, or a folder in it: each file when it is asked for."""

    def __init__(self, lookup: Lookup, blog: Surroundings, folder: str) -> None:
        super().__init__()
        self._lookup, self._blog, self._folder = lookup, blog, folder

    def get(self, key: str, default: Any = None) -> Any:
        """What a file of this name holds, or a folder."""
        if key not in self:
            self[key] = self._found(f"{self._folder}/{key}") if re.fullmatch(r"[\w -]+", key) else None
        return self[key] if self[key] is not None else default

    def _found(self, path: str) -> Any:
        root = self._blog.root
        for end in _DATA if not inside(path) else ():
            name = self._lookup.file(path + end)
            try:
                return _loaded(paths.text(root, name), name)
            except Unreadable as error:
                if not error.missing:
                    return UNKNOWN
        self._lookup.file(f"{path}/")
        return _Data(self._lookup, self._blog, path) if paths.is_folder(root / path) else None


@lru_cache(maxsize=32)  # a file that one post asks for, many do
def _loaded(text: str, name: str) -> Any:
    """The content of a data file; unknown if it is damaged."""
    try:
        if name.endswith((".csv", ".tsv")):
            rows = csv.DictReader(io.StringIO(text), delimiter="\t" if name.endswith(".tsv") else ",")
            return [{str(key): value for key, value in row.items()} for row in rows]
        return _front(text, name)
    except (frontmatter.FrontMatterError, csv.Error):
        return UNKNOWN


def _front(text: str, name: str) -> Any:
    """YAML or JSON: a list, or one value, becomes a table first, as front matter is one. Raises `FrontMatterError`."""
    if name.endswith(".json"):
        whole = f'{{"data": {text}}}'
    else:
        bare = re.sub(r"\A(?:[ \t]*(?:#[^\n]*)?\n)*---[ \t]*\n", "", text)
        whole = f"data:\n{bare}" if re.match(r"(?:[ \t]*(?:#[^\n]*)?\n)*-[ \t\n]", bare) else ""
    if whole:
        return frontmatter.load(whole, name).data.get("data")
    return frontmatter.load(text, name).data if text.strip() else {}
