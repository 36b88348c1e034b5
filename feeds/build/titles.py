"""Titles, highlights and the titles of papers as readers see them: formulas in them become text.

Reading leaves them as they are written, since what is read is kept, and Markdown is none of the reader's business.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from feeds.model import Post, Site


def with_formulas_as_text(site: Site) -> Site:
    """The site with no formula in any plain text."""
    every = (*site.posts, *site.withheld)
    changed = {post.path: _with_text(post) for post in every if any(map(_may_hold_one, _texts(post)))}
    if not changed:
        return site

    def now(posts: tuple[Post, ...]) -> tuple[Post, ...]:
        return tuple(changed.get(post.path, post) for post in posts)

    groups = {name: now(posts) for name, posts in site.groups.items()}
    return replace(site, posts=now(site.posts), withheld=now(site.withheld), groups=groups)


def _with_text(post: Post) -> Post:
    from feeds.markup.titles import formulas_as_text  # slow to import; few titles need it

    paper = post.paper and replace(post.paper, title=formulas_as_text(post.paper.title))
    highlights = tuple(map(formulas_as_text, post.highlights))
    return replace(post, title=formulas_as_text(post.title), highlights=highlights, paper=paper)


def _texts(post: Post) -> tuple[str, ...]:
    return (post.title, *post.highlights, post.paper.title if post.paper else "")


def _may_hold_one(text: str) -> bool:
    return text.count("$") > 1 or r"\(" in text
