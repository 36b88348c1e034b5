"""Atom 1.0 and RSS 2.0 through feedgen, whose surprises are all handled here (research: 29 of them).

Set on every feed and entry because feedgen would use the clock or its own name: `updated`, `lastBuildDate`,
`generator`, `docs`. One extension class for feeds and one for entries write what feedgen drops or cannot express: links
with all their attributes (feedgen 1.0.0 drops `rel` and `hreflang` of entry links), `xml:lang` of entries, labels of
categories, `dc:creator`, `dc:language`, hubs.

A post is in several feeds, and its entry has the same bytes in all of one format. So feedgen makes a channel without
entries, and each entry by itself; a document is put together from these, and entries are kept for the next one.

A translation is `rel="related"` with `hreflang`: with a second `alternate`, half of all readers open
the wrong language.
"""

from __future__ import annotations

from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING, Any

from feedgen.entry import FeedEntry
from feedgen.ext.base import BaseEntryExtension, BaseExtension
from feedgen.feed import FeedGenerator
from lxml.etree import Element, ProcessingInstruction, SubElement, tostring

from feeds.model import DOCUMENTS, OTHER, STYLESHEET
from feeds.syndication.entries import once

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from lxml.etree import _Element

    from feeds.model import Author, Feed, Format, Post, Site
    from feeds.rendered import Render, Rendered

GENERATOR = "feeds"

_RSS_PICTURES = (".png", ".jpg", ".jpeg", ".gif")
_ATOM = "{http://www.w3.org/2005/Atom}"
_DC = "http://purl.org/dc/elements/1.1/"
_MEDIA = "http://search.yahoo.com/mrss/"
_HISTORY = "http://purl.org/syndication/history/1.0"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_CONTENT = "http://purl.org/rss/1.0/modules/content/"
_PREFIXES = {"atom": _ATOM[1:-1], "content": _CONTENT, "dc": _DC, "media": _MEDIA}
"""Namespaces of entries; a document declares the ones in use."""


def atom(feed: Feed, site: Site, render: Render, written: Mapping[str, bytes] | None = None) -> bytes:
    """The feed as an Atom 1.0 document. `written` are entries that are there already, by id."""
    channel = _channel(feed, site, "atom").atom_str(pretty=False)
    return _document(channel, b"</feed>", feed, site, render, "atom", written or {})


def rss(feed: Feed, site: Site, render: Render) -> bytes:
    """The feed as an RSS 2.0 document."""
    return _document(
        _channel(feed, site, "rss").rss_str(pretty=False), b"</channel></rss>", feed, site, render, "rss", {}
    )


def _document(
    channel: bytes,
    end: bytes,
    feed: Feed,
    site: Site,
    render: Render,
    form: Format,
    written: Mapping[str, bytes],
) -> bytes:
    """A channel with the entries of the feed inserted before its end."""
    entries = [written.get(post.id) or entry(post, render(post), site, form) for post in feed.posts]
    return b"".join((channel.removesuffix(end), *entries, end, b"\n"))


def entry(post: Post, text: Rendered, site: Site, form: Format) -> bytes:
    """An entry as it appears in every document of that format, with namespaces undeclared."""
    return once(post, text, site, form, lambda: _new_entry(post, text, site, form))


def _new_entry(post: Post, text: Rendered, site: Site, form: Format) -> bytes:
    """An entry. Its text is most of it and the same in all formats: feedgen writes a marker, which is replaced by the
    text, escaped once.
    """
    full = site.settings.feeds.content == "full" and not post.brief and text.html
    if full:
        before, mark, after = _written(post, text, site, form, _MARK).partition(_MARK.encode())
        if mark and _MARK.encode() not in before + after:
            return before + _escaped(full) + after
    return _written(post, text, site, form, full or "")


_MARK = "\ufdd0"
"""A noncharacter (Unicode 23.7), which XML accepts. An entry that contains it elsewhere is written in one go."""


def _written(post: Post, text: Rendered, site: Site, form: Format, html: str) -> bytes:
    """An entry with that text, as feedgen makes it; the element around it declares the namespaces."""
    root = Element("all", nsmap=_PREFIXES)
    entry = _filled(post, text, site, form, html)
    root.append(entry.atom_entry() if form == "atom" else entry.rss_entry())
    written: bytes = tostring(root, encoding="UTF-8", xml_declaration=False)
    return written[written.index(b">") + 1 : -len(b"</all>")]


