"""Something to be made, as a value: so it can be skipped, made by another process, or made again, by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feeds.records import record

if TYPE_CHECKING:
    from collections.abc import Callable

    from feeds.errors import Problem
    from feeds.model import Output, Post
    from feeds.rendered import Part, Render

    Made = tuple[list[Output], list[Problem]]
    """Outputs, and what the author should know of them."""

ALL: frozenset[Part] = frozenset({"html", "summary"})
SHORT: frozenset[Part] = frozenset({"summary"})
DIGEST: frozenset[Part] = frozenset({"summary", "minutes", "excerpt"})


@record(kw_only=True)
class Task:
    """Its outputs depend on `posts` (with their translations), on the references of their texts, on `files` of the
    site, and on `says`, any text that differs when they would; and, as all outputs do, on settings and templates.

    `parts` are those of the posts' texts that `make` asks for. `is_archive`: only an edit of an old post changes it.
    """

    name: str
    posts: tuple[Post, ...] = ()
    files: tuple[str, ...] = ()
    says: str = ""
    parts: frozenset[Part] = frozenset()
    make: Callable[[Render], Made]
    is_archive: bool = False
