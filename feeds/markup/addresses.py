"""Bare addresses in Markdown: where each ends, and which are links at all, by the rule of the blog's generator.

comrak takes an address up to a blank: `https://example.org，然后继续。` would be one. So control characters are put
into the text, which no post holds, and taken out of the HTML: at a tab comrak ends an address, and with a vertical
tab in it there is none.
"""

from __future__ import annotations

import re

from feeds.text import expression

_END, _NONE = "\t\v", "\v"
_SIGNS = "\u2014\u2018-\u201f\u2026\u3000-\u3004\u3008-\u3020\u3030\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65"
"""Chinese and typographic signs: nobody means them to be part of an address, whatever the generator does."""
_REST = rf"(?:[^\s<\]{_SIGNS}]++|\](?![(\[]))*+"
_ADDRESS = expression(rf"://{_REST}(?P<sign>[{_SIGNS}]?)")
_BARE_WWW = expression(rf"www\.{_REST}(?P<sign>[{_SIGNS}]?)")
_KEPT = ("<", "=", "](", "]:", "]: ")
"""Before an address that its author marked off: in brackets, in a tag, in a link, in the definition of one."""

_SCHEME = expression(r"[A-Za-z]{1,20}\Z")
_MARKED = expression(r"(?:https?|ftp)://[A-Za-z0-9-]", re.IGNORECASE)
_GOLDMARK = expression(
    r"(?P<start>(?:https?|ftp)://|www\.)(?P<rest>(?:[^\s<\]]++|\](?![(\[]))*+)|(?<=[A-Za-z0-9.+_-])@(?=[A-Za-z0-9])"
)
_HOST = expression(r"[-a-zA-Z0-9@:%._+~#=]{1,256}\.[a-z]+")
_PATH = expression(r"(?::\d+)?(?:[/#?][-a-zA-Z0-9@:%_+.~#$!?&/=();,'\">^{}\[\]`]*)?")
_WWW = expression(r"(?<=<a href=\")http(?=://www\.[^<>\"]*\">www\.)")
_MAILBOX = expression(r"[A-Za-z0-9.+_-]{1,256}\Z")


def marked(text: str, flavor: str) -> str:
    """The text with the ends of its bare addresses marked, and with those that are none."""
    if flavor == "goldmark":
        return _GOLDMARK.sub(_as_goldmark, text) if "://" in text or "www." in text or "@" in text else text
    only_ascii = text.isascii()
    if "://" in text and (flavor == "marked" or not only_ascii):
        text = _ADDRESS.sub(_as_marked if flavor == "marked" else _ended, text)
    return _BARE_WWW.sub(_ended, text) if not only_ascii and "www." in text else text


def unmarked(html: str, flavor: str) -> str:
    """The HTML without what `marked` put into the text; Hugo takes it that `www.example.org` is encrypted."""
    html = html.replace(_END, "").replace(_NONE, "") if "\v" in html else html
    return _WWW.sub("https", html) if flavor == "goldmark" and "www." in html else html


def _ended(found: re.Match[str]) -> str:
    """With its end marked, if a sign follows that is none of an address."""
    if not found["sign"] or _kept(found):
        return found[0]
    return f"{found[0][:-1]}{_END}{found[0][-1]}"


def _as_marked(found: re.Match[str]) -> str:
    """By marked: of three schemes, and only before the name of a host."""
    if _MARKED.search(found.string, max(found.start() - 5, 0), found.end()) or _kept(found):
        return _ended(found)
    return found[0].replace("://", f":{_NONE}//", 1)


def _kept(found: re.Match[str]) -> bool:
    """Whether the author marked an address off, which begins with letters before what was found."""
    word = _SCHEME.search(found.string, max(found.start() - 20, 0), found.start())
    begin = word.start() if word else found.start()
    return found.string.endswith(_KEPT, max(begin - 3, 0), begin)


def _as_goldmark(found: re.Match[str]) -> str:
    """By goldmark's linkify: only behind a blank or a few signs, only with a dot in the host, only ASCII."""
    text, place = found.string, found.start()
    if not found["start"]:
        mailbox = _MAILBOX.search(text, max(place - 256, 0), place)
        begin = mailbox.start() if mailbox else place
        bracketed = text.endswith("<", 0, begin) and not text.endswith("\\<", 0, begin)
        kept = bracketed or text.endswith("mailto:", 0, begin)
        return found[0] if kept or _may_begin(text, begin) else _NONE + found[0]
    if _kept(found):
        return found[0]
    host = _HOST.match(text, place if found["start"] == "www." else found.start("rest"), found.end())
    if not host or not _may_begin(text, place):
        return found["start"][:3] + _NONE + found["start"][3:] + found["rest"]
    path = _PATH.match(text, host.end(), found.end())
    end = host.end() + len((path[0] if path else "").rstrip("'\""))
    rest = text[end : found.end()]
    signs = len(rest) - len(rest.lstrip("*_~"))  # comrak takes them off by itself, so they may end what they began
    return text[place : end + signs] + (_END + rest[signs:] if rest[signs:].strip("?!.,:;)*_~") else rest[signs:])


def _may_begin(text: str, place: int) -> bool:
    return place == 0 or text[place - 1].isspace() or text[place - 1] in '*_~(|"'
