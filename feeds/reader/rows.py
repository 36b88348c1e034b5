"""Posts that an earlier build read, as rows of JSON's types in the cache."""

from __future__ import annotations

import os
from datetime import datetime
from typing import TYPE_CHECKING, Any

from feeds.build.cache import told
from feeds.build.stamp import sure
from feeds.errors import Problem
from feeds.model import Author, Image, Paper, Post

if TYPE_CHECKING:
    from collections.abc import Mapping

    from feeds.build.cache import Cache
    from feeds.model import Settings


_UNSURE = " unsure"


class Before:
    """Posts that need not be read again. `marks` tell files apart; that of a file whose change might not show is made
    one that never comes again.
    """

    def __init__(self, cache: Cache, marks: Mapping[str, str], clocks: Mapping[str, int]) -> None:
        self._cache, self._rows = cache, cache.all("head")
        never = f"{_UNSURE} {os.urandom(8).hex()}"
        self.marks = {path: mark if sure(mark, clocks) else mark + never for path, mark in marks.items()}

    def post(self, path: str, settings: Settings, now: datetime) -> tuple[Post, list[Problem]] | None:
        """The post of a file that is the same, and what is wrong with it; None when it must be read."""
        key, kept = self._rows.pop(path, ("", None))
        if not kept or key != self.marks.get(path):
            return None
        try:
            found, problems = post(path, kept, settings)
        except (ValueError, TypeError, KeyError):  # no row of ours
            return None
        return None if found.status == "published" and found.published > now else (found, problems)

    def row(self, post: Post, problems: list[Problem]) -> str:
        """What to keep of a post for the next build; "" when that may come to another answer."""
        mark = self.marks.get(post.path, "")
        return told(row(post, problems)) if mark and _UNSURE not in mark and post.status != "future" else ""

    def keep(self, path: str, row: str) -> None:
        """Have a row for the next build."""
        self._cache.put_told("head", path, self.marks[path], row)


def row(post: Post, problems: list[Problem]) -> list[Any]:
    """A post and what is wrong with it."""
    paper, image = post.paper, post.image
    return [
        post.language.code,
        post.slug,
        post.title,
        post.published.isoformat(),
        post.updated.isoformat(),
        post.url,
        post.id,
        post.group,
        post.status,
        post.body_line,
        post.assets,
        post.base,
        post.themes,
        post.tags,
        [(author.name, author.email, author.url) for author in post.authors],
        post.summary,
        paper and [paper.title, paper.authors, paper.venue, paper.year, paper.url, paper.arxiv, paper.doi, paper.code],
        post.highlights,
        image and [image.src, image.alt, image.file],
        post.original,
        dict(post.lines),
        dict(post.extra),
        [(problem.path, problem.line, problem.message, problem.severity) for problem in problems],
    ]


def post(path: str, kept: list[Any], settings: Settings) -> tuple[Post, list[Problem]]:
    """What `row` was given."""
    (code, slug, title, published, updated, url, own_id, group, status, body_line, assets, base, themes, tags, authors,
     summary, paper, highlights, image, original, lines, extra, problems) = kept  # fmt: skip
    return Post(
        path=path,
        language=settings.languages[code],
        slug=slug,
        title=title,
        published=datetime.fromisoformat(published),
        updated=datetime.fromisoformat(updated),
        url=url,
        id=own_id,
        group=group,
        status=status,
        body_line=body_line,
        assets=assets,
        base=base,
        themes=tuple(themes),
        tags=tuple(tags),
        authors=tuple(Author(name=name, email=email, url=site) for name, email, site in authors),
        summary=summary,
        paper=paper and _paper(*paper),
        highlights=tuple(highlights),
        image=image and Image(src=image[0], alt=image[1], file=image[2]),
        original=original,
        lines=lines,
        extra=extra,
    ), [Problem(*problem) for problem in problems]


def _paper(*kept: Any) -> Paper:
    title, authors, venue, year, url, arxiv, doi, code = kept
    return Paper(title=title, authors=tuple(authors), venue=venue, year=year, url=url, arxiv=arxiv, doi=doi, code=code)
