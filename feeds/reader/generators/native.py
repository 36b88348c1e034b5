"""The native dialect: `<content>/<language>/<slug>.md`, front matter as the README describes it.

The language is the folder unless the front matter says otherwise. Files of one path in two language folders are
translations; pictures lie in a folder of the post's name.
"""

from __future__ import annotations

import posixpath
from pathlib import PurePosixPath
from sys import intern
from typing import TYPE_CHECKING, Any

from feeds.errors import Problem
from feeds.lockfile import tag_uri
from feeds.reader import paper
from feeds.reader.dialect import Dialect
from feeds.settings.toml import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from feeds.model import Language, Post, Settings, Status
    from feeds.reader.fields import Fields

KEYS = (
    *("title", "date", "updated", "lang", "slug", "theme", "themes", "tags", "authors", "author", "summary"),
    *("description", "excerpt", "paper", "highlights", "image", "original", "id", "translation", "draft", "hidden"),
    "password",
)
_NOTHING: Mapping[str, Any] = {}
"""One for all posts."""


class Native(Dialect):
    """Our own layout: missing and misspelt keys are noticed."""

    name = "native"
    signs = "our own (feeds.toml and content)"
    strict = True
    native = True
    prints_html = False
    language_keys = ("lang",)
    group_keys = ("translation",)

    def __init__(self, settings: Settings | None = None) -> None:
        if settings:
            self.settings = settings

    @classmethod
    def open(cls, root: Path) -> Native | None:
        """Any folder with a `feeds.toml`."""
        return cls() if (root / "feeds.toml").is_file() else None

    def is_post(self, path: str) -> bool:
        """Markdown, not hidden, not a README."""
        inner = path.removeprefix(f"{self.folders()[0]}/")
        stem, ending = posixpath.splitext(inner.rpartition("/")[2].lower())
        if ending not in (".md", ".markdown") or stem == "readme":
            return False
        return inner[0] not in "._" and "/." not in inner and "/_" not in inner

    def language(self, fields: Fields) -> tuple[Language | None, PurePosixPath]:
        """The language of a post, and its path below the language folder."""
        inner = self.below(fields.path)
        languages = self.settings.languages
        folder = inner[: max(inner.find("/"), 0)]
        rest = PurePosixPath(inner.removeprefix(f"{folder}/") if folder in languages else inner)
        said = fields.text("lang").replace("_", "-").casefold()
        for language in languages.values():
            if said in (language.code.casefold(), language.tag.casefold()):
                return language, rest
        if said:
            hint = did_you_mean(said, languages)
            fields.complain(
                "lang",
                f'names an unknown language, "{said}" (to use it, add [languages.{said}]){hint}',
                code="language-unknown",
            )
            return None, rest
        if folder in languages:
            return languages[folder], rest
        if len(languages) == 1:
            return languages[self.settings.default_language], rest
        where = f'in folder "{folder}", which is not a language in feeds.toml' if folder else "not in a language folder"
        remedy = f"move it to {' or '.join(languages)}, or add `lang`"
        fields.problems.append(Problem(fields.path, 1, f"is {where}; {remedy}", code="language-missing"))
        return None, rest

    def published(self, fields: Fields) -> datetime | None:
        """The key `date`."""
        paper.near_misses(fields, KEYS)
        published = super().published(fields)
        if not published:
            fields.missing("date", "add a line like `date: 2026-04-20`", code="date-missing")
        return published

    def slug(self, fields: Fields, rest: PurePosixPath) -> str:
        """One segment of an address: the key, else the file's name."""
        slug = super().slug(fields, rest)
        if not slug:
            message = "is the index of a language, not a post; rename it or put it in a folder of its own"
            fields.problems.append(Problem(fields.path, 1, message, code="slug-missing"))
        elif "/" in slug or "\\" in slug or slug in (".", ".."):
            fields.complain("slug", f'is "{slug}"; a slug is one segment of a URL, without `/`', code="slug-invalid")
        return slug

    def title(self, fields: Fields, slug: str) -> str:
        """The key `title`."""
        title = fields.text("title")
        if not title:
            fields.missing("title", "add a line like `title: What the paper shows`", code="title-missing")
        return title

    def tags(self, fields: Fields) -> tuple[str, ...]:
        """The key `tags`."""
        return tuple(map(intern, fields.texts("tags")))  # many posts have the same few

    def status(self, fields: Fields, published: datetime | None, now: datetime) -> Status:
        """`draft`, `hidden`, or a date that is still to come."""
        if fields.flag("draft"):
            return "draft"
        if fields.flag("hidden"):
            return "hidden"
        return "future" if published and published > now else "published"

    def keeps(self, data: Mapping[str, Any]) -> Mapping[str, Any]:
        """What tells an id of the author's own, and a post that only points elsewhere."""
        return {key: data[key] for key in ("id", "link") if key in data} or _NOTHING

    def id(self, post: Post) -> str:
        """A `tag:` URI, which outlives a change of address."""
        return tag_uri(self.settings.url, post.published, post.language.code, post.slug)

    def assets(self, post: Post) -> tuple[str, str]:
        """The folder of the post's name, or its own folder for `<slug>/index.md`; it mirrors the default permalink."""
        stem, _ = posixpath.splitext(post.path)
        return stem.removesuffix("/index"), post.url
