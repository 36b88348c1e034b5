"""Authors as jekyll-feed reads them: a name, a table with one, or a key of `_data/authors.yml`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from feeds import paths
from feeds.errors import Problem, Unreadable
from feeds.reader import frontmatter
from feeds.reader.fields import Fields
from feeds.text import expression, is_http

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

FILES = ("authors.yml", "authors.yaml", "authors.json")
_EMAIL = expression(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9.-]+")
_PAGES = ("uri", "url", "website", "web", "site", "home")
"""Where themes have the page of an author; jekyll-feed asks for the first."""


def read(root: Path, folder: str) -> tuple[Mapping[str, Any], list[Problem]]:
    """The blog's table of authors, and what is wrong with it."""
    for name in FILES:
        path = f"{folder}/{name}"
        try:
            text = frontmatter.decode(paths.read(root, path))
            found = frontmatter.load(text, path).data if text.strip() else {}
        except Unreadable as error:
            if not error.missing:
                return {}, [Problem(path, 0, error.message, "warning", code="file-unreadable")]
        except frontmatter.FrontMatterError as error:
            return {}, [Problem(path, error.line, error.message, "warning", code="configuration-invalid")]
        else:
            return found if isinstance(found, dict) else {}, []
    return {}, []


def named(fields: Fields, table: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Name, email address and page of each author of a post, or of the blog; "" for what is not known."""
    key = "author" if fields.data.get("author") else "authors"
    said = fields.data.get(key)
    for one in said if isinstance(said, list) else [said]:
        known = table.get(str(one)) if isinstance(one, (str, int)) else one
        about = known if isinstance(known, dict) else {"name": known or one}
        name = about if isinstance(one, dict) else about.get("name") or one
        own = Fields(fields.path, {key: name}, fields.lines, fields.prefix, fields.problems)
        names = own.names(key)
        email = str(about.get("email") or "")
        page = next((str(about[word]) for word in _PAGES if is_http(str(about.get(word) or ""))), "")
        for person in names:
            alone = len(names) == 1
            yield person, email if alone and _EMAIL.fullmatch(email) else "", page if alone else ""
