"""The feeds of jekyll-feed: of all posts, of categories and of tags that `feed` in the configuration names.

The rules were checked against jekyll-feed 0.17 (`generator.rb`, `feed.xml`). Feeds of other collections than `posts`
stay Jekyll's, since their documents are no posts here; so does a feed that the blog has a template of its own for.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from feeds import paths, places
from feeds.errors import Unreadable
from feeds.model import Channel
from feeds.reader.fields import Fields
from feeds.text import expression, is_http

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from feeds.errors import Problem
    from feeds.model import Post
    from feeds.reader.configuration import Findings

PLUGIN = "jekyll-feed"
_BY_TAG = "/feed/by_tag/"
_WORD = expression(r"[a-zA-Z0-9_]+")
"""Tags of other characters get no feed from the plugin."""
_GEM = expression(r"^[ \t]*gem[ \t(]+[\"']jekyll-feed[\"']", re.MULTILINE)


def is_used(config: Fields, root: Path) -> bool:
    """Whether the blog has the plugin: by its configuration, or by its Gemfile."""
    if isinstance(config.data.get("feed"), dict) or PLUGIN in (*config.words("plugins"), *config.words("gems")):
        return True
    try:
        return bool(_GEM.search(paths.read(root, "Gemfile").decode("utf-8", "replace")))
    except Unreadable:
        return False


def find(config: Fields, found: Findings) -> None:
    """What `feed` says, in the words of `feeds.toml`; only what it does say."""
    feed = Fields(config.path, config.below("feed").data, config.lines, "feed.")
    found.put("feeds.limit", feed.number("posts_limit") or None, "feed.posts_limit")
    found.put("feeds.content", "summary" if feed.flag("excerpt_only") else "", "feed.excerpt_only")
    for key in ("icon", "logo"):
        picture = feed.text(key)
        found.put(f"feeds.{key}", picture if is_http(picture) or ":" not in picture else "", f"feed.{key}")
    config.problems += [replace(problem, severity="warning") for problem in feed.problems]


def channels(
    config: Fields,
    posts: Sequence[Post],
    categories: Callable[[Post], Sequence[str]],
    tags: Callable[[Post], Sequence[str]],
    has_file: Callable[[str], bool],
) -> tuple[list[Channel], list[Problem]]:
    """Every feed the plugin would make of these posts, which come newest first. `has_file`: the blog has a file of its
    own at a path, so that the plugin makes none.
    """
    work = _Channels(Fields(config.path, config.data, config.lines), posts)
    found = [*work.main(), *work.by_category(categories), *work.by_tag(tags)]
    return [one for one in found if not has_file(one.place.path)], work.config.problems


class _Channels:
    """The channels of one blog."""

    def __init__(self, config: Fields, posts: Sequence[Post]) -> None:
        self.config, self.posts, self.feed = config, tuple(posts), config.below("feed")
        self.of_posts = self.feed.below("collections").below("posts")

    def main(self) -> Iterator[Channel]:
        """The feed of all posts."""
        place = self.of_posts if self.of_posts.data.get("path") else self.feed
        yield from self._channel(place, "path", place.text("path") or "/feed.xml", self.posts)

    def by_category(self, categories: Callable[[Post], Sequence[str]]) -> Iterator[Channel]:
        """The feeds of the categories that are named."""
        place = self.of_posts if "categories" in self.of_posts.data else self.feed
        for name in place.words("categories"):
            posts = tuple(post for post in self.posts if name in categories(post))
            yield from self._channel(place, "categories", f"/feed/{name}.xml", posts, name=f"category {name}")

    def by_tag(self, tags: Callable[[Post], Sequence[str]]) -> Iterator[Channel]:
        """The feeds of tags, of all of them or of those that are named."""
        if not self.feed.data.get("tags"):
            return
        by_name: dict[str, list[Post]] = {}
        for post in self.posts:
            for name in tags(post):
                by_name.setdefault(name, []).append(post)
        place = self.feed.below("tags")
        only = place.words("only") if "only" in place.data else by_name
        out = place.words("except")
        folder = place.text("path") or _BY_TAG
        for name in only:
            if name in by_name and name not in out and _WORD.fullmatch(name):
                posts = tuple(by_name[name])
                yield from self._channel(place, "path", f"{folder}{name}.xml", posts, name=f"tag {name}")

    def _channel(
        self, place: Fields, key: str, path: str, posts: tuple[Post, ...], *, name: str = ""
    ) -> Iterator[Channel]:
        if wrong := places.wrong(path):
            place.complain(key, wrong, "warning", code="feed-address")
            return
        title = name.partition(" ")[2]
        line = place.lines.get(f"{place.prefix}{key}", 0)
        where = places.Place(places.plain(path), place.path, line)
        yield Channel(place=where, format="atom", posts=posts, name=name, title=title)
