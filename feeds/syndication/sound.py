"""Documents that keep the rules of their formats, whatever a post holds: one post costs one post.

An entry that breaks a rule is written with less of its post, else left out, and named. A document is not written only
when the feed itself is wrong; then the last good one stays.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import TYPE_CHECKING, TypeVar, cast

from feeds.errors import Problem
from feeds.model import Output
from feeds.syndication.checks import Finding, findings
from feeds.syndication.entries import Unwritable
from feeds.text import allowed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from feeds.model import Feed, Post, Site
    from feeds.rendered import Render, Rendered

    Writer = Callable[[Feed, Site, Render], bytes]

T = TypeVar("T")


def sound(path: str, write: Writer, feed: Feed, site: Site, render: Render) -> tuple[list[Output], list[Problem]]:
    """The document of a feed as `write` makes it, none when the feed itself breaks a rule; and what is wrong with its
    entries.
    """
    posts = {post.id: post for post in feed.posts}
    step = dict.fromkeys(posts, 0)
    said: dict[str, str] = {}

    def text(post: Post) -> Rendered:
        return _LESS[step[post.id]][1](post, render(posts[post.id]))

    while True:
        shown = [_LESS[step[post.id]][0](post) for post in feed.posts if step[post.id] < len(_LESS)]
        data, wrong = _written(path, write, replace(feed, posts=tuple(shown)), site, text)
        if not wrong:
            return [Output(path, data)], [_costs(path, posts[one], said[one], step[one]) for one in said]
        if any(finding.entry not in posts for finding in wrong):
            return [], [*of_document(path, wrong, posts)]
        for finding in wrong:
            said.setdefault(finding.entry, finding.message)
        for one in {finding.entry for finding in wrong}:
            step[one] += 1


def of_document(path: str, wrong: list[Finding], posts: Mapping[str, Post]) -> list[Problem]:
    """Findings that keep a document from being written; what holds for all of it is said once. `posts` are by id."""
    of_feed = {finding.message for finding in wrong if not finding.entry}
    problems = []
    for finding in wrong:
        post = posts.get(finding.entry)
        if post:
            problems.append(
                Problem(post.path, post.line("title"), f"in {path}: {finding.message}", code="feed-invalid")
            )
        elif not finding.entry or finding.message not in of_feed:
            problems.append(Problem(path, 0, finding.message, code="feed-invalid"))
    return problems


def errors(path: str, data: bytes) -> list[Finding]:
    """The rules a document breaks.

    That plain words look like HTML is no news here: a post about HTML says so, and our writers escape it.
    """
    return [finding for finding in findings(path, data) if finding.severity == "error"]


def _written(path: str, write: Writer, feed: Feed, site: Site, render: Render) -> tuple[bytes, list[Finding]]:
    try:
        data = write(feed, site, render)
    except Unwritable as error:
        return b"", [Finding(error.reason, error.post.id)]
    return data, errors(path, data)


def _costs(path: str, post: Post, message: str, step: int) -> Problem:
    """What is wrong with an entry, and what that costs it."""
    costs = (
        "",
        "is written without the characters that are wrong",
        "is written without image, paper, authors and tags",
        "has only its title there",
    )
    cost = costs[step] if step < len(costs) else "is left out"
    return Problem(post.path, post.line("title"), f"in {path}: {message}; the post {cost}", code="entry-invalid")


def _clean(value: T) -> T:
    """A text, or an object with texts, without characters that XML forbids."""
    if isinstance(value, str):
        return cast("T", allowed(value))
    if isinstance(value, tuple):
        return cast("T", tuple(map(_clean, value)))
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{one.name: _clean(getattr(value, one.name)) for one in fields(value) if one.init})
    return value


def _plain(post: Post) -> Post:
    return replace(_clean(post), image=None, paper=None, authors=(), themes=(), tags=())


_LESS: tuple[tuple[Callable[[Post], Post], Callable[[Post, Rendered], Rendered]], ...] = (
    (lambda post: post, lambda _, text: text),
    (_clean, lambda _, text: _clean(text)),
    (_plain, lambda _, text: _clean(text)),
    (_plain, lambda post, text: replace(text, html="", summary=post.title)),
)
"""What is written of a post and its text, less and less."""
