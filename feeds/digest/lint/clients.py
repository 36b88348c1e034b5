"""CSS and HTML that Gmail, Apple Mail or Outlook do not show, according to the table in clients.toml."""

from __future__ import annotations

import re
import tomllib
from fnmatch import fnmatchcase
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from feeds.digest.lint import css
from feeds.digest.lint.page import Finding
from feeds.records import record
from feeds.text import expression

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from feeds.digest.lint.page import Page

_PSEUDO = expression(r"::?[a-z-]+", re.IGNORECASE)
_QUOTED = expression(r""""[^"]*"|'[^']*'""")
_MARKED = expression(r"\[data-ogs[cb]\]", re.IGNORECASE)  # only Outlook.com and Outlook on macOS write this
_COLORS = frozenset(("rgb", "rgba", "hsl", "hsla"))
_NONE: frozenset[str] = frozenset()


@record()
class Feature:
    """An entry of the table: `values` are its patterns, `no` and `partly` ids of clients."""

    values: tuple[str, ...]
    no: frozenset[str]
    partly: frozenset[str]
    note: str = ""
    instead: str = ""
    on: str = ""
    not_on: str = ""
    unless: str = ""
    source: str = ""

    def concerns(self, tags: set[str]) -> bool:
        """Whether it applies to one of these elements."""
        if self.on:
            return bool(tags.intersection(self.on.split()))
        return not self.not_on or bool(tags.difference(self.not_on.split()))


@record()
class Table:
    """clients.toml: the clients' names by id, the features by section and by each name in their key."""

    names: Mapping[str, str]
    features: Mapping[str, Mapping[str, list[Feature]]]

    def some(self, words: str) -> frozenset[str]:
        """The ids of clients, with "gmail" for all that start with it."""
        return frozenset(
            one for one in self.names for word in words.split() if "-" in one and f"{one}-".startswith(f"{word}-")
        )

    def said(self, ids: frozenset[str]) -> str:
        """Clients by their usual names; a family whose clients are all present by its own name."""
        families = [one for one in self.names if "-" not in one and self.some(one) <= ids]
        words = [
            name
            for one, name in self.names.items()
            if one in families or (one in ids and one.split("-")[0] not in families)
        ]
        return ", ".join(words[:-1]) + (" and " if len(words) > 1 else "") + words[-1]


@cache
def table() -> Table:
    """The table next to this file."""
    data: dict[str, dict[str, Any]] = tomllib.loads(files(__package__).joinpath("clients.toml").read_text("utf-8"))
    features: dict[str, dict[str, list[Feature]]] = {}
    found = Table(data.pop("clients"), features)
    for section, entries in data.items():
        by_name = features[section] = {}
        for key, entry in entries.items():
            names, _, values = key.partition(": ")
            clients = {field: found.some(entry.get(field, "")) for field in ("no", "partly")}
            feature = Feature(**entry | clients, values=tuple(values.split()))
            for name in names.split():
                by_name.setdefault(name, []).append(feature)
    return found


def unsupported(page: Page) -> Iterator[Finding]:
    """A finding for everything that some client does not show and without which the email reads worse."""
    for tag, style in dict.fromkeys((element.tag, element.get("style", "")) for element in page.elements):
        yield from _in_declarations(css.declarations(style), {tag}, _NONE)
    for rule in page.rules:
        yield from _in_rule(rule, page)
    for element in page.elements:
        yield from _known("elements", element.tag, f"<{element.tag}>", f"<{element.tag}")
        for name, value in element.items():
            yield from _known("attributes", name, f"the attribute {name}", f"{name}=" if value else name)
        if element.tag == "img":
            yield from _in_picture(element.get("src", ""))


def _in_picture(address: str) -> Iterator[Finding]:
    try:
        name = urlsplit(address.strip()).path.rpartition("/")[2]
    except ValueError:
        return
    ending = name.rpartition(".")[2].lower()
    yield from _known("pictures", ending, f"a .{ending} image", name)


