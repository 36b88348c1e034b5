"""The keys of front matter that are our own, whatever the dialect: the paper, its figures, the theme."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from feeds.model import OTHER, Paper, Settings
from feeds.settings.toml import did_you_mean
from feeds.text import expression

if TYPE_CHECKING:
    from feeds.reader.fields import Fields

PAPER_KEYS = ("title", "authors", "venue", "year", "url", "arxiv", "doi", "code")
HIGHLIGHTS = 4

_ARXIV = expression(r"\d{4}\.\d{4,5}(v\d+)?|[a-z-]+(\.[A-Z]{2})?/\d{7}(v\d+)?")
_ARXIV_AROUND = expression(r"^(https?://arxiv\.org/(abs|pdf)/|arxiv:)|\.pdf$", re.IGNORECASE)
_DOI_BEFORE = expression(r"^(https?://(dx\.)?doi\.org/|doi:)", re.IGNORECASE)
_DOI = expression(r"10\.\d{4,9}/\S+")


def near_misses(fields: Fields, known: tuple[str, ...]) -> None:
    """Warn of keys that look like a misspelt one."""
    for key in fields.data:
        if key not in known and (near := _near(key.lower(), known)):
            fields.complain(key, f"is not a known key; did you mean `{near}`?", "warning", code="key-unknown")


@lru_cache(maxsize=512)  # the same few keys stand in every post of a blog
def _near(key: str, known: tuple[str, ...]) -> str | None:
    import difflib

    return next(iter(difflib.get_close_matches(key, known, n=1, cutoff=0.8)), None)


def themes(fields: Fields, tags: tuple[str, ...], settings: Settings) -> tuple[str, ...]:
    """Themes in the order of the front matter, else those its tags point to."""
    key = "themes" if fields.data.get("themes") else "theme"
    named = fields.texts(key)
    for name in named:
        if name not in settings.themes and name != OTHER:
            fields.complain(
                key, f'names an unknown theme, "{name}"{did_you_mean(name, settings.themes)}', code="theme-unknown"
            )
    if named:
        return tuple(name for name in named if name in settings.themes)
    owners = {tag: theme.id for theme in settings.themes.values() for tag in (theme.id, *theme.tags)}
    return tuple(dict.fromkeys(owners[tag.casefold()] for tag in tags if tag.casefold() in owners))


def paper(fields: Fields | None) -> Paper | None:
    """The work reviewed, when the front matter names one."""
    if not fields:
        return None
    near_misses(fields, PAPER_KEYS)
    arxiv = _ARXIV_AROUND.sub("", fields.text("arxiv"))
    if arxiv and not _ARXIV.fullmatch(arxiv):
        fields.complain(
            "arxiv", f'is "{arxiv}"; write only the number in quotes, like "2404.16710"', code="value-invalid"
        )
        arxiv = ""
    doi = _DOI_BEFORE.sub("", fields.text("doi"))
    if doi and not _DOI.fullmatch(doi):
        fields.complain("doi", f'is "{doi}"; write it like 10.1145/3341301.3359646', code="value-invalid")
        doi = ""
    found: dict[str, Any] = {
        "title": fields.text("title"),
        "authors": fields.texts("authors"),
        "venue": fields.text("venue"),
        "year": fields.number("year"),
        "url": fields.address("url"),
        "arxiv": arxiv,
        "doi": doi,
        "code": fields.address("code"),
    }
    return Paper(**found) if any(found.values()) else None


def highlights(fields: Fields) -> tuple[str, ...]:
    """Up to four short lines."""
    lines = fields.texts("highlights")
    if len(lines) > HIGHLIGHTS:
        fields.complain(
            "highlights",
            f"has {len(lines)} lines; only the first {HIGHLIGHTS} are shown",
            "warning",
            code="highlights-many",
        )
    return lines[:HIGHLIGHTS]
