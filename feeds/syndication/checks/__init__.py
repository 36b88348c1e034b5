"""What is wrong with a finished document, before anyone gets it: Atom, RSS, JSON Feed, OPML by their specifications.

The rules are those of the standards and, where readers are stricter, of the readers: every URL is absolute, since
hardly any reader resolves `xml:base`, and HTML contains nothing that a reader would strip. A message ends with the
rule's source: "RSS profile" is the RSS Advisory Board's, by its anchor names. No input makes these functions raise, and
their time is linear in its size.
"""

from __future__ import annotations

import json
from codecs import utf_8_decode
from typing import TYPE_CHECKING, Any, NamedTuple

from lxml import etree

from feeds.syndication.checks import atom, forms, rss
from feeds.text import bytes_expression, expression

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from feeds.errors import Severity

_PIECE = 16_384
_DECLARATION = b"<?xml version='1.0' encoding='UTF-8'?>"
_DECLARED = bytes_expression(rb"(?:\xef\xbb\xbf)?<\?xml[^>]*?\sencoding\s*=\s*[\"']([^\"'>]*)")
_ORDINARY = expression(r"[^\\]*+(?:\\[\"\\/nrt][^\\]*+)*+")
"""JSON without `\\b`, `\\f` and `\\u`, the only way for it to contain control characters."""

_FORBIDDEN = expression("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_EXTENSION = expression(r"_[A-Za-z][^.]*")


def _keys(text: str, lists: str) -> dict[str, type]:
    return dict.fromkeys(text.split(), str) | dict.fromkeys(lists.split(), list)


_VERSION = "https://jsonfeed.org/version/1.1"
_FORMS: Mapping[str, forms.Form] = dict.fromkeys(
    ("home_page_url", "feed_url", "next_url", "icon", "favicon", "url", "external_url", "image", "banner_image"),
    forms.web,
) | {
    "title": forms.title,
    "summary": forms.prose,
    "language": forms.language,
    "date_published": forms.rfc3339,
    "date_modified": forms.rfc3339,
}
_TOP = "JSON Feed 1.1, top-level"
_ITEMS = "JSON Feed 1.1, items"
_ATTACHMENTS = "JSON Feed 1.1, attachments"
_FEED_KEYS = _keys(
    text="version title home_page_url feed_url description user_comment next_url icon favicon language",
    lists="authors hubs items",
) | {"expired": bool, "author": dict}
_ITEM_KEYS = _keys(
    text="id url external_url title content_html content_text summary image banner_image date_published date_modified "
    "language",
    lists="authors tags attachments",
) | {"author": dict}
_TYPES = {str: "text", list: "a list", dict: "an object", bool: "true or false"}


class Finding(NamedTuple):
    """A broken rule: what is wrong and where the rule is written; `entry` is the entry's id, "" for the feed itself.

    A warning breaks no rule: plain text that looks like HTML, and may be meant as HTML.
    """

    message: str
    entry: str = ""
    severity: Severity = "error"


def findings(name: str, data: bytes) -> list[Finding]:
    """The rules a document breaks; `name` is the output's path, whose ending says what it must be."""
    bad = _not_utf8(data)
    if bad is not None:
        return [Finding(f"not UTF-8 at byte {bad}; RFC 3629 section 3")]
    found = _json(data.decode()) if name.endswith(".json") else _xml(data, name)
    return list(dict.fromkeys(_finding(message, entry) for message, entry in found))


def _finding(message: str, entry: str) -> Finding:
    doubt = isinstance(message, forms.Doubt)
    return Finding(_printable(message), _printable(entry), "warning" if doubt else "error")


def _not_utf8(data: bytes) -> int | None:
    """The first byte that is not UTF-8. Piece by piece: memory for the text of a whole document is slow to allocate."""
    place = len(data) if data.isascii() else 0
    while place < len(data):
        piece = data[place : place + _PIECE]
        try:
            _, read = utf_8_decode(piece, "strict", place + len(piece) == len(data))
        except UnicodeDecodeError as error:
            return place + error.start
        place += read
    return None


def _printable(text: str) -> str:
    """Text that every terminal and file accepts: JSON may contain lone surrogates."""
    return text.encode("utf-8", "replace").decode()


def _xml(data: bytes, name: str) -> Iterator[tuple[str, str]]:
    declared = None if data.startswith(_DECLARATION) else _DECLARED.match(data)
    if declared and declared[1].lower() != b"utf-8":
        yield f"declared as {forms.quoted(declared[1].decode())}, not UTF-8; XML 1.0 section 4.3.3", ""
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        huge_tree=b"<!ENTITY" not in data,  # the limits are there for nested entities
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.LxmlError, ValueError) as error:
        yield f"not well-formed: {getattr(error, 'msg', None) or error}; XML 1.0 section 2.1", ""
        return
    known = {"opml": _opml} if name.endswith(".opml") else _ROOTS
    check = known.get(root.tag)
    if check:
        yield from check(root)
    else:
        source = "OPML 2.0, opml" if name.endswith(".opml") else "RFC 4287 section 2; RSS profile, element-rss"
        yield f"the root element is <{root.tag}>; {source}", ""