def _in_rule(rule: css.Rule, page: Page) -> Iterator[Finding]:
    rules = table().features["rules"]
    asked = re.findall(r"@[a-z-]+|\(\s*[a-z-]+", rule.at_rules)
    deaf = _NONE.union(*(feature.no for word in asked for feature in rules.get(word.lstrip("( "), ())))
    if _MARKED.search(rule.prelude):
        deaf |= frozenset(table().names) - {"outlook-com", "outlook-mac"}
    if rule.prelude.startswith("@"):
        name = rule.prelude.split(" ", 1)[0].lower()
        yield from _known("rules", name, name, name, deaf)
    if any(not outer.startswith("@") for outer in rule.around):
        yield from _known("rules", "nested", "a nested rule", rule.prelude, deaf)
    for name in _PSEUDO.findall(_QUOTED.sub("", rule.prelude)) if rule.selectors else ():
        yield from _known("rules", name.lower(), name, name, deaf)
    tags = {element.tag for selector in rule.selectors for _, some in page.select(selector) for element in some}
    yield from _in_declarations(rule.declarations, tags, deaf)


def _in_declarations(said: tuple[css.Declaration, ...], tags: set[str], deaf: frozenset[str]) -> Iterator[Finding]:
    names = {one.name for one in said}
    for declaration in said:
        for feature, what, word in _used(declaration):
            if feature.concerns(tags) and feature.unless not in names:
                yield from _finding(feature, what, word, deaf)


@lru_cache(maxsize=4096)
def _used(said: css.Declaration) -> tuple[tuple[Feature, str, str], ...]:
    """The features of the table that a declaration uses, what to call each, and the word to find it by."""
    return (*_as_declaration(said), *(use for token in css.nested(said.tokens) for use in _in_token(token)))


def _as_declaration(said: css.Declaration) -> Iterator[tuple[Feature, str, str]]:
    features = table().features
    for feature in features["declarations"].get(said.name, ()):
        if not feature.values:
            yield feature, said.name, f"{said.name}:"
        for word in map(_word, said.tokens):
            if any(fnmatchcase(word, pattern) for pattern in feature.values):
                known_by = "" if '"' in said.value else said.value  # its quotes may have been different ones
                yield feature, f"{said.name}: {word}", f"{said.name}: {known_by}"
    if said.name.startswith("--"):
        yield from ((feature, said.name, said.name) for feature in features["functions"]["var"])


def _in_token(token: Any) -> Iterator[tuple[Feature, str, str]]:
    features = table().features
    if token.type == "function":
        name = token.lower_name
        blanks = name in _COLORS and "," not in token.arguments
        what = f"{name}() without commas" if blanks else f"{name}()"
        for feature in features["functions"].get("without-commas" if blanks else name, ()):
            yield feature, what, f"{name}("
    elif token.type == "dimension":
        for feature in features["units"].get(token.lower_unit, ()):
            yield feature, f"the unit {token.lower_unit}", token.serialize()


def _word(token: Any) -> str:
    if token.type in ("url", "function"):
        return "url()" if token.type == "url" else f"{token.lower_name}()"
    text: str = token.lower_value if token.type == "ident" else token.serialize()
    return text


def _known(section: str, name: str, what: str, word: str, deaf: frozenset[str] = _NONE) -> Iterator[Finding]:
    for feature in table().features[section].get(name, ()):
        yield from _finding(feature, what, word, deaf)


def _finding(feature: Feature, what: str, word: str, deaf: frozenset[str]) -> Iterator[Finding]:
    no, partly = feature.no - deaf, feature.partly - deaf
    on_record = bool(feature.no or feature.partly)
    if not feature.instead or (on_record and not (no or partly)):
        return
    parts = [f"does not work in {table().said(no)}"] if no else []
    if partly:
        parts.append(f"{'and ' if no else 'works '}only partly in {table().said(partly)} ({feature.note})")
    wrong = ", ".join(parts) or "is not known to work in any client"
    source = f"; caniemail.com/features/{feature.source}/" if feature.source else ""
    yield Finding(f"{what} {wrong}; use {feature.instead}{source}", word, code="email-unsupported")
