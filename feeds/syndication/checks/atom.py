"""What is wrong with an Atom document, by RFC 4287; and with the links and history of any XML feed, by RFC 5005.

`feed_document` and `entry_document` give (message, id of the entry), all others messages.

Asking an lxml element costs more than asking a string, so an element's children are read once, as `Children`, and its
links, as `Links`; all other functions ask these.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, TypeAlias

from lxml.etree import XPath

from feeds.syndication.checks import forms
from feeds.text import expression

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from lxml.etree import _Element

Children: TypeAlias = "list[tuple[str, _Element]]"
"""The elements directly inside an element, each with its name."""

Links: TypeAlias = dict[str, list[dict[str, str]]]
"""The attributes of Atom links by relation."""

ATOM = "{http://www.w3.org/2005/Atom}"
PAGES = frozenset(("current", "first", "last", "next", "next-archive", "prev-archive", "previous"))
"""The relations of RFC 5005, which lead from feed to feed."""

_BASES = XPath("boolean(//@xml:base)")
_LANGUAGES = XPath("//@xml:lang", smart_strings=False)
_HISTORY = "{http://purl.org/syndication/history/1.0}"
_XHTML = "{http://www.w3.org/1999/xhtml}"
_BASE = "{http://www.w3.org/XML/1998/namespace}base"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_BASE64 = expression(r"[A-Za-z0-9+/\s]*+[=\s]*+")
_IANA = "http://www.iana.org/assignments/relation/"
_USUAL = frozenset(("alternate", "current", "hub", "prev-archive", "related", "self", "via"))
"""The relations we write ourselves."""

_REGISTERED = expression(  # IANA's registry of link relations, as far as feeds use it
    "about|alternate|appendix|archives|author|bookmark|canonical|chapter|collection|contents|copyright|current|"
    "describedby|edit|edit-media|enclosure|first|glossary|help|hub|icon|index|item|last|latest-version|license|next|"
    "next-archive|original|payment|predecessor-version|preview|prev|prev-archive|previous|privacy-policy|related|"
    "replies|search|section|self|service|start|stylesheet|subsection|successor-version|tag|terms-of-service|up|"
    "version-history|via|working-copy|working-copy-of"
)

_FEED_MOST, _FEED_MANY = "generator icon logo rights subtitle", "author category contributor link"
_FEED = forms.Shape("the feed", "RFC 4287 section 4.1.1", "id title updated", _FEED_MOST, f"{_FEED_MANY} entry", ATOM)
_SOURCE = forms.Shape("the source", "RFC 4287 section 4.2.11", "id title updated", _FEED_MOST, _FEED_MANY, ATOM)
_ENTRY = forms.Shape(
    "the entry",
    "RFC 4287 section 4.1.2",
    "id title updated",
    "content published rights source summary",
    "author category contributor link",
    ATOM,
)
_PERSON = forms.Shape("the person", "RFC 4287 section 3.2", "name", "uri email", namespace=ATOM)

_VALUES: Mapping[str, tuple[forms.Form, str]] = {
    f"{ATOM}id": (forms.iri, "RFC 4287 section 4.2.6"),
    f"{ATOM}updated": (forms.rfc3339, "RFC 4287 sections 3.3 and 4.2.15"),
    f"{ATOM}published": (forms.rfc3339, "RFC 4287 sections 3.3 and 4.2.9"),
    f"{ATOM}icon": (forms.iri, "RFC 4287 section 4.2.5"),
    f"{ATOM}logo": (forms.iri, "RFC 4287 section 4.2.8"),
    f"{ATOM}name": (forms.title, "RFC 4287 section 3.2.1"),
    f"{ATOM}uri": (forms.iri, "RFC 4287 section 3.2.2"),
    f"{ATOM}email": (forms.mail, "RFC 4287 section 3.2.3"),
}
_LINK = f"{ATOM}link"
_ATTRIBUTES: Mapping[str, tuple[tuple[str, forms.Form, str], ...]] = {
    f"{ATOM}category": (
        ("scheme", forms.iri, "4.2.2.2"),
        ("label", forms.title, "4.2.2.3"),
    ),
    f"{ATOM}generator": (("uri", forms.iri, "4.2.4"),),
    _LINK: (
        ("type", forms.media_type, "4.2.7.3"),
        ("hreflang", forms.language, "4.2.7.4"),
        ("title", forms.title, "4.2.7.5"),
        ("length", forms.count, "4.2.7.6"),
    ),
}


def children_of(parent: _Element) -> Children:
    """The children of an element."""
    return [(child.tag, child) for child in parent.iterchildren("*")]


def names(children: Children) -> list[str]:
    """The names of the children."""
    return [name for name, _ in children]


def values(children: Children, rules: Mapping[str, tuple[forms.Form, str]]) -> Iterator[str]:
    """The values of children, each checked by the form for its name."""
    for name, child in children:
        if name in rules:
            form, source = rules[name]
            text = child.text or ""
            if wrong := form(text):
                yield forms.message(f"<{name.rpartition('}')[2]}>", text, wrong, source)


def marked(root: _Element) -> bool:
    """Whether `common` has anything to check in the document: asking about all elements at once costs nothing."""
    return bool(_BASES(root)) or any(tag and forms.language(tag) for tag in set(_LANGUAGES(root)))


def common(elements: Iterable[_Element]) -> Iterator[str]:
    """`xml:lang` and `xml:base` wherever they are; an empty language cancels the outer one and is valid."""
    for element in elements:
        tag = element.get(_LANG)
        if tag:
            yield from forms.check("xml:lang", tag, forms.language, "RFC 4287 section 2; RFC 5646 section 2.1")
        base = element.get(_BASE)
        if base is not None:
            yield from forms.check("xml:base", base, forms.iri, "RFC 4287 section 2")


def without(parent: _Element, entry: str) -> Iterator[_Element]:
    """A feed with everything in it except its entries."""
    yield parent
    for child in parent.iterchildren("*"):
        if child.tag != entry:
            yield from child.iter("*")


def links_of(children: Children) -> Links:
    """The Atom links among the children; a registered relation may be written as a URL."""
    found: Links = {}
    for name, child in children:
        if name == _LINK:
            link = dict(child.items())
            found.setdefault(link.get("rel", "alternate").removeprefix(_IANA), []).append(link)
    return found


def links(by_rel: Links) -> Iterator[str]:
    """Each Atom link by itself, and no two pages with the same type and language (sections 4.1.1 and 4.1.2)."""
    for rel, found in by_rel.items():
        if rel not in _USUAL and not _REGISTERED.fullmatch(rel) and forms.iri(rel):
            yield f"the relation {forms.quoted(rel)} is neither registered nor a URL; RFC 4287 section 4.2.7.2"
        for link in found:
            address = link.get("href", "")
            if wrong := forms.iri(address):
                yield f"href of rel={rel} {forms.quoted(address)} {wrong}; RFC 4287 section 4.2.7.1"
            yield from _attributes(_LINK, link, f" of rel={rel}")
    if len(by_rel.get("alternate", ())) > 1:
        yield from _pages(by_rel["alternate"])


def _pages(alternates: Iterable[Mapping[str, str]]) -> Iterator[str]:
    pages = Counter((link.get("type", "").lower(), link.get("hreflang", "").lower()) for link in alternates)
    for (kind, tag), count in pages.items():
        if count > 1:
            yield f'{count} alternate links have type "{kind}" and hreflang "{tag}"; RFC 4287 sections 4.1.1 and 4.1.2'


def _attributes(element: str, attributes: Mapping[str, str], of: str = "") -> Iterator[str]:
    for name, form, section in _ATTRIBUTES.get(element, ()):
        if name in attributes and (wrong := form(attributes[name])):
            yield forms.message(f"{name}{of}", attributes[name], wrong, f"RFC 4287 section {section}")


def place(feed: _Element, by_rel: Links, source: str) -> Iterator[str]:
    """A feed's links about itself: exactly one to itself, and its place in the full history."""
    count = len(by_rel.get("self", ()))
    if count != 1:
        yield f"the feed has {count or 'no'} links with rel=self, not one; {source}; WebSub section 4"
    for rel in sorted(PAGES & by_rel.keys()):
        if len(by_rel[rel]) > 1:
            yield f"the feed has {len(by_rel[rel])} links with rel={rel}; RFC 5005 sections 3 and 4"
    complete, archive = (feed.find(_HISTORY + name) is not None for name in ("complete", "archive"))
    if complete and archive:
        yield "the feed is both complete and an archive; RFC 5005 section 2"
    for rel in sorted((PAGES - {"current"}) & by_rel.keys()) if complete else ():
        yield f"a complete feed has a link with rel={rel}; RFC 5005 section 2"
    if archive and "current" not in by_rel:
        yield "an archive has no link with rel=current; RFC 5005 section 4"