_ROOTS = {
    f"{atom.ATOM}feed": atom.feed_document,
    f"{atom.ATOM}entry": atom.entry_document,
    "rss": rss.document,
}


# OPML

_OUTLINES = forms.Shape("the document", "OPML 2.0, opml", "head body")
_HEAD = forms.Shape(
    "the head",
    "OPML 2.0, head",
    "title",
    "dateCreated dateModified ownerName ownerEmail ownerId docs expansionState vertScrollState windowTop windowLeft "
    "windowBottom windowRight",
)
_BODY = forms.Shape("the body", "OPML 2.0, body", "", "", "outline")


def _opml(root: etree._Element) -> Iterator[tuple[str, str]]:
    for message in _outlines(root):
        yield message, ""


def _outlines(root: etree._Element) -> Iterator[str]:
    yield from _OUTLINES.check(_names(root))
    if root.get("version") != "2.0":
        yield "the version is not 2.0; OPML 2.0, opml"
    head, body = root.find("head"), root.find("body")
    if head is not None:
        yield from _HEAD.check(_names(head))
        if head.find("title") is not None and not head.findtext("title", "").strip():
            yield "the title is empty; OPML 2.0, head"
        for name, form in (("dateCreated", forms.rfc822), ("dateModified", forms.rfc822), ("ownerEmail", forms.mail)):
            if head.findtext(name):
                yield from forms.check(f"<{name}>", head.findtext(name, ""), form, "OPML 2.0, head")
    if body is not None:
        yield from _BODY.check(_names(body))
        if body.find("outline") is None:
            yield "the body has no <outline>; OPML 2.0, body"
        for outline in body.iter("outline"):
            yield from _outline(outline)


def _names(parent: etree._Element) -> list[str]:
    return atom.names(atom.children_of(parent))


def _outline(outline: etree._Element) -> Iterator[str]:
    called = f"the outline {forms.quoted(outline.get('text', ''))}"
    if not outline.get("text", "").strip():
        yield "an outline has no text; OPML 2.0, text attribute"
    kind = outline.get("type", "").lower()
    if kind == "rss" and not outline.get("xmlUrl"):
        yield f"{called} is a feed without xmlUrl; OPML 2.0, subscription lists"
    if kind in ("link", "include") and not outline.get("url"):
        yield f"{called} is a link without url; OPML 2.0, directories"
    for name in ("xmlUrl", "htmlUrl", "url"):
        if outline.get(name):
            yield from forms.check(
                f"{called}: {name}", outline.get(name, ""), forms.web, "OPML 2.0, subscription lists"
            )
    for name in ("isComment", "isBreakpoint"):
        if outline.get(name, "true") not in ("true", "false"):
            yield f"{called}: {name} is neither true nor false; OPML 2.0, common attributes"
    if outline.get("language"):
        yield from forms.check(
            f"{called}: language", outline.get("language", ""), forms.language, "RFC 5646 section 2.1"
        )


# JSON Feed


def _json(text: str) -> Iterator[tuple[str, str]]:
    try:
        feed = json.loads(text, parse_constant=_refuse)
    except RecursionError:
        yield "nested too deeply; RFC 8259 section 9", ""
        return
    except ValueError as error:
        yield f"not JSON: {error}; RFC 8259 section 2", ""
        return
    if not isinstance(feed, dict):
        yield f"the document is not an object; {_TOP}", ""
        return
    characters = not _ORDINARY.fullmatch(text) or "\ufffe" in text or "\uffff" in text
    for message in _json_feed(feed, characters):
        yield message, ""
    items = feed.get("items")
    seen = set()
    for item in items if isinstance(items, list) else []:
        if not isinstance(item, dict):
            yield f"an item is not an object; {_ITEMS}", ""
            continue
        key = item["id"] if isinstance(item.get("id"), str) else ""
        if key in seen:
            yield f"another item has the same id {forms.quoted(key)}; {_ITEMS}", key
        seen.add(key or object())
        for message in _json_item(item, characters):
            yield message, key or (item["url"] if isinstance(item.get("url"), str) else "")


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not a number")


