"""OPML 2.0: all feeds of the site in one file for readers to import, grouped by language."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

if TYPE_CHECKING:
    from collections.abc import Iterable

    from feeds.model import Feed, Settings


_VERSIONS = {"atom": "ATOM1", "rss": "RSS2"}


def opml(feeds: Iterable[Feed], settings: Settings) -> bytes:
    """The list of feeds, each by its first document; a feed for all languages comes before the groups."""
    feeds = list(feeds)
    there = {feed.language.code for feed in feeds if feed.language}
    title = settings.title[there.pop() if len(there) == 1 else settings.default_language]
    root = Element("opml", version="2.0")
    SubElement(SubElement(root, "head"), "title").text = title
    body = SubElement(root, "body")
    groups = {
        code: SubElement(body, "outline", text=settings.title[code], title=settings.title[code])
        for code in settings.languages
        if any(feed.language and feed.language.code == code for feed in feeds)
    }
    for place, feed in enumerate(feeds):
        form, address = next(iter(feed.documents.items()))  # Atom if there is one
        outline = Element("outline", type="rss", text=feed.title, title=feed.title, xmlUrl=address, htmlUrl=feed.home)
        if form in _VERSIONS:
            outline.set("version", _VERSIONS[form])
        if feed.language:
            outline.set("language", feed.language.tag)
            groups[feed.language.code].append(outline)
        else:
            body.insert(place, outline)
    ElementTree.indent(root)
    data: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return data + b"\n"