@lru_cache(64)
def _escaped(text: str) -> bytes:
    """A text escaped for XML. lxml does it: three `replace` calls in Python take longer."""
    element = Element("e")
    element.text = text
    written: bytes = tostring(element, encoding="UTF-8", xml_declaration=False)
    return written[len(b"<e>") : -len(b"</e>")]


def entry_links(post: Post, site: Site) -> list[dict[str, str]]:
    """Atom links of an entry: its page, the paper, its translations. Only one `alternate`."""
    links = [{"rel": "alternate", "type": "text/html", "hreflang": post.language.tag, "href": post.url}]
    if post.paper and post.paper.link:
        links.append({"rel": "via", "href": post.paper.link} | _title(post.paper.title))
    for other in site.translations(post):
        kind = {"rel": "related", "type": "text/html", "hreflang": other.language.tag, "href": other.url}
        links.append(kind | _title(other.title))
    return links


def _title(text: str) -> dict[str, str]:
    return {"title": text} if text else {}


def _channel(feed: Feed, site: Site, form: Format) -> Any:
    """The feed without its entries."""
    channel = FeedGenerator()
    channel.register_extension("house", _FeedExtension)
    channel.house.feed, channel.house.form = feed, form
    channel.house.stylesheet = f"{site.settings.url}{STYLESHEET}" if site.settings.feeds.pages else ""
    channel.id(feed.id or feed.documents.get("atom") or feed.home)
    channel.title(feed.title)
    channel.description(feed.description or feed.title)
    channel.author(name=feed.author.name, email=feed.author.email or None, uri=feed.author.url or None)
    channel.updated(feed.updated)
    channel.lastBuildDate(feed.updated)
    channel.generator(GENERATOR)
    channel.docs("https://www.rssboard.org/rss-specification")
    options = site.settings.feeds
    if feed.rights:
        channel.rights(feed.rights)
    if form == "atom":
        channel.icon(options.icon or None)
        channel.logo(options.logo or None)
    elif picture := next((one for one in (options.logo, options.icon) if one.endswith(_RSS_PICTURES)), ""):
        channel.image(url=picture, title=feed.title, link=feed.home)  # the profile requires both to match the channel
    channel.link(href=feed.home)  # RSS takes the last link given as the channel's, so this is the only one
    if feed.language:
        channel.language(feed.language.tag)
    return channel


def _filled(post: Post, text: Rendered, site: Site, form: Format, html: str) -> Any:
    entry = FeedEntry()
    entry.register_extension("house", _EntryExtension)
    entry.house.post, entry.house.site = post, site
    entry.guid(post.id, permalink=post.id == post.url)
    entry.title(post.title)
    if form == "rss" or not html:  # feedgen wants an Atom link only where there is no text; the extension writes all
        entry.link(href=post.url)
    entry.published(post.published)
    entry.updated(post.updated)
    if form == "atom":
        entry.summary(text.summary)
    else:
        entry.description(escape(text.summary, quote=False))  # readers treat it as HTML, so words must not look like it
    if html:
        entry.content(html, type="html")
    return entry


def categories(post: Post, site: Site) -> list[tuple[str, str, str]]:
    """(term, label, scheme) of each theme and tag; the scheme tells the two apart."""
    themes, tags = f"{site.settings.url}#themes", f"{site.settings.url}#tags"
    titles, code = site.settings.themes, post.language.code
    found = [(theme, titles[theme].titles[code], themes) for theme in post.themes if theme != OTHER]
    return found + [(tag, tag, tags) for tag in post.tags]


