"""The feeds of hexo-generator-feed: one of all posts in each format that `feed` in `_config.yml` names.

The rules were checked against its versions 3.0 and 4.0, which read what is wrong alike: as if nothing was said.
"""

from __future__ import annotations

import posixpath
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from feeds import places
from feeds.model import Channel
from feeds.reader.fields import FALSE, Fields
from feeds.text import is_http

if TYPE_CHECKING:
    from collections.abc import Sequence

    from feeds.errors import Problem
    from feeds.model import Format, Post
    from feeds.reader.configuration import Findings

_KEYS = 8
"""Of `order_by`; nobody writes more."""
_FORMATS: dict[str, Format] = {"atom": "atom", "rss2": "rss"}


def find(config: Fields, found: Findings) -> None:
    """What `feed` says, in the words of `feeds.toml`; only what it does say."""
    feed = Fields(config.path, config.below("feed").data, config.lines, "feed.")
    if "limit" in feed.data:
        none = str(feed.data["limit"] or "").casefold() in FALSE
        found.put("feeds.limit", 0 if none else feed.number("limit"), "feed.limit")
    if "content" in feed.data and str(feed.data["content"] or "").casefold() in FALSE:
        found.put("feeds.content", "summary", "feed.content")
    if hub := feed.address("hub"):
        found.put("feeds.hubs", [hub], "feed.hub")
    icon = feed.text("icon")
    found.put("feeds.icon", icon if is_http(icon) or ":" not in icon else "", "feed.icon")
    config.problems += [replace(problem, severity="warning") for problem in feed.problems]


def channels(config: Fields, posts: Sequence[Post], home: str) -> tuple[list[Channel], list[Problem]]:
    """Every feed the plugin would make of these posts, which come newest first. `home` is the blog's address.

    Nothing is known of a feed that the blog has a template of its own for: so it stays where ours would lie.
    """
    own = Fields(config.path, config.data, config.lines)
    feed = own.below("feed")
    if not isinstance(config.data.get("feed"), dict) or ("enable" in feed.data and not feed.flag("enable")):
        return [], own.problems
    types, many = _types(feed.data.get("type"))
    found: list[Channel] = []
    order = tuple(_ordered(posts, feed.text("order_by") or "-date"))
    line = feed.lines.get("feed.path", feed.lines.get("feed", 0))
    for kind, path in zip(types, _paths(types, feed.data.get("path"), many=many), strict=True):
        if wrong := places.wrong(path):
            feed.complain("path", wrong, "warning", code="feed-address")
        elif not feed.data.get("template"):
            place = places.Place(places.plain(path), config.path, line)
            found.append(Channel(place=place, format=_FORMATS[kind], posts=order, id=home))
    return found, own.problems


def _types(said: Any) -> tuple[list[str], bool]:
    """The formats, and whether they are a list: then paths must be one too."""
    many = isinstance(said, list)
    kinds = [kind for kind in (said if many else [said]) if isinstance(kind, str) and kind in _FORMATS]
    return list(dict.fromkeys(kinds)) or ["atom"], many and bool(kinds)


def _paths(types: list[str], said: Any, *, many: bool) -> list[str]:
    """The path of each format, its own name for what is missing or of another type than `type`."""
    paths = [str(path) for path in said] if isinstance(said, list) else [said] if isinstance(said, str) and said else []
    paths = paths[: len(types)] if isinstance(said, list) is many else []
    paths += [f"{kind}.xml" for kind in types[len(paths) :]]
    return [path if posixpath.splitext(path)[1] else f"{path}.xml" for path in paths]


def _ordered(posts: Sequence[Post], order: str) -> list[Post]:
    """The posts by `order_by`: keys, each the other way round after a minus; where they are alike, as they come."""
    found = list(posts)
    for word in reversed(order.split()[:_KEYS]):
        found.sort(key=partial(_value, key=word.lstrip("-+")), reverse=word.startswith("-"))
    return found


def _value(post: Post, key: str) -> tuple[int, float, str]:
    """A value that can be compared with another of its key; without one, a post comes first."""
    said = {"date": post.published.timestamp(), "updated": post.updated.timestamp(), "title": post.title}.get(key)
    value = post.extra.get(key) if said is None else said
    if isinstance(value, (int, float)):
        return 1, float(value), ""
    return (2, 0.0, str(value)) if value is not None else (0, 0.0, "")
