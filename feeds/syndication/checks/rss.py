"""What is wrong with an RSS 2.0 document, by the RSS Advisory Board's profile; its anchors name the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feeds.syndication.checks import atom, forms

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lxml.etree import _Element

_PROFILE = "RSS profile, "
_DC = "{http://purl.org/dc/elements/1.1/}"
_ENCODED = "{http://purl.org/rss/1.0/modules/content/}encoded"

_RSS = forms.Shape("the document", f"{_PROFILE}element-rss", "channel")
_CHANNEL = forms.Shape(
    "the channel",
    f"{_PROFILE}element-channel",
    "title link description",
    "cloud copyright docs generator image language lastBuildDate managingEditor pubDate rating skipDays skipHours "
    "textInput ttl webMaster",
    "category item",
)
_ITEM = forms.Shape(
    "the item",
    f"{_PROFILE}element-channel-item",
    "",
    "author comments description enclosure guid link pubDate source title",
    "category",
)
_IMAGE = forms.Shape("the image", f"{_PROFILE}element-channel-image", "url title link", "width height description")

_VALUES: Mapping[str, tuple[forms.Form, str]] = {
    "title": (forms.title, f"{_PROFILE}data-types-characterdata"),
    "category": (forms.title, f"{_PROFILE}data-types-characterdata"),
    "link": (forms.web, f"{_PROFILE}data-types-url"),
    "comments": (forms.web, f"{_PROFILE}data-types-url"),
    "docs": (forms.web, f"{_PROFILE}data-types-url"),
    "pubDate": (forms.rfc822, f"{_PROFILE}data-types-datetime"),
    "lastBuildDate": (forms.rfc822, f"{_PROFILE}data-types-datetime"),
    "author": (forms.contact, f"{_PROFILE}data-types-email"),
    "managingEditor": (forms.contact, f"{_PROFILE}data-types-email"),
    "webMaster": (forms.contact, f"{_PROFILE}data-types-email"),
    "language": (forms.language, f"{_PROFILE}element-channel-language"),
    f"{_DC}language": (forms.language, f"{_PROFILE}element-channel-language"),
    f"{_DC}creator": (forms.filled, f"{_PROFILE}namespace-elements-dublin-creator"),
    f"{atom.ATOM}updated": (forms.rfc3339, "RFC 4287 section 4.2.15"),
}


def document(rss: _Element) -> Iterator[tuple[str, str]]:
    """An RSS document, as (message, guid of the item)."""
    look = atom.marked(rss)
    for message in _RSS.check(atom.names(atom.children_of(rss))):
        yield message, ""
    if rss.get("version") != "2.0":
        yield f"the version is not 2.0; {_PROFILE}element-rss", ""
    for channel in rss.iterchildren("channel"):
        children = atom.children_of(channel)
        for message in _channel(channel, children, look):
            yield message, ""
        seen = set()
        for name, item in children:
            if name != "item":
                continue
            key = item.findtext("guid") or ""
            if key in seen:
                yield f"another item has the guid {forms.quoted(key)}; {_PROFILE}element-channel-item-guid", key
            seen.add(key or item)
            for message in _item(item, look):
                yield message, key or item.findtext("link") or ""


def _channel(channel: _Element, children: atom.Children, look: bool) -> Iterator[str]:
    by_rel = atom.links_of(children)
    yield from _CHANNEL.check(atom.names(children))
    yield from atom.values(children, _VALUES)
    if look:
        yield from atom.common(atom.without(channel, "item"))
    yield from atom.links(by_rel)
    yield from atom.place(channel, by_rel, f"{_PROFILE}namespace-elements-atom-link")
    for image in channel.iterchildren("image"):
        yield from _image(image, channel)


def _image(image: _Element, channel: _Element) -> Iterator[str]:
    yield from _IMAGE.check(atom.names(atom.children_of(image)))
    for name in ("title", "link"):
        if image.findtext(name, channel.findtext(name)) != channel.findtext(name):
            yield f"the image's {name} differs from the channel's; {_PROFILE}element-channel-image-{name}"
    for url in image.iterchildren("url"):
        yield from forms.check("the image's url", url.text or "", forms.web, f"{_PROFILE}data-types-url")
    for name, most in (("width", 144), ("height", 400)):
        size = image.findtext(name)
        if size is not None and (forms.count(size) or not 0 < int(size[:9]) <= most):
            yield f"the image's {name} is not between 1 and {most}; {_PROFILE}element-channel-image-{name}"


def _item(item: _Element, look: bool) -> Iterator[str]:
    """`look`: whether the document contains languages or bases worth reading."""
    children = atom.children_of(item)
    by_rel, first = atom.links_of(children), dict(reversed(children))
    yield from _ITEM.check(atom.names(children))
    yield from atom.values(children, _VALUES)
    if look:
        yield from atom.common(item.iter("*"))
    yield from atom.links(by_rel)
    yield from atom.no_pages(by_rel)
    if "title" not in first and "description" not in first:
        yield f"the item has neither title nor description; {_PROFILE}element-channel-item"
    yield from _guid(first.get("guid"))
    yield from _html(atom.names(children), first)
    for source in item.iterchildren("source") if "source" in first else ():
        yield from forms.check("source url", source.get("url", ""), forms.web, f"{_PROFILE}element-channel-item-source")
    for enclosure in item.iterchildren("enclosure") if "enclosure" in first else ():
        for name, form in (("url", forms.web), ("length", forms.count), ("type", forms.media_type)):
            value = enclosure.get(name, "")
            yield from forms.check(f"enclosure {name}", value, form, f"{_PROFILE}element-channel-item-enclosure")


def _html(names: list[str], first: Mapping[str, _Element]) -> Iterator[str]:
    """Summary and text: both are HTML, and the summary comes first."""
    description = (first["description"].text or "") if "description" in first else ""
    yield from forms.check("<description>", description, forms.markup, f"{_PROFILE}element-channel-item-description")
    yield from forms.check_html("<description>", description, f"{_PROFILE}data-types-url")
    if _ENCODED in first:
        text = first[_ENCODED].text or ""
        yield from forms.check_html("<content:encoded>", text, f"{_PROFILE}data-types-url")
        if "description" not in names[: names.index(_ENCODED)]:
            yield f"no <description> before <content:encoded>; {_PROFILE}namespace-elements-content-encoded"
        if names.count(_ENCODED) > 1:
            yield f"the item has two <content:encoded>; {_PROFILE}namespace-elements-content-encoded"


def _guid(guid: _Element | None) -> Iterator[str]:
    source = f"{_PROFILE}element-channel-item-guid"
    if guid is None or not (guid.text or "").strip():
        yield f"the item has no guid; {source}"
    permalink = "true" if guid is None else guid.get("isPermaLink", "true")
    if permalink not in ("true", "false"):
        yield f"isPermaLink is {forms.quoted(permalink)}, neither true nor false; {source}"
    elif permalink == "true" and guid is not None and guid.text:
        yield from forms.check("a guid that is a permalink,", guid.text, forms.web, source)
