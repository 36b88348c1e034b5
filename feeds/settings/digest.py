"""`[digest]` -> `DigestOptions`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from feeds import periods
from feeds.model import DigestOptions
from feeds.periods import Rule
from feeds.settings import services
from feeds.settings.checks import MAILBOX, ascii_url, http
from feeds.text import expression

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Literal

    from feeds.model import Author, Localized
    from feeds.settings.keys import Table

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
PERIODS = ("week", "month")
_LAST_HOUR = 23
_MAILTO = expression(r"mailto:[^\s<>\"\\@]++@[^\s<>\"\\]++")


def read(table: Table, codes: list[str], authors: Mapping[str, Author], title: Localized, url: str) -> DigestOptions:
    """The options in a table; what is missing of the sender comes from the site."""
    senders = table.localized("from", codes)
    chosen = True
    for code, sender in senders.items():
        if sender and not MAILBOX.fullmatch(sender):
            table.complain("from", f'"{sender}" is not an email address; write "Name <name@example.org>"')
        if not sender:
            address = authors[code].email or f"digest@{urlsplit(url).hostname or 'localhost'}"
            chosen = False
            senders[code] = f"{re.sub(r'[<>@]', ' ', title[code])} <{address}>"
    rule = _rule(table)
    placeholders, leave = services.read(table)
    unsubscribe, mailto = _unsubscribe(table, placeholders.words if placeholders else ())
    options = DigestOptions(
        day=rule.day,
        period=rule.kind,
        hour=_hour(table),
        grace=table.number("grace", 1),
        since=_since(table, rule),
        from_the_archive=table.number("from_the_archive", 0),
        sender=senders,
        chosen_sender=chosen,
        footer=table.localized("footer", codes),
        unsubscribe=unsubscribe or leave,
        unsubscribe_mailto=mailto,
        placeholders=placeholders,
        limit_bytes=table.number("limit_bytes", 102_400),
        enabled=table.flag("enabled", default=True),
    )
    table.done()
    return options


def _rule(table: Table) -> Rule:
    kind = cast("Literal['week', 'month']", table.choice("period", PERIODS, "week"))
    day = DAYS.index(table.choice("day", DAYS, "monday"))
    if kind == "month" and "day" in table.data:
        table.complain("day", 'has no meaning with period = "month", whose issues begin on the first; remove it')
    return Rule(kind, 0 if kind == "month" else day)


def _hour(table: Table) -> int:
    hour = table.number("hour", 0)
    if hour <= _LAST_HOUR:
        return hour
    table.complain("hour", f"is {hour}; write a whole hour from 0 to {_LAST_HOUR}")
    return 0


def _since(table: Table, rule: Rule) -> str:
    """The first period that has an issue, as it is named."""

    def wrong(value: str) -> str | None:
        try:
            periods.named(value, rule)
        except ValueError as error:
            return str(error)
        return None

    said = table.text("since", check=wrong)
    return periods.named(said, rule).name if said else ""


def _unsubscribe(table: Table, words: tuple[str, ...]) -> tuple[str, str]:
    """Where readers leave: the address they click, and a mailto: beside it; they may hold these words of a service."""

    def address(value: str) -> str | None:
        held = [word for word in words if word in value]
        for word in held:
            value = value.replace(word, "x")
        return None if held and value == "x" else _address(value)

    if not isinstance(table.data.get("unsubscribe"), list):
        return _ascii(table.text("unsubscribe", check=address), words), ""
    said = table.texts("unsubscribe")
    for one in said:
        if wrong := address(one):
            table.complain("unsubscribe", wrong)
    links = [one for one in said if not one.startswith("mailto:")]
    mails = [one for one in said if one.startswith("mailto:")]
    if len(links) != 1 or len(mails) != 1:
        table.complain("unsubscribe", 'must be one address, or a list of two: ["https://…", "mailto:…"]')
        return "", ""
    return _ascii(links[0], words), _ascii(mails[0], words)


def _ascii(url: str, words: tuple[str, ...]) -> str:
    return url if any(word in url for word in words) else ascii_url(url)


def _address(value: str) -> str | None:
    if _MAILTO.fullmatch(value):
        return None
    if name := services.of_some_service(value):
        return f'"{value}" is a word of {name}; write placeholders = "{name}" too'
    return http(value)
