"""The forms values must have in a feed: URLs, dates, languages, email addresses, HTML that is safe to show.

Each check returns what is wrong, as words that follow the value ("is not absolute"), or ""; a `Doubt` if the value is
valid but may be meant differently. No regular expression backtracks, so that no text, however odd, takes more than
linear time.

Every document of every build passes through here, so common values are recognised without a regular expression, and
repeated ones (URLs, days, the HTML of a post in several feeds) are answered from memory.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import unquote

from feeds.text import expression, uri_wrong

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator

Form = Callable[[str], str]


class Doubt(str):
    """A message, or part of one, saying that plain text may be meant as HTML. It breaks no rule: text in a text
    construct is text (RFC 4287 section 3.1.1.1), and a post about HTML mentions `<em>`.
    """

    __slots__ = ()


_SHOWN = 80
_REMEMBERED = 512
"""Short values whose answers are kept: the URLs and days of some twenty entries, in every format."""

_TEXTS = 64
"""Post texts whose answers are kept: those of a document and its neighbours."""


_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_RFC3339_LENGTH = len("2026-01-01T00:00:00+00:00")
_RFC3339 = expression(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)", re.ASCII
)
_RFC822 = expression(
    r"(?:([A-Z][a-z]{2}), +)?(\d\d?) +([A-Z][a-z]{2}) +(\d{4}) +(\d\d):(\d\d)(?::(\d\d))?"
    r" +(?:UT|GMT|Z|[ECMP][SD]T|[+-]\d{4})",
    re.ASCII,
)
_LANGUAGE = expression(  # RFC 5646 section 2.1, as far as languages are registered: none has four letters or more
    r"[a-z]{2,3}(?:-[a-z]{3}){0,3}(?:-[a-z]{4})?(?:-(?:[a-z]{2}|\d{3}))?"
    r"(?:-(?:[a-z0-9]{5,8}|\d[a-z0-9]{3}))*(?:-[0-9a-wyz](?:-[a-z0-9]{2,8})+)*(?:-x(?:-[a-z0-9]{1,8})+)?"
    r"|[ix](?:-[a-z0-9]{1,8})+",
    re.ASCII | re.IGNORECASE,
)
_ABSOLUTE = expression(r"[a-z][a-z0-9+.-]*+:", re.ASCII | re.IGNORECASE)
_WEB = expression(r"https?:", re.IGNORECASE)
_MAIL = expression(r"[^\s@<>(),:;\"\[\]\\]++@[^\s@<>(),:;\"\[\]\\]++")
_MEDIA_TYPE = expression(r"[\w!#$&^.+-]++/[\w!#$&^.+-]++(?:\s*+;\s*+[\w.-]++=(?:\"[^\"]*+\"|[^\s;\"]++))*+", re.ASCII)

_KNOWN = (
    "a|abbr|b|big|blockquote|br|code|del|div|em|font|h[1-6]|hr|i|img|li|ol|p|pre|s|small|span|strong|sub|sup|table|td|"
    "tr|u|ul"
)
_ELEMENT = expression(rf"<({_KNOWN})(?:\s[^<>]*+)?/?>", re.IGNORECASE)
_ELEMENTS = expression(
    "a|abbr|acronym|address|area|article|aside|audio|b|bdi|bdo|big|blockquote|body|br|button|canvas|"
    "caption|center|cite|code|col|colgroup|data|datalist|dd|del|details|dfn|dialog|div|dl|dt|em|"
    "fieldset|figcaption|figure|font|footer|form|h1|h2|h3|h4|h5|h6|head|header|hgroup|hr|html|i|"
    "iframe|img|input|ins|kbd|label|legend|li|link|main|map|mark|math|menu|meta|meter|nav|noscript|"
    "object|ol|optgroup|option|output|p|picture|pre|progress|q|rp|rt|ruby|s|samp|script|search|"
    "section|select|slot|small|source|span|strike|strong|style|sub|summary|sup|svg|table|tbody|td|"
    "template|textarea|tfoot|th|thead|time|title|tr|track|tt|u|ul|var|video|wbr|merror|mfrac|mi|"
    "mmultiscripts|mn|mo|mover|mpadded|mphantom|mprescripts|mroot|mrow|ms|mspace|msqrt|mstyle|msub|"
    "msubsup|msup|mtable|mtd|mtext|mtr|munder|munderover|semantics|annotation|embed|applet|param",
    re.IGNORECASE,
)
_TAG_NAME = expression(r"<([A-Za-z][^\s/<>]*+)")
_END_TAG = expression(rf"</({_KNOWN})>", re.IGNORECASE)
_ESCAPED = expression(rf"&(?:(?:amp|quot|#39|#x27|#34);|lt;/?(?:{_KNOWN})(?:\s|/|&gt;|>))", re.IGNORECASE)
_ESCAPED_TAG = expression(rf"\s*+&lt;(?:{_KNOWN})(?:\s|/|&gt;|>)", re.IGNORECASE)

_RISKY_TAG = (
    r"(?:script|iframe|frame|frameset|object|embed|applet|form|input|button|select|textarea|meta|base|link|style)[\s/>]"
)
_RISKY = expression(rf"<{_RISKY_TAG}", re.IGNORECASE)
_ADDRESS = "href|src|poster|cite|action|formaction|background|longdesc|data"
_HARMLESS = expression(  # complete HTML whose text and attributes are all recognisably safe: nearly all there is
    r"(?:[^<]++|</[a-z][^<>]*+>|<(?!"
    + _RISKY_TAG
    + r")[a-z][a-z0-9]*+(?:\s++(?:"
    + rf'(?:{_ADDRESS})="(?:https?:|mailto:)[^"]*+"|(?!on|srcset|(?:{_ADDRESS})[\s=/>])[^\s"\'=<>/]++(?:="[^"]*+")?+'
    + r"))*+\s*+/?>)*+"
)
_START_TAG = expression(r"""<([a-z][^\s/>]*+)((?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z)|[^"'>])*+)""", re.IGNORECASE)
_TARGET = expression(r"""\sid=["']([^"'<>]++)["']""")
_ATTRIBUTE = expression(
    r"""(?<![^\s"'/])([^\s"'=<>/]++)\s*+=\s*+(?:"([^"]*+)(?:"|\Z)|'([^']*+)(?:'|\Z)|([^\s"'>]++))"""
)


@lru_cache(_REMEMBERED)
def rfc3339(text: str) -> str:
    """A date in Atom or JSON Feed: RFC 3339, upper-case T and Z, an offset, nothing around it."""
    if len(text) == _RFC3339_LENGTH:
        with suppress(ValueError):
            if text == datetime.fromisoformat(text).isoformat():  # which reads other forms too, but writes this one
                return ""
    found = _RFC3339.fullmatch(text)
    if not found:
        return "is not an RFC 3339 date with a time zone"
    return "" if _moment(*found.groups()) else "is an impossible date or time"


@lru_cache(_REMEMBERED)
def rfc822(text: str) -> str:
    """A date in RSS: RFC 822 with a four-digit year; a weekday, if given, must match."""
    found = _RFC822.fullmatch(text)
    if not found or found[1] not in (None, *_DAYS) or found[3] not in _MONTHS:
        return "is not an RFC 822 date with a four-digit year and a time zone"
    weekday, day, month, year, hour, minute, second = found.groups()
    moment = _moment(year, str(_MONTHS.index(month) + 1), day, hour, minute, second or "0")
    if not moment:
        return "is an impossible date or time"
    right = _DAYS[moment.weekday()]
    return "" if weekday in (None, right) else f"has the wrong weekday: that day was a {right}"


def _moment(year: str, month: str, day: str, hour: str, minute: str, second: str) -> datetime | None:
    try:
        seconds = 59 if second == "60" else int(second)  # a leap second is allowed
        return datetime(int(year), int(month), int(day), int(hour), int(minute), seconds, tzinfo=UTC)
    except ValueError:
        return None


@lru_cache(_REMEMBERED)
def language(text: str) -> str:
    """A language tag, well-formed by RFC 5646 (BCP 47): `zh-Hans`, never `zh_CN`."""
    code, dash, rest = text.partition("-")
    usual = not dash or (rest.isalpha() and len(rest) in (2, 4))  # with a region or a script
    if usual and text.isascii() and code.isalpha() and len(code) in (2, 3):
        return ""
    return "" if _LANGUAGE.fullmatch(text) else "is not a BCP 47 language tag"


iri = uri_wrong
"""An absolute URI."""


def web(text: str) -> str:
    """A web URL: absolute, http or https."""
    if not (wrong := iri(text)) and not text.startswith(("https:", "http:")) and not _WEB.match(text):
        return "is not http or https"
    return wrong


def mail(text: str) -> str:
    """A single email address."""
    return "" if _MAIL.fullmatch(text) else "is not an email address"


def contact(text: str) -> str:
    """An email address in RSS, with a name in brackets: `mail@example.org (Name)`."""
    address, bracket, name = text.partition(" (")
    return mail(address) or ("" if not bracket or name.endswith(")") else "has an unclosed bracket")


@lru_cache(_REMEMBERED)
def media_type(text: str) -> str:
    """A media type: `text/html`, parameters allowed."""
    return "" if _MEDIA_TYPE.fullmatch(text) else "is not a media type"


def plain(text: str) -> str:
    """Text. A title may mention `<p>`; one with `</b>` after its `<b>`, or with `&amp;`, may be meant as HTML."""
    tag = next(_tags(text), "")
    if tag:
        return Doubt(f"looks like HTML ({tag[:40]}), which readers show as plain text")
    escaped = "&" in text and ";" in text and _ESCAPED.search(text)
    return Doubt(f"looks like escaped HTML ({escaped[0]}), which readers show as plain text") if escaped else ""


def _tags(text: str) -> Iterator[str]:
    """What looks like tags: those with an end tag, or that need none."""
    if "<" in text:
        ends = {name.lower() for name in _END_TAG.findall(text)} | {"br", "hr", "img"}
        yield from (tag[0] for tag in _ELEMENT.finditer(text) if tag[1].lower() in ends)


def filled(text: str) -> str:
    """Text that is not empty."""
    return "" if text.strip() else "is empty"


def title(text: str) -> str:
    """A title or a name: not empty, and text."""
    return filled(text) or plain(text)


def prose(text: str) -> str:
    """A summary in plain text. It may quote code, so only one that starts with an element may be meant as HTML."""
    tag = next(_tags(text), "")
    begins = tag and text.lstrip().startswith(tag)
    return Doubt(f"looks like HTML ({tag[:40]}), which readers show as plain text") if begins else ""


def count(text: str) -> str:
    """A whole number that is not negative."""
    return "" if text.isascii() and text.isdigit() else "is not a whole number"


def markup(text: str) -> str:
    """HTML; `a <mask> of ones` may be meant as text, and a reader would drop a word."""
    if "<" in text:
        for name in _TAG_NAME.findall(text):
            if not _ELEMENTS.fullmatch(name):
                return Doubt(
                    f"contains <{name[:40]}>, which readers drop because it is not an HTML element; write &lt; for <"
                )
    return ""


def html(text: str) -> Iterator[str]:
    """HTML that works in a reader, away from its page: nothing that runs or sends (RFC 4287 section 8.1), no relative
    URLs, not escaped twice. Only what is not clearly harmless is read tag by tag.
    """
    if "<" not in text:
        if text.lstrip().startswith("&") and _ESCAPED_TAG.match(text):
            yield Doubt("looks like HTML escaped once too often, so readers show its tags")
    elif not _HARMLESS.fullmatch(text):
        targets = frozenset(_TARGET.findall(text)) if "#" in text else ()
        for name, rest in _START_TAG.findall(text):
            values = ((key, unescape("".join(value))) for key, *value in _ATTRIBUTE.findall(rest))
            yield from tag(name, values, targets)


def tag(name: str, attributes: Iterable[tuple[str, str]], targets: Container[str] = ()) -> Iterator[str]:
    """What is wrong with one HTML tag; `targets` are the ids in the same text, to which a link may lead."""
    if _RISKY.match(f"<{name}>"):
        yield f"contains <{name.lower()}>"
    for key, value in attributes:
        attribute = key.lower()
        if attribute.startswith("on"):
            yield f"contains an event handler, {attribute}"
        elif attribute == "srcset" or attribute in _ADDRESS.split("|"):
            for address in _candidates(value) if attribute == "srcset" else (value.strip(),):
                if address.startswith("#") and unquote(address[1:]) in targets:
                    continue
                if not _ABSOLUTE.match(address):
                    yield f"contains a relative URL, {attribute}={address[:_SHOWN]!a}"
                elif re.match(r"(?:java|vb)script:", address, re.IGNORECASE):
                    yield f"contains a script, {attribute}={address[:_SHOWN]!a}"


def _candidates(srcset: str) -> list[str]:
    """The URLs of a srcset; a comma inside one is not followed by a space."""
    return [part.split()[0] for part in re.split(r",\s", srcset) if part.split()]


def check(called: str, text: str, form: Form, source: str) -> Iterator[str]:
    """The message if a value does not have its form."""
    wrong = form(text)
    if wrong:
        yield message(called, text, wrong, source)


def message(called: str, text: str, wrong: str, source: str) -> str:
    """What is wrong with a value, as a whole sentence; a doubt stays a doubt."""
    return type(wrong)(f"{called} {quoted(text)} {wrong}; {source}")


def check_html(called: str, text: str, source: str) -> Iterator[str]:
    """A message for everything that HTML must not contain."""
    for wrong in _wrong_html(text):
        form = isinstance(wrong, Doubt) or wrong.startswith("contains a relative")
        yield type(wrong)(f"{called} {wrong}; {source if form else 'RFC 4287 section 8.1'}")


@lru_cache(_TEXTS)
def _wrong_html(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(html(text)))


def quoted(text: str) -> str:
    """A value in a message, shortened if it is long."""
    return f'"{text}"' if len(text) <= _SHOWN else f'"{text[:_SHOWN]}…"'


class Shape:
    """The children an element may have: `once` exactly once, `most` at most once, `many` any number of times."""

    def __init__(
        self, called: str, source: str, once: str, most: str = "", many: str = "", namespace: str = ""
    ) -> None:
        """Names are words in one string each; all are in one namespace, `{uri}`, or "" for none."""
        self.called, self.source, self.namespace = called, source, namespace
        self.once = sorted(once.split())
        self.single = {namespace + name for name in (*self.once, *most.split())}
        self.many = {namespace + name for name in many.split()}

    def check(self, tags: Iterable[str]) -> Iterator[str]:
        """Children that are missing, too many, or unknown; those in other namespaces are not checked."""
        counts = Counter(tags)
        for name in self.once:
            if self.namespace + name not in counts:
                yield f"{self.called} has no <{name}>; {self.source}"
        for tag, count in counts.items():
            if tag in self.many or (count == 1 and tag in self.single):
                continue
            space, _, name = tag.rpartition("}")
            if not space and self.namespace:
                yield f"<{name}> in {self.called} has no namespace; {self.source}"
            elif space == self.namespace.rstrip("}"):
                if tag not in self.single:
                    yield f"<{name}> does not belong in {self.called}; {self.source}"
                else:
                    yield f"{self.called} has {count} <{name}>, but only one is allowed; {self.source}"