def no_pages(by_rel: Links) -> Iterator[str]:
    """The relations of RFC 5005 are only for feeds."""
    for rel in sorted(PAGES & by_rel.keys()):
        yield f"a link in an entry has rel={rel}, which is for feeds only; RFC 5005 sections 3 and 4"


def feed_document(feed: _Element) -> Iterator[tuple[str, str]]:
    """An Atom Feed Document."""
    look = marked(feed)
    children = children_of(feed)
    for message in _feed(feed, children, look):
        yield message, ""
    authored = feed.find(f"{ATOM}author") is not None
    seen = {feed.findtext(f"{ATOM}id"): "the feed has"}
    for name, entry in children:
        if name != f"{ATOM}entry":
            continue
        key = entry.findtext(f"{ATOM}id") or ""
        if key and key in seen:
            yield f"{seen[key]} the same id {forms.quoted(key)}; RFC 4287 sections 4.1.1 and 4.2.6", key
        seen.setdefault(key, "another entry has")
        key = key or next((link.get("href", "") for link in entry.iterfind(_LINK)), "")
        for message in _entry(entry, authored, look):
            yield message, key


def entry_document(entry: _Element) -> Iterator[tuple[str, str]]:
    """An entry that is a document by itself (RFC 4287 section 2)."""
    for message in _entry(entry, authored=False, look=marked(entry)):
        yield message, entry.findtext(f"{ATOM}id") or ""


