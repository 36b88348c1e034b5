"""JSON Feed 1.1. Titles and summaries are plain text, only `content_html` is HTML."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from feeds.syndication.entries import once

if TYPE_CHECKING:
    from feeds.model import Author, Feed, Post, Site
    from feeds.rendered import Render, Rendered

VERSION = "https://jsonfeed.org/version/1.1"


def json_feed(feed: Feed, site: Site, render: Render) -> bytes:
    """The feed as a JSON Feed 1.1 document, readable by people too."""
    document = {
        "version": VERSION,
        "title": feed.title,
        "home_page_url": feed.home,
        "feed_url": feed.history.current["json"] if feed.history and feed.history.current else feed.documents["json"],
        "next_url": feed.history.previous.get("json", "") if feed.history else "",
        "icon": site.settings.feeds.logo or site.settings.feeds.icon,
        "favicon": site.settings.feeds.icon,
        "description": feed.description,
        "language": feed.language.tag if feed.language else None,
        "authors": [_author(feed.author)],
        "hubs": [{"type": "WebSub", "url": hub} for hub in feed.hubs],
        "items": [],
    }
    kept = {key: value for key, value in document.items() if value or key == "items"}
    empty = json.dumps(kept, ensure_ascii=False, indent=1).encode()
    items = [_written(post, render(post), site) for post in feed.posts]
    if not items:
        return empty + b"\n"
    return b"".join((empty.removesuffix(b"]\n}"), b"\n  ", b",\n  ".join(items), b"\n ]\n}\n"))


def _written(post: Post, text: Rendered, site: Site) -> bytes:
    """An item as it appears in a document, without the indentation before it."""

    def write() -> bytes:
        item = json.dumps(_item(post, text, site), ensure_ascii=False, indent=1, allow_nan=False)
        return item.replace("\n", "\n  ").encode()  # all line ends are the encoder's: in texts they are escaped

    return once(post, text, site, "json", write)


def _item(post: Post, text: Rendered, site: Site) -> dict[str, Any]:
    item = {
        "id": post.id,
        "url": post.url,
        "external_url": post.paper.link if post.paper else "",
        "title": post.title,
        "content_html": text.html if site.settings.feeds.content == "full" and not post.brief else "",
        "summary": text.summary,
        "image": post.image.src if post.image else "",
        "_image": _image(post) if post.image and post.image.type else {},
        "date_published": post.published.isoformat(),
        "date_modified": post.updated.isoformat() if post.updated != post.published else "",
        "authors": [_author(author) for author in post.authors],
        "tags": list(dict.fromkeys((*post.themes, *post.tags))),
        "language": post.language.tag,
        "_translations": {other.language.tag: other.url for other in site.translations(post)},
    }
    if not item["content_html"]:
        item["content_text"] = text.summary  # one of the two is required
    return {key: value for key, value in item.items() if value}


def _image(post: Post) -> dict[str, Any]:
    """What readers may want to know about the image before they fetch it."""
    image = post.image
    known = {"type": image.type, "width": image.width, "height": image.height, "alt": image.alt} if image else {}
    return {key: value for key, value in known.items() if value}


def _author(author: Author) -> dict[str, str]:
    return {key: value for key, value in (("name", author.name), ("url", author.url)) if value}