def _json_feed(feed: dict[str, Any], characters: bool) -> Iterator[str]:
    if feed.get("version") != _VERSION:
        yield f"the version is not {_VERSION}; {_TOP}"
    for key in ("title", "items"):
        if key not in feed:
            yield f"the feed has no {key}; {_TOP}"
    yield from _object(feed, _FEED_KEYS, _TOP)
    if feed.get("next_url") and feed["next_url"] == feed.get("feed_url"):
        yield f"next_url is the same as feed_url; {_TOP}"
    for hub in _list(feed, "hubs"):
        if not isinstance(hub, dict) or not all(isinstance(hub.get(key), str) and hub[key] for key in ("type", "url")):
            yield f"a hub needs both type and url; {_TOP}"
        else:
            yield from forms.check("a hub's url", hub["url"], forms.web, _TOP)
    if characters:
        yield from _characters({key: value for key, value in feed.items() if key != "items"})


def _json_item(item: dict[str, Any], characters: bool) -> Iterator[str]:
    key = item.get("id", "")
    if isinstance(key, str) and not key.strip():
        yield f"an item has no id; {_ITEMS}"
    if not any(isinstance(item.get(key), str) for key in ("content_html", "content_text")):
        yield f"the item has neither content_html nor content_text; {_ITEMS}"
    yield from _object(item, _ITEM_KEYS, _ITEMS)
    if isinstance(item.get("content_html"), str):
        yield from forms.check_html("content_html", item["content_html"], _ITEMS)
    if not all(isinstance(tag, str) and tag.strip() for tag in _list(item, "tags")):
        yield f"a tag is empty or not text; {_ITEMS}"
    for attachment in _list(item, "attachments"):
        yield from _attachment(attachment)
    if characters:
        yield from _characters(item)


def _object(thing: dict[str, Any], keys: Mapping[str, type], source: str) -> Iterator[str]:
    """What feed and item share: known keys of the right type, URLs, language, authors, a title."""
    for key, value in thing.items():
        kind = keys.get(key)
        if not kind and not _EXTENSION.fullmatch(key):
            wrong = "is neither a key of the format nor an extension (`_`, a letter, no dots)"
            yield f"{forms.quoted(key)} {wrong}; {source}"
        elif kind and not isinstance(value, kind):
            yield f"{key} is not {_TYPES[kind]}; {source}"
        elif key in _FORMS and (wrong := _FORMS[key](value)):
            yield forms.message(key, value, wrong, source)
    if "author" in thing and "authors" not in thing:
        yield f"author is deprecated; use authors; {source}"
    for author in _list(thing, "authors"):
        yield from _author(author, source)


def _author(author: Any, source: str) -> Iterator[str]:
    known = {key: author[key] for key in ("name", "url", "avatar") if key in author} if isinstance(author, dict) else {}
    if not known:
        yield f"an author has no name, url or avatar; {source}"
    for key, value in known.items():
        if not isinstance(value, str):
            yield f"an author's {key} is not text; {source}"
        else:
            yield from forms.check(f"an author's {key}", value, forms.title if key == "name" else forms.iri, source)


def _attachment(attachment: Any) -> Iterator[str]:
    for key, form in (("url", forms.web), ("mime_type", forms.media_type)):
        value = attachment.get(key) if isinstance(attachment, dict) else None
        yield from forms.check(f"an attachment's {key}", value if isinstance(value, str) else "", form, _ATTACHMENTS)


def _list(thing: dict[str, Any], key: str) -> list[Any]:
    value = thing.get(key)
    return value if isinstance(value, list) else []


def _characters(thing: Any) -> Iterator[str]:
    """Characters that XML forbids: JSON allows them, but its readers pass them on."""
    rest = [thing]
    while rest:
        value = rest.pop()
        if isinstance(value, dict):
            rest += [*value.keys(), *value.values()]
        elif isinstance(value, list):
            rest += value
        elif isinstance(value, str) and (bad := _FORBIDDEN.search(value)):
            yield f"the text contains the character U+{ord(bad[0]):04X}; XML 1.0 section 2.2"
