"""A long issue made to fit: which reviews a mail shows by their title alone, and which it leaves to the page.

The footer is never what gets lost, and no theme loses its first review: reviews are ranked by their place in their
section, and the last ones give way first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from feeds.model import Digest

T = TypeVar("T")
KEPT = 5
"""So many reviews stay whole as long as leaving others to the page helps."""


@dataclass(frozen=True, slots=True)
class Cut:
    """What gives way, by post id."""

    short: frozenset[str] = frozenset()
    left_out: frozenset[str] = frozenset()


WHOLE = Cut()


def fit(digest: Digest, make: Callable[[Cut], T], fits: Callable[[T], bool]) -> T:
    """What `make` makes of the least cut that fits; of the deepest, when none does.

    It gets smaller with every step, so each trial rules out half of the steps.
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
    """How many cuts there are, each deeper than the one before."""
    return 2 * len(digest.posts) - min(_kept(digest), len(digest.posts))


def cut(digest: Digest, step: int) -> Cut:
    """First the lower reviews become short, one at a time; then they go to the page; then the upper become short."""
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
