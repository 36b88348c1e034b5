"""How a list of work is gone through: in order, or as whoever calls has it (`build.parallel`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

T = TypeVar("T")
R = TypeVar("R")


class Map(Protocol):
    """Like `map`, with each item beside its result."""

    def __call__(self, items: Sequence[T], work: Callable[[T], R], at_once: int = 1) -> Iterator[tuple[T, R]]:
        """Every item with what `work` makes of it, in no certain order.

        Another process may do some of them: `work` may rely on nothing that it left behind, and what it makes must be
        fit for `pickle`. Results come `at_once`: many when they are small.
        """


def serial_map(items: Sequence[T], work: Callable[[T], R], at_once: int = 1) -> Iterator[tuple[T, R]]:
    """In order, by this process. As `Map`."""
    del at_once
    return ((item, work(item)) for item in items)
