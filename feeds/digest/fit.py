"""Making a long issue fit: which reviews an email shows by title only, and which it leaves to the web page.

The footer is never lost, and no theme loses its first review: reviews are ranked by their place in their section, and
the last ones are cut first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from feeds.records import record

if TYPE_CHECKING:
    from collections.abc import Callable

    from feeds.model import Digest

T = TypeVar("T")
KEPT = 5
"""This many reviews stay whole as long as moving others to the page helps."""


@record()
class Cut:
    """What is cut, by post id."""

    short: frozenset[str] = frozenset()
    left_out: frozenset[str] = frozenset()


WHOLE = Cut()


def fit(digest: Digest, make: Callable[[Cut], T], fits: Callable[[T], bool]) -> T:
    """The result of `make` for the smallest cut that fits; for the deepest if none does.

    The size shrinks with every step, so each trial rules out half of the steps.
    """
    whole = make(WHOLE)
    if fits(whole):
        return whole
    low, high = 1, steps(digest)
    best = make(cut(digest, high))
    while low < high:
        middle = (low + high) // 2
        trial = make(cut(digest, middle))
        if fits(trial):
            best, high = trial, middle
        else:
            low = middle + 1
    return best


def steps(digest: Digest) -> int:
    """The number of cuts, each deeper than the one before."""
    return 2 * len(digest.posts) - min(_kept(digest), len(digest.posts))


def cut(digest: Digest, step: int) -> Cut:
    """First the lower reviews become short, one at a time; then they move to the page; then the top ones shorten."""
    ranked = [
        post.id
        for _, _, post in sorted(
            (
                (rank, place, post)
                for place, section in enumerate(digest.sections)
                for rank, post in enumerate(section.posts)
            ),
            key=lambda entry: entry[:2],
        )
    ]
    kept = min(_kept(digest), len(ranked))
    lower = len(ranked) - kept
    short = min(step, lower)
    left_out = min(max(step - lower, 0), lower)
    upper = max(step - 2 * lower, 0)
    return Cut(
        short=frozenset([*ranked[len(ranked) - short : len(ranked) - left_out], *ranked[kept - upper : kept]]),
        left_out=frozenset(ranked[len(ranked) - left_out :]),
    )


def _kept(digest: Digest) -> int:
    return max(KEPT, len(digest.sections))
