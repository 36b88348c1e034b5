"""Which posts are translations of each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feeds.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from feeds.model import Post, Settings


def translations(
    posts: tuple[Post, ...], settings: Settings, problems: list[Problem], keys: Iterable[str]
) -> dict[str, tuple[Post, ...]]:
    """Published posts by translation group, one a language, in the order of the languages. A second one is wrong when
    its author named the group by one of the `keys`, not when two files are named alike.
    """
    groups: dict[str, dict[str, Post]] = {}
    for post in posts:
        first = groups.setdefault(post.group, {}).setdefault(post.language.code, post)
        if first is not post and any(key in post.lines or post.extra.get(key) for key in keys):
            message = (
                f"shares translation group `{post.group}` with {first.path} in the same language, so it is not linked"
            )
            problems.append(Problem(post.path, post.line("translation"), message, "warning", code="translation-taken"))
    order = list(settings.languages)
    return {
        key: tuple(sorted(members.values(), key=lambda post: order.index(post.language.code)))
        for key, members in groups.items()
        if len(members) > 1
    }
