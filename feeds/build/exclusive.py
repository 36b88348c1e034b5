"""One build at a time: of two that write to the same folder, the second waits.

The system holds a lock on the folder itself (flock(2)), so no file is left behind, and a build that is killed leaves no
lock. Where a folder cannot be locked (some network file systems), builds run side by side as they always could.
"""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

if sys.platform == "win32":
    import hashlib
    import msvcrt
    import tempfile
    from time import sleep

    def _open(folder: Path) -> int:
        """A file for the folder, which Windows does not lock itself."""
        name = hashlib.sha256(os.fsencode(os.path.realpath(folder))).hexdigest()[:16]
        return os.open(os.path.join(tempfile.gettempdir(), f"feeds-{name}.lock"), os.O_RDWR | os.O_CREAT)

    def _lock(file: int, *, wait: bool) -> None:
        while True:
            try:
                return msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
            except OSError as error:
                if not wait:
                    raise BlockingIOError from error
                sleep(0.05)
else:
    import fcntl

    def _open(folder: Path) -> int:
        return os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)

    def _lock(file: int, *, wait: bool) -> None:
        fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)


_held: set[int] = set()
"""Open files by which this process holds folders: a copy of it must not hold them longer than it does."""


@contextmanager
def alone(folder: Path, waiting: Callable[[], None]) -> Iterator[None]:
    """Be the only build in a folder; `waiting` is called before waiting for another."""
    with ExitStack() as stack:
        with suppress(OSError):
            file = _open(folder)
            _held.add(file)
            stack.callback(_let_go, file)
            try:
                _lock(file, wait=False)
            except BlockingIOError:
                waiting()
                _lock(file, wait=True)
        yield


def _let_go(file: int) -> None:
    _held.discard(file)
    os.close(file)


def _let_all_go() -> None:
    while _held:
        os.close(_held.pop())


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_let_all_go)
