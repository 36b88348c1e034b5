"""The structure of an email's HTML: links, images, tables, language, and the same links in both parts."""

from __future__ import annotations

import re
import string
from collections import defaultdict
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from feeds.digest.lint import css
from feeds.digest.lint.page import Finding, shown, start_tag
from feeds.text import expression

if TYPE_CHECKING:
    from collections.abc import Iterator

    from feeds.digest.lint.page import Page

HEAD_OCTETS = 16_384
"""Gmail drops a style element larger than this."""

_ADDRESSES = ("href", "src", "action", "background", "poster")
_FORBIDDEN = ("script", "form", "iframe", "object", "link")
_LISTED = expression(r"\[(\d{1,9})\]\s+(\S+)\s*")
_ADDRESS = expression(r"(?:https?://|mailto:)[^\s<>\"]+", re.IGNORECASE)
_SILENT = ("presentation", "none")


def elements(page: Page) -> Iterator[Finding]:
    """Tables, and what an email must not contain."""
    for element in page.elements:
        if element.tag in _FORBIDDEN:
            yield Finding(
                f"no email client accepts <{element.tag}>; remove it",
                f"<{element.tag}",
                "error",
                code="email-unsupported",
            )
        if element.tag == "table" and element.get("role") not in _SILENT and not _is_data(element):
            wrong = f'screen readers read {start_tag(element)}> as a table of data; add role="presentation"'
            yield Finding(wrong, start_tag(element), code="email-table")
    if any(rule.prelude.startswith("@import") for rule in page.rules):
        yield Finding(
            "an email cannot import a stylesheet; put its rules in mail.css",
            "@import",
            "error",
            code="email-unsupported",
        )
    octets = sum(len(sheet.encode("utf-8", "replace")) for sheet in page.sheets)
    if octets > HEAD_OCTETS:
        yield Finding(
            f"{octets:,} bytes of CSS in the head, but Gmail drops more than {HEAD_OCTETS:,}; shorten it",
            "<style",
            code="email-size",
        )


def _is_data(table: Any) -> bool:
    return next(table.iter("th", "caption"), None) is not None


def language(page: Page, tag: str) -> Iterator[Finding]:
    """The language, on <html> and on what remains when a webmail client drops it; and the single h1."""
    said = page.root.get("lang", "")
    if not said:
        yield Finding(f'<html> has no language; write <html lang="{tag}">', "<html", code="email-language")
    elif said.lower() != tag.lower():
        yield Finding(
            f'<html> has the language {said[:40]}; write <html lang="{tag}">', f'lang="{said}"', code="email-language"
        )
    headings = [element for element in page.elements if element.tag == "h1"]
    if len(headings) != 1:
        yield Finding(
            f"{len(headings) or 'no'} h1; write exactly one, since screen readers start there",
            "<h1" if headings else "",
            code="email-heading",
        )
    around = "ancestor-or-self::*[@lang][ancestor::body]"
    if not (headings[0].xpath(around) if headings else page.root.xpath("//body//*[@lang]")):
        wrong = "the text has no language after a webmail client drops <html>"
        yield Finding(f'{wrong}; add lang="{tag}" to an element around it', "<body", code="email-language")


def links(page: Page) -> Iterator[Finding]:
    """Every URL is absolute, since an email has no address of its own, and encrypted."""
    plain: dict[str, list[str]] = defaultdict(list)
    for address, where, is_picture in dict.fromkeys(_addresses(page)):
        try:
            parts = urlsplit(address)
            scheme, target = parts.scheme, parts.hostname if parts.scheme in ("http", "https") else parts.path
        except ValueError:
            scheme = target = ""
        if scheme == "http" and target:
            plain[f"http://{target}"].append(address)
        else:
            yield from _link(address, where, scheme, is_absolute=bool(target), is_picture=is_picture)
    for host, found in plain.items():
        many = f"{_cut(found[0])} is" if len(found) == 1 else f"{len(found)} URLs at {host} are"
        yield Finding(f"{many} not encrypted; write https", found[0] if len(found) == 1 else host, code="email-url")


def _addresses(page: Page) -> Iterator[tuple[str, str, bool]]:
    """Each URL, what to look for if it is empty, and whether it is an image's."""
    for element in page.elements:
        for name in _ADDRESSES:
            if (address := element.get(name)) is not None and element.tag not in _FORBIDDEN:
                yield address.strip(), start_tag(element), element.tag == "img" and name == "src"
    blocks = [css.declarations(element.get("style", "")) for element in page.elements]
    for said in (
        *(one for rule in page.rules for one in rule.declarations),
        *(one for block in blocks for one in block),
    ):
        for address in css.addresses(said):
            yield address.strip(), f"{said.name}:", True