class _FeedExtension(BaseExtension):  # type: ignore[misc]  # feedgen is untyped
    """What feedgen cannot express in a feed."""

    feed: Feed
    form: Format
    stylesheet: str

    def extend_ns(self) -> dict[str, str]:
        media = {"media": _MEDIA} if any(post.image for post in self.feed.posts) else {}
        if self.form == "rss":
            return {"dc": _DC, **media}
        return {"fh": _HISTORY, **media} if self.feed.history else media

    def extend_atom(self, root: _Element) -> _Element:
        _styled(root, self.stylesheet)
        # feedgen writes Atom elements without a namespace and declares it as an attribute, so these go without too.
        for link in root.findall("link"):
            root.remove(link)
        place = root.index(root.find("updated")) + 1
        for offset, link in enumerate(self._links()):
            element = SubElement(root, "link", link)
            root.insert(place + offset, element)
        if self.feed.history and self.feed.history.current:
            SubElement(root, f"{{{_HISTORY}}}archive")
        return root

    def extend_rss(self, root: _Element) -> _Element:
        _styled(root, self.stylesheet)
        channel = root[0]
        for link in self._links():
            if link["rel"] != "alternate":
                SubElement(channel, f"{_ATOM}link", link)
        return root

    def _links(self) -> list[dict[str, str]]:
        media_type = DOCUMENTS[self.form][1]
        links = [
            {"rel": "self", "type": media_type, "href": self.feed.documents[self.form]},
            {"rel": "alternate", "type": "text/html", "href": self.feed.home},
        ]
        history = self.feed.history if self.form == "atom" else None
        neighbours = {"current": history.current, "prev-archive": history.previous} if history else {}
        links += [
            {"rel": rel, "type": media_type, "href": documents["atom"]}
            for rel, documents in neighbours.items()
            if "atom" in documents
        ]
        return links + [{"rel": "hub", "href": hub} for hub in self.feed.hubs]


class _EntryExtension(BaseEntryExtension):  # type: ignore[misc]  # feedgen is untyped
    """What feedgen drops or cannot express in an entry."""

    post: Post
    site: Site

    def extend_atom(self, entry: _Element) -> _Element:
        entry.set(_LANG, self.post.language.tag)
        for link in entry.findall("link"):
            entry.remove(link)
        for link in entry_links(self.post, self.site):
            SubElement(entry, "link", link)
        for author in self._authors():  # on every entry: not all readers look at the feed for it
            person = SubElement(entry, "author")
            SubElement(person, "name").text = author.name
            for name, value in (("email", author.email), ("uri", author.url)) if self.post.authors else ():
                if value:
                    SubElement(person, name).text = value
        for term, label, scheme in categories(self.post, self.site):
            SubElement(entry, "category", term=term, label=label, scheme=scheme)
        _picture(entry, self.post)
        entry.tail = "\n"
        return entry

    def extend_rss(self, item: _Element) -> _Element:
        for author in self._authors():
            SubElement(item, f"{{{_DC}}}creator").text = author.name
        SubElement(item, f"{{{_DC}}}language").text = self.post.language.tag
        for _, label, scheme in categories(self.post, self.site):
            SubElement(item, "category", domain=scheme).text = label
        for link in entry_links(self.post, self.site):
            if link["rel"] != "alternate":
                SubElement(item, f"{_ATOM}link", link)
        if self.post.updated != self.post.published:
            SubElement(item, f"{_ATOM}updated").text = rfc3339(self.post.updated)
        _picture(item, self.post)
        item.tail = "\n"
        return item

    def _authors(self) -> tuple[Author, ...]:
        return self.post.authors or (self.site.settings.author[self.post.language.code],)


def _styled(root: _Element, address: str) -> None:
    """Asks browsers to style the feed with our stylesheet, if there is one; CSS, since browsers are dropping XSLT."""
    if address:
        root.addprevious(ProcessingInstruction("xml-stylesheet", f'type="text/css" href="{escape(address)}"'))


def _picture(entry: _Element, post: Post) -> None:
    """The post's image as Media RSS: readers show the thumbnail, or use the content with its type and size."""
    image = post.image
    if image:
        size = {"width": str(image.width), "height": str(image.height)} if image.width and image.height else {}
        kind = {"type": image.type} if image.type else {}
        SubElement(entry, f"{{{_MEDIA}}}content", {"url": image.src, "medium": "image", **kind, **size})
        SubElement(entry, f"{{{_MEDIA}}}thumbnail", {"url": image.src, **size})


def rfc3339(moment: datetime) -> str:
    """RFC 3339 with `Z` for UTC, as RFC 4287 section 3.3 shows it."""
    return moment.isoformat().removesuffix("+00:00") + ("Z" if not moment.utcoffset() else "")
