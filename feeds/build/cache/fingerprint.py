"""Knowing files again, without reading them.

A file's fingerprint is its device, inode, size and both its times. The time of its last change of state (ctime) cannot
be set by anybody, so neither an edit that keeps the size nor a restored mtime goes unseen, and nobody can prepare a
cache for another machine. One thing remains: two changes within one tick of the clock. So nothing is believed of a file
whose ctime is not older than the build that read it, by the clock of the file system it lies on (`clocks`).

Nothing here may import more than `os`: it runs before anything else does.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from time import sleep

TYPE_CHECKING = False  # what typing has, without its 3 ms: this is loaded when nothing has changed
if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping

_TICKS = 100
"""How many milliseconds to wait for the clock of a file system: most tick every 4."""

_NUMBERS = 5
"""How many a fingerprint has; that of a link has its own before those of the file it leads to."""


def _of(status: os.stat_result) -> str:
    return f"{status.st_dev} {status.st_ino} {status.st_size} {status.st_mtime_ns} {status.st_ctime_ns}"


def of(path: str) -> str:
    """The fingerprint of a file, "" when it is not there."""
    try:
        return _of(os.stat(path))
    except OSError:
        return ""


def sure(known: str, clocks: Mapping[str, int]) -> bool:
    """Whether a later change of a file must show in its fingerprint: the clock has moved on since the last."""
    numbers = known.split()
    return all(
        int(changed) < clocks.get(device, 0)
        for device, changed in zip(numbers[::_NUMBERS], numbers[_NUMBERS - 1 :: _NUMBERS], strict=False)
    )


def clock(folder: str) -> int:
    """The time in nanoseconds of the file system a folder lies on, which may be another than the machine's.

    It is that of a file made there for a moment, without a name where that can be (open(2), O_TMPFILE): then even the
    folder stays as it is. Raises OSError.
    """
    with suppress(AttributeError, OSError):  # not Linux; a file system that cannot do it
        return _changed(os.open(folder, os.O_TMPFILE | os.O_WRONLY | os.O_CLOEXEC, 0o600))
    path = os.path.join(folder, f".feeds-clock-{os.getpid()}")
    try:
        return _changed(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    finally:
        os.unlink(path)


def _changed(file: int) -> int:
    try:
        return os.fstat(file).st_ctime_ns
    finally:
        os.close(file)


def clocks(folders: Iterable[str]) -> dict[str, int]:
    """The time of the file systems these folders lie on, by device; of one where nothing can be written, none."""
    found: dict[str, int] = {}
    for folder in folders:
        with suppress(OSError):
            device = str(os.stat(folder).st_dev)
            if device not in found:
                found[device] = clock(folder)
    return found


def settled(folders: Iterable[str], fingerprints: Iterable[str]) -> bool:
    """Whether a later change of these files below these folders must show; waits for the clocks to move on."""
    places, known = [*folders], [*fingerprints]
    for _ in range(_TICKS):
        now = clocks(places)
        if all(sure(one, now) for one in known):
            return True
        sleep(0.001)
    return False


def program() -> str:
    """What this program is: its own files, and whether a library was installed or removed since."""
    own = os.path.dirname(os.path.dirname(os.path.dirname(__file__)))
    libraries = [path for path in sys.path if os.path.basename(path) in ("site-packages", "dist-packages")]
    changed = [str(os.stat(path).st_mtime_ns) for path in libraries if os.path.isdir(path)]
    beside = os.path.join(os.path.dirname(own), "templates")
    files = listing(own, (".",)) | (listing(beside, (".",)) if os.path.isdir(beside) else {})
    sources = {path: known for path, known in files.items() if path[-1] != "/" and "__pycache__" not in path}
    return "\n".join([sys.version, *changed, *lines(sources)])


def listing(root: str, folders: Iterable[str], skip: Container[str] = ()) -> dict[str, str]:
    """The fingerprint of every file and folder below these folders of the root, by its path from there. A folder's
    tells of files that come and go. Hidden ones are left out, and what has its path in `skip`.
    """
    found = dict(pair for name in folders for pair in _below(root, name, skip))
    return {path: found[path] for path in sorted(found)}


def lines(fingerprints: Mapping[str, str]) -> Iterator[str]:
    """Fingerprints as text, a line each."""
    return (f"{path} {known}" for path, known in fingerprints.items())


def _below(root: str, name: str, skip: Container[str]) -> Iterator[tuple[str, str]]:
    waiting = [name]
    while waiting:
        base = waiting.pop()
        path = os.path.join(root, base)
        try:
            if base != ".":
                yield f"{base}/", _of(os.stat(path))
            with os.scandir(path) as entries:
                for entry in entries:
                    below = f"{base}/{entry.name}" if base != "." else entry.name
                    if entry.name[0] == "." or below in skip:
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(below)
                    elif entry.is_symlink():  # it may lead nowhere
                        yield below, f"{_of(os.lstat(entry.path))} {of(entry.path)}"
                    else:
                        yield below, _of(entry.stat())
        except OSError as error:
            yield base, f"{error.errno}"
