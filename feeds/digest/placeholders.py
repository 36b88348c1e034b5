"""The words a sender replaces for each reader, and keeping all others out of an email.

An email for one reader each has them in `unsubscribe`, in `To:`, in `Message-ID:` and where a template of the
site writes them. `[digest] placeholders` adds those of a mail service, `own` below. A post
may come from a stranger: with RECIPIENT-TOKEN in one of its links, each reader who clicks would hand over their own. So
everything put into a template is made harmless first, and the template's output is searched afterwards.

A harmless word looks the same, and its link leads to the same place, but no replacement finds it, in any case: it
contains a WORD JOINER, in a URL `%2D` for the hyphen, and in HTML an element around the hyphen, so that code can be
copied as it was written.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import fields, is_dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from feeds.text import expression

if TYPE_CHECKING:
    from collections.abc import Callable

    from feeds.model import Email, Placeholders

WORDS = ADDRESS, TOKEN, ID = "RECIPIENT-ADDRESS", "RECIPIENT-TOKEN", "RECIPIENT-ID"
"""All of ours. Each breaks after its first character and the letters that follow: `RECIPIENT|-TOKEN`, `{|{ name }}`."""

PLACEHOLDER = expression("(" + "|".join(map(re.escape, WORDS)) + ")")
"""A word as a sender would search for it."""

_JOINER = "\u2060"
_TO_BREAK = expression(
    "("
    + "|".join(
        f"{re.escape(begin)}(?={re.escape(word.removeprefix(begin))})"
        for word in WORDS
        for begin in re.findall(r"^.\w*", word)
    )
    + ")(.)",
    re.IGNORECASE | re.DOTALL,
)
_ADDRESS = expression(r"(?<![a-z0-9+.-])(?:https?://|mailto:)[!-~]+", re.IGNORECASE)
_TAGS = expression(r"(<[^<>]*>)")


def harmless(value: Any, own: Placeholders | None = None) -> Any:
    """Values for a template: texts treated by `in_text`, however deep they are in tables, lists and types."""
    if isinstance(value, str):
        return in_text(value, own)
    if isinstance(value, dict):
        return {key: harmless(inner, own) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [harmless(inner, own) for inner in value]
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{field.name: harmless(getattr(value, field.name), own) for field in fields(value)})
    return value


def in_text(text: str, own: Placeholders | None = None) -> str:
    """A text, or a URL, in which no placeholder is found."""
    if own and (begins := _begins(own.signs)).search(text):
        encoded = _ADDRESS.sub(lambda found: begins.sub(lambda sign: f"%{ord(sign[0]):02X}", found[0]), text)
        text = begins.sub(lambda sign: sign[0] + _JOINER, encoded)
    if not _TO_BREAK.search(text):
        return text
    in_addresses = _ADDRESS.sub(lambda address: _broken(address[0], lambda sign: f"%{ord(sign):02X}"), text)
    return _broken(in_addresses, lambda sign: _JOINER + sign)


def in_html(html: str, own: Placeholders | None = None) -> str:
    """The same for HTML whose attributes contain no `<` or `>`. The visible text is also copied unchanged."""
    if own and (begins := _begins(own.signs)).search(html):
        pieces = _TAGS.split(html)
        html = "".join(
            in_text(piece, own) if place % 2 else begins.sub(lambda sign: f"<span>{sign[0]}</span>", piece)
            for place, piece in enumerate(pieces)
        )
    if not _TO_BREAK.search(html):
        return html
    pieces = _TAGS.split(html)
    return "".join(
        in_text(piece) if place % 2 else _broken(piece, lambda sign: f"<span>{sign}</span>")
        for place, piece in enumerate(pieces)
    )


@lru_cache(maxsize=16)
def _begins(signs: tuple[str, ...]) -> re.Pattern[str]:
    """The first character of each of a service's words."""
    return re.compile("|".join(f"{re.escape(sign[0])}(?={re.escape(sign[1:])})" for sign in signs), re.IGNORECASE)


@lru_cache(maxsize=16)
def word_of(own: Placeholders | None) -> re.Pattern[str]:
    """A word as a sender would search for it: ours, or one of a service."""
    words = (*WORDS, *(sorted(own.words, key=len, reverse=True) if own else ()))
    return re.compile("(" + "|".join(map(re.escape, words)) + ")")


def with_addresses(email: Email, own: Placeholders | None) -> Email:
    """An email as a reader gets it: an address in the place of each word of a service."""
    if not own:
        return email
    words = word_of(own)

    def filled(text: str) -> str:
        return words.sub(lambda found: found[0] if found[0] in WORDS else "https://service.invalid/x", text)

    return replace(email, html=filled(email.html), text=filled(email.text))


_TOKEN = expression(r"[A-Za-z0-9._~-]{1,75}")
"""What stands in an email as it is: quoted-printable reads `=`, and a line of it has 76 characters."""


def personal(email: bytes, address: str, token: str = "", name: str = "") -> bytes:
    """The copy of an email, the bytes of `mail.eml`, for one reader: RECIPIENT-ADDRESS, RECIPIENT-TOKEN and
    RECIPIENT-ID become these. Raises ValueError for what would not arrive as it is.
    """
    for value in filter(None, (token, name)):
        if not _TOKEN.fullmatch(value):
            raise ValueError(f"{value!r}: write 1 to 75 letters, digits, or signs of these: . _ ~ -")
    if not re.fullmatch(r"[!-?A-~]++@[!-?A-~]++", address):
        raise ValueError(f"{address!r} is not an email address in ASCII")
    head, gap, body = email.partition(b"\r\n\r\n")
    head = head.replace(ADDRESS.encode(), address.encode())
    body = body.replace(ADDRESS.encode(), quote(address, safe="@").encode())
    for word, value in ((TOKEN, token), (ID, name)):
        if word.encode() in head + body and not value:
            raise ValueError(f"the email has {word}; say what it stands for")
        head, body = head.replace(word.encode(), value.encode()), body.replace(word.encode(), value.encode())
    return head + gap + body


def _broken(text: str, sign: Callable[[str], str]) -> str:
    return _TO_BREAK.sub(lambda found: found[1] + sign(found[2]), text)


def strays(text: str, own: Placeholders | None = None) -> list[str]:
    """The placeholders that a sender would find in a text, each once, in any case."""
    words = (*WORDS, *(own.words if own else ()))
    return list(dict.fromkeys(word for word in words if re.search(re.escape(word), text, re.IGNORECASE)))


class Marks:
    """Stand in for the placeholders of `unsubscribe` while an email is made: any placeholder in it is then a stray.

    They are hashes of all the content, `values`, so nothing in it can contain them.
    """

    def __init__(self, values: object, own: Placeholders | None = None) -> None:
        key, words = repr(values), (*WORDS, *(sorted(own.words, key=len, reverse=True) if own else ()))
        self._marks = {word: hashlib.sha256(f"{word} {key}".encode(errors="replace")).hexdigest() for word in words}

    def put(self, text: str) -> str:
        """Marks instead of placeholders."""
        for word, mark in self._marks.items():
            text = text.replace(word, mark)
        return text

    def fill(self, text: str) -> str:
        """Placeholders instead of marks."""
        for word, mark in self._marks.items():
            text = text.replace(mark, word)
        return text
