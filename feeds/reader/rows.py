"""A post that was read, as a row of JSON's types for the cache, and back."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from feeds.errors import Problem
from feeds.model import Author, Image, Paper, Post

if TYPE_CHECKING:
    from feeds.model import Settings


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