def _link(address: str, where: str, scheme: str, *, is_absolute: bool, is_picture: bool) -> Iterator[Finding]:
    if not address:
        yield Finding(f"an empty URL in {where}; write an absolute one or remove it", where, "error", code="email-url")
    elif address.startswith("#"):
        yield Finding(
            f"{_cut(address)} does nothing in most email clients; link to a web page instead",
            address,
            "error",
            code="email-url",
        )
    elif not scheme or not is_absolute:
        yield Finding(
            f"{_cut(address)} is not an absolute URL; write https://… in full", address, "error", code="email-url"
        )
    elif scheme == "javascript":
        yield Finding(
            f"{_cut(address)} is a script, which no email client runs; remove it", address, "error", code="email-url"
        )
    elif scheme != "https" and (is_picture or scheme != "mailto"):
        yield Finding(
            f"{_cut(address)} is neither https nor mailto, so many email clients drop it; write https",
            address,
            code="email-url",
        )


def _cut(address: str) -> str:
    return address if len(address) <= 80 else f"{address[:79]}…"  # noqa: PLR2004


def pictures(page: Page) -> Iterator[Finding]:
    """Each image says what it shows and how wide it is."""
    for element in page.elements:
        if element.tag != "img":
            continue
        address, alt, width = element.get("src"), element.get("alt"), element.get("width", "")
        if address is None:
            yield Finding("an image without a URL; add src", "<img", "error", code="email-image")
        # In settings and templates the URL may be relative.
        name, word = f"the image {_cut(address or '')}".strip(), (address or "").rpartition("/")[2] or "<img"
        if alt is None:
            yield Finding(f"{name} has no alt; describe what it shows", word, "error", code="email-alt")
        elif not alt.strip() and not _is_decoration(element):
            yield Finding(
                f'{name} has an empty alt; describe what it shows, or add role="presentation"', word, code="email-alt"
            )
        if not width:
            yield Finding(
                f"{name} has no width, so Outlook shows it at full size; add its width in pixels",
                word,
                code="email-image",
            )
        elif not width.strip().isdecimal():
            wrong = f'{name} has the width "{width[:20]}", which Outlook takes of the full size; write pixels'
            yield Finding(wrong, word, code="email-image")


def _is_decoration(image: Any) -> bool:
    if image.get("role") in _SILENT or image.get("aria-hidden") == "true":
        return True
    link = next(image.iterancestors("a"), None)
    return link is not None and any(shown(part) for part in link.iter() if isinstance(part.tag, str))


def both_parts(page: Page, text: str) -> Iterator[Finding]:
    """The text part has the links of the HTML, and vice versa."""
    addresses = [element.get("href", "").strip() for element in page.elements if element.tag in ("a", "area")]
    in_html = {_encoded(link): link for link in addresses if _ADDRESS.match(link)}
    listed = {_encoded(link): link for link in _list(text) if _ADDRESS.match(link)}
    written = {_encoded(link.rstrip(".,;:!?)]}。，；：！？）】》")) for link in _ADDRESS.findall(text)}
    for key, link in in_html.items():
        if key not in listed and key not in written:
            yield Finding(
                f"the text part lacks the link {_cut(link)}; add it to mail.txt too", link, "error", code="email-links"
            )
    for key, link in listed.items():
        if key not in in_html:
            yield Finding(
                f"the HTML part lacks the link {_cut(link)}; add it to mail.html too", link, "error", code="email-links"
            )


def _list(text: str) -> list[str]:
    """The list of links: the longest run of lines numbered from 1. A line of a title may look like one of it."""
    longest: list[str] = []
    run: list[str] = []
    for line in text.split("\n"):
        found = _LISTED.fullmatch(line)
        if not found or int(found[1]) != len(run) + 1:
            run = []
        if found and int(found[1]) == len(run) + 1:
            run.append(found[2])
        longest = max(longest, run, key=len)
    return longest


def _encoded(address: str) -> str:
    """A URL in the form that inlining gives it: spaces and non-ASCII characters are encoded, nothing else."""
    return quote(address, safe=string.punctuation, errors="replace")