def _feed(feed: _Element, children: Children, look: bool) -> Iterator[str]:
    by_rel = links_of(children)
    yield from _FEED.check(names(children))
    yield from _metadata(children, by_rel)
    if look:
        yield from common(without(feed, f"{ATOM}entry"))
    yield from place(feed, by_rel, "RFC 4287 section 4.1.1")


def _entry(entry: _Element, authored: bool, look: bool) -> Iterator[str]:
    """`look`: whether the document contains languages or bases worth reading."""
    children = children_of(entry)
    by_rel, first = links_of(children), dict(reversed(children))
    yield from _ENTRY.check(names(children))
    yield from _metadata(children, by_rel)
    if look:
        yield from common(entry.iter("*"))
    yield from no_pages(by_rel)
    source, content = first.get(f"{ATOM}source"), first.get(f"{ATOM}content")
    if source is not None:
        inside = children_of(source)
        yield from _SOURCE.check(names(inside))
        yield from _metadata(inside, links_of(inside))
    if not authored and f"{ATOM}author" not in first and entry.find(f"{ATOM}source/{ATOM}author") is None:
        yield "neither the entry nor the feed has an author; RFC 4287 section 4.1.2"
    if content is not None:
        yield from _content(content, summary=f"{ATOM}summary" in first)
    elif "alternate" not in by_rel:
        yield "the entry has neither content nor an alternate link; RFC 4287 section 4.1.2"


def _metadata(children: Children, by_rel: Links) -> Iterator[str]:
    """What feeds, entries and sources share."""
    yield from values(children, _VALUES)
    yield from links(by_rel)
    for tag, child in children:
        name = tag.removeprefix(ATOM)
        if name in ("title", "subtitle", "rights", "summary"):
            yield from _construct(child, name)
        elif name in ("author", "contributor"):
            inside = children_of(child)
            yield from _PERSON.check(names(inside))
            yield from values(inside, _VALUES)
        elif name == "category":
            attributes = dict(child.items())
            if wrong := forms.filled(attributes.get("term", "")):
                yield f"category term {forms.quoted(attributes.get('term', ''))} {wrong}; RFC 4287 section 4.2.2.1"
            yield from _attributes(tag, attributes)
        elif name == "generator":
            yield from _attributes(tag, dict(child.items()), " of <generator>")


