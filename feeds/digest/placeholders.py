"""The words a sender replaces for each reader, and keeping all others out of an email.

An email for one reader each has them in `unsubscribe`, in `To:` and where a template of the site writes them. A post
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
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

ADDRESS = "RECIPIENT-ADDRESS"
WORDS = (ADDRESS, "RECIPIENT-TOKEN")
"""All of them. Each breaks after its first character and the letters that follow: `RECIPIENT|-TOKEN`, `{|{ name }}`."""

PLACEHOLDER = re.compile("(" + "|".join(map(re.escape, WORDS)) + ")")
"""A word as a sender would search for it."""

_JOINER = "\u2060"
_TO_BREAK = re.compile(
    "("
    + "|".join(
        f"{re.escape(begin)}(?={re.escape(word.removeprefix(begin))})"
        for word in WORDS
        for begin in re.findall(r"^.\w*", word)
    )
    + ")(.)",
    re.IGNORECASE | re.DOTALL,
)
_ADDRESS = re.compile(r"(?<![a-z0-9+.-])(?:https?://|mailto:)[!-~]+", re.IGNORECASE)
_TAGS = re.compile(r"(<[^<>]*>)")


def harmless(value: Any) -> Any:
    """Values for a template: texts treated by `in_text`, however deep they are in tables, lists and types."""
    if isinstance(value, str):
        return in_text(value)
    if isinstance(value, dict):
        return {key: harmless(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [harmless(inner) for inner in value]
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{field.name: harmless(getattr(value, field.name)) for field in fields(value)})
    return value


def in_text(text: str) -> str:
    """A text, or a URL, in which no placeholder is found."""
    if not _TO_BREAK.search(text):
        return text
    in_addresses = _ADDRESS.sub(lambda address: _broken(address[0], lambda sign: f"%{ord(sign):02X}"), text)
    return _broken(in_addresses, lambda sign: _JOINER + sign)


def in_html(html: str) -> str:
    """The same for HTML whose attributes contain no `<` or `>`. The visible text is also copied unchanged."""
    if not _TO_BREAK.search(html):
        return html
    pieces = _TAGS.split(html)
    return "".join(
        in_text(piece) if place % 2 else _broken(piece, lambda sign: f"<span>{sign}</span>")
        for place, piece in enumerate(pieces)
    )


def _broken(text: str, sign: Callable[[str], str]) -> str:
    return _TO_BREAK.sub(lambda found: found[1] + sign(found[2]), text)


def strays(text: str) -> list[str]:
    """The placeholders that a sender would find in a text, each once, in any case."""
    return list(dict.fromkeys(word for word in WORDS if re.search(re.escape(word), text, re.IGNORECASE)))


class Marks:
    """Stand in for the placeholders of `unsubscribe` while an email is made: any placeholder in it is then a stray.

    They are hashes of all the content, `values`, so nothing in it can contain them.
    """

    def __init__(self, values: object) -> None:
        key = repr(values)
        self._marks = {word: hashlib.sha256(f"{word} {key}".encode(errors="replace")).hexdigest() for word in WORDS}

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
