"""`[digest] placeholders`: the words that mail services replace for each reader.

`signs` begin whatever a service takes for such a word, so an email holds them only where a template put a word.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from feeds.model import Placeholders
from feeds.settings.toml import did_you_mean
from feeds.text import expression

if TYPE_CHECKING:
    from collections.abc import Mapping

    from feeds.settings.keys import Table


class Service(NamedTuple):
    """A mail service: the word for the address where a reader leaves, other words, and how its words begin."""

    unsubscribe: str
    words: tuple[str, ...] = ()
    signs: tuple[str, ...] = ()


SERVICES: Mapping[str, Service] = {
    "listmonk": Service("{{ UnsubscribeURL }}", ("{{ MessageURL }}", "{{ .Subscriber.Email }}"), ("{{",)),
    "mailchimp": Service("*|UNSUB|*", ("*|ARCHIVE|*", "*|EMAIL|*", "*|UNIQID|*"), ("*|",)),
    "buttondown": Service("{{ unsubscribe_url }}", ("{{ email_url }}", "{{ subscriber.email }}"), ("{{", "{%", "{#")),
    "mailgun": Service(
        "%unsubscribe_url%",
        ("%tag_unsubscribe_url%", "%mailing_list_unsubscribe_url%", "%recipient%", "%recipient.id%"),
        ("%unsubscribe", "%tag_unsubscribe", "%mailing_list", "%recipient"),
    ),
    "brevo": Service("{{ unsubscribe }}", ("{{ mirror }}", "{{ contact.EMAIL }}"), ("{{", "{%")),
    "postmark": Service("{{{ pm:unsubscribe }}}", ("{{{ pm:unsubscribe_url }}}",), ("{{",)),
}

_WORD = expression(r"(?=.*[^\w\s])[!#-%(-;?-~][ !#-%(-;?-~]{0,78}[!#-%(-;?-~]", re.ASCII)
"""Printable, with a sign in it, and without what ends an attribute, begins an element, or
quoted-printable reads."""


def read(table: Table) -> tuple[Placeholders | None, str]:
    """The words of `placeholders`, and the one where readers leave; None and "" without that key."""
    said = table.data.get("placeholders")
    if isinstance(said, dict):
        table.asked.append("placeholders")
        return _own(table)
    name = table.text("placeholders", check=_known)
    if not name:
        return None, ""
    service = SERVICES[name]
    return Placeholders(
        service=name, words=(service.unsubscribe, *service.words), signs=service.signs
    ), service.unsubscribe


def _own(table: Table) -> tuple[Placeholders | None, str]:
    """Words of another service, by what they stand for."""
    own = table.below("placeholders")
    words = {key: own.text(key, check=_wrong) for key in own.data}
    found = tuple(dict.fromkeys(filter(None, words.values())))
    return (Placeholders(service="", words=found, signs=found) if found else None), words.get("unsubscribe", "")


def of_some_service(value: str) -> str:
    """The name of a service that has this word, "" if none has."""
    return next((name for name, service in SERVICES.items() if value in (service.unsubscribe, *service.words)), "")


def _known(name: str) -> str | None:
    if name in SERVICES:
        return None
    hint = did_you_mean(name, SERVICES)
    return f'has an unknown service "{name}"{hint}, or write a table of words, like {{ unsubscribe = "[[leave]]" }}'


def _wrong(word: str) -> str | None:
    if _WORD.fullmatch(word):
        return None
    return f'"{word}" cannot be a word of a mail service; write it as the service does, like "[[leave]]"'
