"""A list of work for two processes, where there is a second core: what comes out is what one would have made alone."""

from __future__ import annotations

import os
import pickle
import signal
import sys
from contextlib import suppress
from mmap import mmap
from select import select
from typing import TYPE_CHECKING, Any, TypeVar

from feeds.reader.mapping import serial_map

if sys.platform == "linux":
    import fcntl

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

T = TypeVar("T")
R = TypeVar("R")

_PIPE = 1 << 20
"""Bytes of results that may wait for us, as many as Linux gives to anybody (pipe(7)); then the copy waits."""

_FEW = 8
"""As many results, or bundles of them, are sooner made than a process is copied."""


def parallel_map(items: Sequence[T], work: Callable[[T], R], at_once: int = 1) -> Iterator[tuple[T, R]]:
    """By this process from the beginning and by a copy of it from the end, until they meet. As `Map`.

    What the copy does not bring, because it died or `work` raised there, is done here. On Linux only: elsewhere the
    libraries of the system may not bear a copy (bugs.python.org, issue 33725).
    """
    copy = None
    with suppress(OSError):  # no more processes, or no more memory: then one does it
        if len(items) >= _FEW * at_once and _copied_well():
            copy = _Worker(items, work, at_once)
    if not copy:
        yield from serial_map(items, work)
        return
    missing = dict(enumerate(items))
    try:
        for number, item in enumerate(items):
            if copy.began(number):
                break
            del missing[number]
            yield item, work(item)
            if number % at_once == 0:
                yield from ((missing.pop(one), result) for one, result in copy.brought() if one in missing)
        yield from ((missing.pop(one), result) for one, result in copy.brought(wait=True) if one in missing)
        for item in missing.values():
            yield item, work(item)
    finally:
        copy.end()


def _copied_well() -> bool:
    """Whether a copy is of use, and safe: of a process with threads it has but one, and what the others hold.

    Raises `OSError` where that cannot be found out.
    """
    return sys.platform == "linux" and len(os.sched_getaffinity(0)) > 1 and _threads() == 1


def _threads() -> int:
    """Also those that Python did not start."""
    return len(os.listdir("/proc/self/task"))


class _Worker:
    """A copy of this process, at work from the end of a list."""

    def __init__(self, items: Sequence[T], work: Callable[[T], R], at_once: int) -> None:
        self._taken = mmap(-1, len(items))  # seen by both, a byte an item: who begins with one says so
        reading, writing = os.pipe()
        with suppress(OSError):
            fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, _PIPE)
        self._process = os.fork()
        if not self._process:
            try:
                os.close(reading)
                self._work(items, work, at_once, writing)
            finally:
                os._exit(0)  # whatever happened: the other one does what is missing, and tells
        os.close(writing)
        self._pipe = open(reading, "rb")  # noqa: SIM115  # until `end`

    def _work(self, items: Sequence[T], work: Callable[[T], R], at_once: int, pipe: int) -> None:
        made: list[tuple[int, R]] = []
        with open(pipe, "wb") as out:
            for number in reversed(range(len(items))):
                if self.began(number):
                    break
                made.append((number, work(items[number])))
                if len(made) >= at_once:
                    pickle.dump(made, out, pickle.HIGHEST_PROTOCOL)
                    out.flush()
                    made = []
            pickle.dump(made, out, pickle.HIGHEST_PROTOCOL)

    def began(self, number: int) -> bool:
        """Whether the other process has begun with an item; else it is this one's. Both may have it in a rare case."""
        if self._taken[number]:
            return True
        self._taken[number] = 1
        return False

    def brought(self, *, wait: bool = False) -> Iterator[tuple[int, Any]]:
        """Results with their places in the list: those that are there, or all that are still to come."""
        with suppress(EOFError, pickle.UnpicklingError):
            while wait or select([self._pipe], [], [], 0)[0]:
                yield from pickle.load(self._pipe)  # noqa: S301  # by ourselves

    def end(self) -> None:
        """Have no copy any longer."""
        self._pipe.close()
        os.kill(self._process, signal.SIGKILL)
        os.waitpid(self._process, 0)
