"""The addresses of posts (`[content] permalink`) and of documents and their copies (`[feeds] paths`, `also`)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from feeds.places import Place, plain, wrong
from feeds.settings.toml import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from feeds.settings.keys import Table


PERMALINK_FIELDS = ("lang", "slug", "year", "month", "day", "theme")


def permalinks(content: Table, codes: list[str], *, own: bool) -> dict[str, str]:
    """The permalink pattern of each language; "" leaves it to the rule of the blog's `own`."""
    pattern = "" if own else "/{lang}/{slug}/" if len(codes) > 1 else "/{slug}/"
    permalink = content.localized("permalink", codes, pattern, elsewhere=codes if own else ())
    for reason in {_permalink(text) for text in permalink.values() if text or not own} - {None}:
        content.complain("permalink", reason or "")
    return permalink


def paths(table: Table) -> Mapping[str, Place]:
    """`paths`: the address of a document, by the one it would have otherwise."""
    found: dict[str, Place] = {}
    for key, inner in _entries(table, "paths"):
        value = inner.text(key, check=wrong)
        if value:
            found[plain(key)] = _place(value, key, inner)
    return found


def also(table: Table) -> Mapping[str, tuple[Place, ...]]:
    """`also`: where copies of a document lie, by its address."""
    found: dict[str, tuple[Place, ...]] = {}
    for key, inner in _entries(table, "also"):
        said: Any = inner.data[key]
        values = (inner.text(key),) if isinstance(said, str) else inner.texts(key)
        for reason in filter(None, map(wrong, values)):
            inner.complain(key, reason)
        places = [_place(value, key, inner) for value in values if not wrong(value)]
        found[plain(key)] = tuple(dict.fromkeys(places))
    return found


def _place(value: str, key: str, table: Table) -> Place:
    name = f"{table.prefix}{key}"
    line = next((table.lines[one] for one in (name, table.prefix[:-1], "feeds") if one in table.lines), 1)
    return Place(plain(value), table.files.get(name, table.path), line)


def _entries(table: Table, name: str) -> list[tuple[str, Table]]:
    inner = table.table(name)
    for key in inner.data:
        if reason := wrong(key):
            inner.complain(key, f"is no document: {reason}")
    return [(key, inner) for key in inner.data if not wrong(key)]


def _permalink(pattern: str) -> str | None:
    for name in re.findall(r"\{[^{}]*\}?|\}", pattern):
        if name[1:-1] not in PERMALINK_FIELDS or not name.endswith("}"):
            return f'contains an unknown field, "{name}"{did_you_mean(name.strip("{}"), PERMALINK_FIELDS)}'
    if not pattern.startswith("/") or "{slug}" not in pattern or re.search(r"[\s<>\"\\?#]|\.\.", pattern):
        return f'"{pattern}" must start with `/` and contain {{slug}}, like "/{{lang}}/{{slug}}/"'
    return None