def _construct(element: _Element, name: str) -> Iterator[str]:
    """Text, escaped HTML, or one div of XHTML (RFC 4287 section 3.1)."""
    kind, text = element.get("type", "text"), element.text or ""
    if name == "title" and not text.strip() and not "".join(element.itertext()).strip():
        yield "the title is empty; RFC 4287 section 4.2.14"
    if kind == "xhtml":
        yield from _xhtml(element, name)
        return
    if kind not in ("text", "html"):
        yield f"<{name}> has the invalid type {forms.quoted(kind)}; RFC 4287 section 3.1.1"
    if len(element):
        yield f"<{name}> of type {kind} contains elements; RFC 4287 section 3.1.1"
    elif kind == "html":
        yield from forms.check_html(f"<{name}>", text, "RFC 4287 section 3.1.1.2")
    else:
        wrong = forms.prose(text) if name in ("summary", "content") else forms.plain(text)
        if wrong:
            yield forms.message(f"<{name}> of type text", text, wrong, "RFC 4287 section 3.1.1.1")


def _xhtml(element: _Element, name: str) -> Iterator[str]:
    inside = list(element.iterchildren("*"))
    outside = (element.text or "") + "".join(child.tail or "" for child in inside)
    if [child.tag for child in inside] != [f"{_XHTML}div"] or outside.strip():
        yield f"<{name}> of type xhtml is not a single XHTML div; RFC 4287 section 3.1.1.3"
    for child in element.iterdescendants("*"):
        space, _, tag = child.tag.rpartition("}")
        if not space:
            yield f"<{tag}> in <{name}> has no namespace; RFC 4287 section 3.1.1.3"
        for wrong in forms.tag(tag, child.attrib.items()):
            yield f"<{name}> {wrong}; RFC 4287 section 8.1"


def _content(content: _Element, *, summary: bool) -> Iterator[str]:
    """Content here or elsewhere, text or any other type (RFC 4287 section 4.1.3)."""
    kind, address = content.get("type", "text"), content.get("src")
    word = kind in ("text", "html", "xhtml")
    media = kind.lower().partition(";")[0].strip()
    if not summary and (address is not None or not (word or media.startswith("text/") or _is_xml(media))):
        yield "external or base64 content needs a <summary>; RFC 4287 section 4.1.2"
    if not word and (forms.media_type(kind) or media.startswith(("multipart/", "message/"))):
        yield f"<content> has the invalid type {forms.quoted(kind)}; RFC 4287 section 4.1.3.1"
    elif address is not None:
        yield from forms.check("src of <content>", address, forms.iri, "RFC 4287 section 4.1.3.2")
        if len(content) or (content.text or "").strip():
            yield "<content> with src is not empty; RFC 4287 section 4.1.3.2"
        if word and content.get("type"):
            yield f"<content> with src has the type {kind}, which is not a media type; RFC 4287 section 4.1.3.2"
    elif word:
        yield from _construct(content, "content")
    else:
        yield from _inline(content, media)


def _inline(content: _Element, media: str) -> Iterator[str]:
    """Content of a media type: one element of XML, text, or base64 (RFC 4287 section 4.1.3.3)."""
    text = content.text or ""
    if _is_xml(media):
        if len(content) != 1 or (text + (content[0].tail or "")).strip():
            yield f"<content> of type {media} is not a single element; RFC 4287 section 4.1.3.3"
    elif len(content):
        yield f"<content> of type {media} contains elements; RFC 4287 section 4.1.3.3"
    elif media == "text/html":
        wrong = "<content> of type text/html would be a whole page; for a piece of HTML, use type html"
        yield f"{wrong}; RFC 4287 section 4.1.3.3"
        yield from forms.check_html("<content>", text, "RFC 4287 section 4.1.3.3")
    elif not media.startswith("text/") and not _BASE64.fullmatch(text):
        yield f"<content> of type {media} is not base64; RFC 4287 section 4.1.3.3"


def _is_xml(media: str) -> bool:
    return media.endswith(("+xml", "/xml"))
